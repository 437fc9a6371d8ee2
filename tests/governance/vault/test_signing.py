"""`governance.vault.signing`: one living key a purpose, retired ones stay published and sign no more."""

from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.note import Note, parse_vkey
from governance.errors import WrapBrokenError
from governance.vault.keyring import Keyring
from governance.vault.signing import (
    ReceiptSigner,
    kid_of,
    log_signer,
    private_key,
    public_jwk,
    published,
    receipt_jwks,
    receipt_signer,
    rotate,
    unwrapped,
    verified,
)
from governance.vault.tables import SigningKeyRow, SigningPurpose
from tests.governance.vault.walks import vectors

ORIGIN = "leadwarden.example/log"


def test_a_signing_key_is_made_once(keys: Session, keyring: Keyring, now: datetime) -> None:
    """Opening again finds it; the two purposes have different keys."""
    first = receipt_signer(keys, keyring, now)
    again = receipt_signer(keys, keyring, now)

    assert first.kid == again.kid
    assert first.sign(b"x") == again.sign(b"x")
    assert log_signer(keys, keyring, ORIGIN, now).key.public_key not in [
        key.public for key in published(keys, SigningPurpose.RECEIPTS)
    ]


def test_a_receipt_verifies_under_the_published_key(keys: Session, keyring: Keyring, now: datetime) -> None:
    """And no other message does."""
    signer = receipt_signer(keys, keyring, now)
    (key,) = published(keys, SigningPurpose.RECEIPTS)
    signature = signer.sign(b"the answer")

    assert verified(key.public, b"the answer", signature)
    assert not verified(key.public, b"another answer", signature)
    assert receipt_jwks(keys) == {"keys": [signer.public_jwk()]}


def test_the_log_signs_notes_under_its_origin(keys: Session, keyring: Keyring, now: datetime) -> None:
    """The published key is the signer's."""
    signer = log_signer(keys, keyring, ORIGIN, now)
    note = Note.parse(signer.sign_note("hello\n"))

    assert [signer.key.public_key] == [key.public for key in published(keys, SigningPurpose.LOG)]
    assert note.verified_by([parse_vkey(signer.vkey)])


def test_a_rotation_keeps_the_old_public_key_and_nothing_to_sign_with(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """What the old key signed can be verified as long as it is kept; nothing new can be signed."""
    old = receipt_signer(keys, keyring, now)
    signature = old.sign(b"the answer")
    later = now + timedelta(days=90)
    new_kid = rotate(keys, keyring, SigningPurpose.RECEIPTS, later)
    retired, living = published(keys, SigningPurpose.RECEIPTS)
    row = keys.scalars(select(SigningKeyRow).where(SigningKeyRow.kid == old.kid)).one()

    assert (old.kid, now, later) == (retired.kid, retired.since, retired.until)
    assert (new_kid, later, None) == (living.kid, living.since, living.until)
    assert receipt_signer(keys, keyring, later).kid == new_kid
    assert verified(retired.public, b"the answer", signature)
    assert row.wrapped is None
    with pytest.raises(ValueError, match="retired"):
        unwrapped(keyring, row)


def test_rotating_before_the_first_key_makes_it(keys: Session, keyring: Keyring, now: datetime) -> None:
    """Order does not matter."""
    kid = rotate(keys, keyring, SigningPurpose.RECEIPTS, now)

    assert receipt_signer(keys, keyring, now).kid == kid


def test_two_racers_can_not_both_make_the_first_key(keys: Session, keyring: Keyring, now: datetime) -> None:
    """The primary key lets one win."""
    receipt_signer(keys, keyring, now)
    row = keys.scalars(select(SigningKeyRow)).one()
    keys.expunge(row)
    keys.add(
        SigningKeyRow(
            purpose=row.purpose, generation=1, kid="other", public=b"", root=1, wrapped=b"", created_at=now
        )
    )

    with pytest.raises(IntegrityError):
        keys.flush()
    keys.rollback()
    assert keys.scalar(select(func.count()).select_from(SigningKeyRow)) == 0


def test_a_signing_key_does_not_open_for_another_purpose(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """A receipt can not be signed with the key of the log."""
    receipt_signer(keys, keyring, now)
    row = keys.scalars(select(SigningKeyRow)).one()
    row.purpose = SigningPurpose.LOG
    keys.flush()

    with pytest.raises(WrapBrokenError):
        private_key(keys, keyring, SigningPurpose.LOG, now)


def test_a_kid_is_the_thumbprint_of_rfc_8037() -> None:
    """The example of RFC 8037, appendix A.3."""
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

    assert kid_of(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert public_jwk(public)["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"


def test_nothing_of_a_private_key_shows_in_the_repr() -> None:
    """Only the public name."""
    signer = ReceiptSigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))

    assert repr(signer) == f"ReceiptSigner({signer.kid})"


def test_verification_meets_the_public_vectors() -> None:
    """Wycheproof's Ed25519 cases, good and forged."""
    tried = 0
    for group, case in vectors("ed25519_test.json"):
        public = bytes.fromhex(group["publicKey"]["pk"])
        message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
        assert verified(public, message, signature) == (case["result"] == "valid"), case["tcId"]
        tried += 1

    assert tried == 151
