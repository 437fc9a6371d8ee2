"""The receipt of a decision."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from consent.receipt import TYPE, Receivable, receipt

# The contract names RFC 8037's EdDSA; RFC 9864 would now call it Ed25519.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ANSWER = Receivable(
    text='{"decision_id":"decision-1","question":{"channel":"email","content":{"promotional":true}},"effect":"allow"}',
    decision_id="decision-1",
    asker="key-1",
    lead_id="lead-1",
    decided_at=NOW,
    valid_until=NOW + timedelta(minutes=15),
    entry_id="entry-1",
    leaf_hash=b"\xbb" * 32,
)


class KnownSigner:
    """The signer of the vault, with a key that everybody knows."""

    kid = "kid-1"

    def sign(self, message: bytes) -> bytes:
        """RFC 8032."""
        return KEY.sign(message)


def made() -> str:
    """A receipt under the test's key."""
    return receipt(ANSWER, KnownSigner())


def public_key() -> OKPKey:
    """The published half."""
    raw = urlsafe_b64encode(KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": raw})


def test_any_jose_library_verifies_it() -> None:
    """A library that this project did not write accepts the signature and reads the claims."""
    verified = jws.deserialize_compact(made(), public_key(), algorithms=["EdDSA"])

    claims = json.loads(verified.payload)
    assert verified.headers() == {"alg": "EdDSA", "typ": TYPE, "kid": "kid-1"}
    assert (claims["aud"], claims["sub"], claims["jti"]) == ("key-1", "lead-1", "decision-1")
    assert (claims["exp"] - claims["iat"], claims["effect"]) == (15 * 60, "allow")
    assert claims["question"] == {"channel": "email", "content": {"promotional": True}}
    assert (claims["entry_id"], claims["leaf_hash"]) == ("entry-1", "b" * 64)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_character_is_noticed(part: int) -> None:
    """In the header, in the claims and in the signature."""
    parts = made().split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]

    with pytest.raises((JoseError, ValueError)):
        jws.deserialize_compact(".".join(parts), public_key(), algorithms=["EdDSA"])


def test_the_bytes_are_fixed() -> None:
    """The same answer under the same key is the same receipt, so it can be made again at any time."""
    header, payload, signature = made().split(".")

    assert made() == f"{header}.{payload}.{signature}"
    assert urlsafe_b64decode(header + "==") == b'{"alg":"EdDSA","typ":"%s","kid":"kid-1"}' % TYPE.encode()
    assert len(urlsafe_b64decode(signature + "==")) == 64
