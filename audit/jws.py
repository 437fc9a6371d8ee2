"""Receipts of decisions, as an auditor reads them: a compact JWS (RFC 7515) signed with EdDSA (RFC 8037).

Of its claims only the promise is read: `entry_id`, `leaf_hash` and `decided_at`. The keys are a JWK Set
(RFC 7517), as the service publishes it at `/.well-known/jwks.json`.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from audit.errors import JwksMalformedError, NoteMalformedError, ReceiptMalformedError, ReceiptUnverifiedError
from audit.merkle import HASH_BYTES
from audit.note import Ed25519Key, Key, from_base64

TYPE = "leadwarden-decision+jwt"

_ID = re.compile(r"[0-9A-Za-z-]{1,36}")  # what is shown to a person before its signature is checked
_BASE64URL = re.compile(r"[0-9A-Za-z_-]*")


@dataclass(frozen=True, slots=True)
class DecisionReceipt:
    """Which entry covers a decision, and when it was made; nothing is believed until `require_signed_by`."""

    entry_id: str
    leaf_hash: bytes
    decided_at: datetime
    kid: str
    signed: str = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read, not believed.

        Raises:
            ReceiptMalformedError: not a receipt of a decision.
        """
        try:
            header, claims, signature = text.split(".")
            head, told = _document(header), _document(claims)
            if (head["alg"], head["typ"]) != ("EdDSA", TYPE):
                raise ReceiptMalformedError("a JWS of another kind than a decision's receipt")
            if not _ID.fullmatch(told["entry_id"]):
                raise ReceiptMalformedError("a decision's receipt that names no entry")
            receipt = cls(
                entry_id=told["entry_id"],
                leaf_hash=bytes.fromhex(told["leaf_hash"]),
                decided_at=datetime.fromisoformat(told["decided_at"]).astimezone(UTC),
                kid=str(head["kid"]),
                signed=f"{header}.{claims}",
                signature=_from_base64url(signature),
            )
        except (ValueError, LookupError, TypeError, OverflowError, RecursionError, NoteMalformedError):
            raise ReceiptMalformedError("not a receipt of a decision") from None
        if len(receipt.leaf_hash) != HASH_BYTES:
            raise ReceiptMalformedError("a decision's receipt without the hash of its entry")
        return receipt

    def require_signed_by(self, keys: Sequence[Key]) -> None:
        """The key that it names is among these, and signed exactly this.

        Raises:
            ReceiptUnverifiedError: it did not, or is not.
        """
        named = [key for key in keys if key.name == self.kid]
        if not named:
            raise ReceiptUnverifiedError(f"the receipt of entry {self.entry_id}: its key is not in the JWKS")
        if not any(key.verify(self.signed, self.signature) for key in named):
            raise ReceiptUnverifiedError(f"the receipt of entry {self.entry_id}: its signature is wrong")


def parse_jwks(text: str) -> tuple[Ed25519Key, ...]:
    """The Ed25519 keys of a JWK Set, under their names; keys of other kinds are passed over.

    Raises:
        JwksMalformedError: not a JWK Set, or one without such a key.
    """
    try:
        listed = [
            key for key in json.loads(text)["keys"] if (key["kty"], key.get("crv")) == ("OKP", "Ed25519")
        ]
        keys = tuple(Ed25519Key(key["kid"], _from_base64url(key["x"])) for key in listed)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, NoteMalformedError):
        raise JwksMalformedError("not a JWK Set") from None
    if not keys:
        raise JwksMalformedError("the JWK Set holds no Ed25519 key")
    return keys


def _document(part: str) -> dict[str, Any]:
    document = json.loads(_from_base64url(part))
    if not isinstance(document, dict):
        raise ReceiptMalformedError("a part of the JWS is no object")
    return document


def _from_base64url(text: str) -> bytes:
    """RFC 7515, section 2: base64url without padding, in its one spelling."""
    if not _BASE64URL.fullmatch(text):
        raise NoteMalformedError("not base64url")
    return from_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
