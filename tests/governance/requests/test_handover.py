"""A login at the controller, as a token that nothing but the controller can make."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.note import Ed25519Key
from governance.errors import HandOverRefusedError
from governance.identity import email
from governance.requests import handover

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = Ed25519Key("logins", KEY.public_key().public_bytes_raw())
HERE = "https://privacy.example.com"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
CLAIMS: dict[str, Any] = {
    "aud": HERE,
    "iat": SECONDS,
    "exp": SECONDS + 300,
    "jti": "0123456789abcdef",
    "request_id": "8f14e45f-0000-4000-8000-000000000000",
    "identity": {"email": "Anna@Example.com"},
}


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(
    claims: object = CLAIMS,
    header: object = {"alg": "EdDSA"},
    key: Ed25519PrivateKey = KEY,
) -> str:
    """A compact JWS."""
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    return f"{signed}.{encoded(key.sign(signed.encode()))}"


def read(text: str, now: datetime = NOW) -> handover.HandOver:
    """What the service makes of it."""
    return handover.read(text, PUBLIC, audience=HERE, now=now)


def test_a_good_token_says_who_logged_in_for_what() -> None:
    """Its id is kept as a digest only."""
    handed = read(token())

    assert handed.request_id == CLAIMS["request_id"]
    assert handed.reference == email("anna@example.com")
    assert handed.until.timestamp() == CLAIMS["exp"]
    assert len(handed.used) == 64
    assert CLAIMS["jti"] not in handed.used


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://elsewhere.example.com"},
        {"aud": [HERE]},
        {"aud": None},
        {"exp": SECONDS},
        {"exp": SECONDS - 1},
        {"iat": SECONDS + 61, "exp": SECONDS + 300},
        {"iat": SECONDS - 301},
        {"exp": SECONDS + 601},
        {"exp": True},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"exp": -1e300},
        {"iat": None},
        {"jti": "short"},
        {"jti": "x" * 129},
        {"jti": 17},
        {"request_id": None},
        {"request_id": ["a"]},
        {"identity": None},
        {"identity": "anna@example.com"},
        {"identity": {"email": "no address"}},
        {"identity": {"email": "a@example.com", "phone": "+49301234567"}},
    ],
    ids=str,
)
def test_claims_that_are_not_good_are_refused(change: dict[str, Any]) -> None:
    """Signed as they are."""
    with pytest.raises(HandOverRefusedError):
        read(token(CLAIMS | change))


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_every_claim_is_needed(name: str) -> None:
    """None has a default."""
    with pytest.raises(HandOverRefusedError):
        read(token({key: value for key, value in CLAIMS.items() if key != name}))


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256"}, {"alg": ["EdDSA"]}, {}, [], "EdDSA", None]
)
def test_no_token_chooses_how_it_is_checked(header: object) -> None:
    """One algorithm, whatever the header asks for."""
    with pytest.raises(HandOverRefusedError):
        read(token(header=header))


def test_another_key_is_no_signature() -> None:
    """Nor is the public key used as a secret."""
    with pytest.raises(HandOverRefusedError, match="signature"):
        read(token(key=Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)))


@given(st.integers(0, len(token()) - 1), st.sampled_from("AZaz09-_."))
def test_no_changed_character_passes(place: int, other: str) -> None:
    """Every part is under the signature, or is it."""
    good = token()
    if good[place] == other:
        return
    forged = good[:place] + other + good[place + 1 :]
    try:
        handed = read(forged)
    except HandOverRefusedError:
        return
    assert forged.rpartition(".")[0] == good.rpartition(".")[0]  # another spelling of the same signature bits
    assert handed == read(good)


@given(st.text(max_size=300))
def test_anything_else_is_refused(text: str) -> None:
    """With no other error."""
    with pytest.raises(HandOverRefusedError):
        read(text)


def test_a_token_that_is_too_long_is_not_read() -> None:
    """Work is bounded before a signature is looked at."""
    with pytest.raises(HandOverRefusedError):
        read(token(CLAIMS | {"more": "x" * handover.LONGEST_TOKEN}))


@pytest.mark.parametrize("text", ["", "x", "ä" * 43, encoded(b"\x01" * 31), encoded(b"\x01" * 33)])
def test_only_a_key_of_32_bytes_is_one(text: str) -> None:
    """The setting stops the start otherwise."""
    with pytest.raises(ValueError, match="Ed25519"):
        handover.public_key(text)


def test_a_key_is_read_as_it_stands_in_a_jwk() -> None:
    """Base64url, without padding."""
    raw = KEY.public_key().public_bytes_raw()

    assert handover.public_key(encoded(raw)).public_key == raw
