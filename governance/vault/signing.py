"""The Ed25519 keys that sign checkpoints of the log and receipts of decisions.

Each purpose has one living key, made once: the primary key lets one racer win. Its private half is wrapped
under a root key; when the key retires the private half is deleted and the public half stays published.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.note import Signer
from governance.vault.keyring import Keyring, lock_current
from governance.vault.tables import Role, SigningKeyRow, SigningPurpose
from governance.vault.wrapping import context


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """The public half of a signing key: signed since `since`, until `until` (still does: None)."""

    kid: str
    public: bytes
    since: datetime
    until: datetime | None


class ReceiptSigner:
    """Signs receipts; the private key never shows. Ed25519 is deterministic and needs no lock."""

    __slots__ = ("_private", "kid")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.kid = kid_of(private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"ReceiptSigner({self.kid})"

    def sign(self, message: bytes) -> bytes:
        """RFC 8032, 64 bytes."""
        return self._private.sign(message)

    def public_jwk(self) -> dict[str, str]:
        """The public key as RFC 8037 writes it."""
        return public_jwk(self._private.public_key().public_bytes_raw())


def log_signer(keys: Session, keyring: Keyring, origin: str, now: datetime) -> Signer:
    """The signer of the log named `origin`, whose key is made where there is none."""
    return Signer(origin, private_key(keys, keyring, SigningPurpose.LOG, now))


def receipt_signer(keys: Session, keyring: Keyring, now: datetime) -> ReceiptSigner:
    """The signer of receipts, whose key is made where there is none."""
    return ReceiptSigner(private_key(keys, keyring, SigningPurpose.RECEIPTS, now))


def private_key(keys: Session, keyring: Keyring, purpose: SigningPurpose, now: datetime) -> Ed25519PrivateKey:
    """The living key of a purpose, made where there is none.

    Raises:
        WrapBrokenError: the row was changed by hand.
    """
    row = _living(keys, purpose) or _add(keys, keyring, purpose, 1, now)
    return Ed25519PrivateKey.from_private_bytes(unwrapped(keyring, row))


def rotate(keys: Session, keyring: Keyring, purpose: SigningPurpose, now: datetime) -> str:
    """Retires the living key and makes the next; gives its kid. Signers are then opened anew.

    The auditor must be told a new log key by another way than the log: see `docs/keys.md`.
    """
    old = _living(keys, purpose, lock=True)
    generation = 1
    if old is not None:
        old.retired_at, old.wrapped = now, None
        generation = old.generation + 1
    return _add(keys, keyring, purpose, generation, now).kid


def published(keys: Session, purpose: SigningPurpose) -> tuple[PublishedKey, ...]:
    """Every public key of a purpose, retired ones too, oldest first."""
    statement = select(SigningKeyRow).where(SigningKeyRow.purpose == purpose)
    rows = keys.scalars(statement.order_by(SigningKeyRow.generation))
    return tuple(PublishedKey(row.kid, row.public, row.created_at, row.retired_at) for row in rows)


def receipt_jwks(keys: Session) -> dict[str, list[dict[str, str]]]:
    """The JWK Set of `/.well-known/jwks.json`."""
    return {"keys": [public_jwk(key.public) for key in published(keys, SigningPurpose.RECEIPTS)]}


def public_jwk(public: bytes) -> dict[str, str]:
    """A public key as RFC 8037, section 2, with what it is used for and its name."""
    return {**_thumbprint_members(public), "use": "sig", "alg": "EdDSA", "kid": kid_of(public)}


def kid_of(public: bytes) -> str:
    """The key's name: its JWK thumbprint (RFC 7638), so that it needs no register."""
    members = json.dumps(_thumbprint_members(public), separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(members.encode()).digest())


def verified(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this key signed exactly this message (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def unwrapped(keyring: Keyring, row: SigningKeyRow) -> bytes:
    """The private half of a living key."""
    if row.wrapped is None:
        raise ValueError("a retired key signs no more")
    return keyring.wrapper(Role.ROOT, row.root).unwrap(row.wrapped, _about(row.purpose, row.kid, row.root))


def wrap_under(keyring: Keyring, row: SigningKeyRow, private: bytes, root: int) -> None:
    """Puts the private half under another root key."""
    row.wrapped = keyring.wrapper(Role.ROOT, root).wrap(private, _about(row.purpose, row.kid, root))
    row.root = root


def _living(keys: Session, purpose: SigningPurpose, *, lock: bool = False) -> SigningKeyRow | None:
    statement = select(SigningKeyRow).where(
        SigningKeyRow.purpose == purpose, SigningKeyRow.retired_at.is_(None)
    )
    return keys.scalars(statement.with_for_update() if lock else statement).one_or_none()


def _add(
    keys: Session, keyring: Keyring, purpose: SigningPurpose, generation: int, now: datetime
) -> SigningKeyRow:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    row = SigningKeyRow(
        purpose=purpose, generation=generation, kid=kid_of(public), public=public, created_at=now
    )
    wrap_under(keyring, row, private.private_bytes_raw(), lock_current(keys, keyring, Role.ROOT))
    keys.add(row)
    keys.flush()
    return row


def _about(purpose: SigningPurpose, kid: str, root: int) -> bytes:
    return context("leadwarden signing key 1", purpose, kid, root)


def _thumbprint_members(public: bytes) -> Mapping[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
