"""What a certificate says, and that nobody can change it."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.requests import certificate
from governance.requests.certificate import Certified, CertifiedEntry, CertifiedStep
from governance.vault.signing import ReceiptSigner

DAY = datetime(2026, 11, 24, 10, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CERTIFIED = Certified(
    request_id="r",
    number=1,
    type="erasure",
    regime="gdpr",
    status="completed_with_exemptions",
    controller="Example Ltd",
    received_at=DAY,
    approved_at=DAY,
    completed_at=DAY,
    look_back_until=DAY,
    steps=(
        CertifiedStep("crm", "erase", "succeeded", 3, 3, 0, 1),
        CertifiedStep("erp", "erase", "exempt", 2, 0, 2, 1, reason="store_keeps:invoices"),
        CertifiedStep("binder", "erase", "succeeded", None, None, None, 1, by_hand=True),
    ),
    entries=(CertifiedEntry("e", "request.created", b"\x01" * 32),),
)


def test_every_step_and_every_exemption_is_named() -> None:
    """Found, changed, remaining; why something was kept; who answers where nothing was counted."""
    document = certificate.document_of(CERTIFIED)

    assert document["exemptions"] == [{"store": "erp", "reason": "store_keeps:invoices"}]
    assert document["steps"] == [
        {
            "store": "crm",
            "action": "erase",
            "status": "succeeded",
            "found": 3,
            "changed": 3,
            "remaining": 0,
            "attempts": 1,
        },
        {
            "store": "erp",
            "action": "erase",
            "status": "exempt",
            "found": 2,
            "changed": 0,
            "remaining": 2,
            "attempts": 1,
            "reason": "store_keeps:invoices",
        },
        {
            "store": "binder",
            "action": "erase",
            "status": "succeeded",
            "found": None,
            "changed": None,
            "remaining": None,
            "attempts": 1,
            "by_hand": True,
        },
    ]


def test_what_is_signed_can_be_read_back() -> None:
    """The text is the certificate: nothing is kept beside it."""
    document = certificate.document_of(CERTIFIED)

    assert certificate.read(certificate.sign(document, ReceiptSigner(KEY))) == document


def test_the_signature_is_a_plain_jws() -> None:
    """Any JOSE library can check it: EdDSA, with the key's id in the header."""
    signer = ReceiptSigner(KEY)
    header, payload, signature = certificate.sign(certificate.document_of(CERTIFIED), signer).split(".")
    signed = f"{header}.{payload}".encode()

    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {
        "alg": "EdDSA",
        "kid": signer.kid,
        "typ": certificate.TYPE,
    }
    KEY.public_key().verify(base64.urlsafe_b64decode(signature + "=="), signed)


def test_a_changed_count_breaks_the_signature() -> None:
    """Three erased rows can not become four."""
    signer = ReceiptSigner(KEY)
    _, _, signature = certificate.sign(certificate.document_of(CERTIFIED), signer).split(".")
    forged = certificate.document_of(CERTIFIED) | {"status": "completed"}
    header, payload, _ = certificate.sign(forged, signer).split(".")

    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(base64.urlsafe_b64decode(signature + "=="), f"{header}.{payload}".encode())
