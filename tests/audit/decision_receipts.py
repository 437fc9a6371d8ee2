"""Receipts of decisions, made as the service makes them, for tests of the verifier."""

import base64
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.jws import TYPE
from audit.log import Appended
from tests.audit.conftest import NOW

KID = "decisions-key"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32)


def base64url(raw: bytes) -> str:
    """RFC 7515, section 2."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(document: object) -> str:
    """A part of a compact JWS."""
    return base64url(json.dumps(document).encode())


def jws(
    claims: object,
    private: Ed25519PrivateKey = PRIVATE,
    *,
    alg: str = "EdDSA",
    typ: str = TYPE,
    kid: str = KID,
) -> str:
    """A signed compact JWS over these claims."""
    signed = f"{part({'alg': alg, 'typ': typ, 'kid': kid})}.{part(claims)}"
    return f"{signed}.{base64url(private.sign(signed.encode()))}"


def claims_of(appended: Appended, at: datetime = NOW) -> dict[str, Any]:
    """What of the claims a promise is read from."""
    return {
        "entry_id": appended.entry_id,
        "leaf_hash": appended.leaf_hash.hex(),
        "decided_at": at.isoformat(),
        "iat": int(at.timestamp()),
    }


def jwk(private: Ed25519PrivateKey = PRIVATE, kid: str = KID) -> dict[str, str]:
    """The public half, as RFC 8037 writes it."""
    x = base64url(private.public_key().public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"}


def jwks(*keys: dict[str, str]) -> str:
    """A JWK Set; of the service's own key where none is given."""
    return json.dumps({"keys": list(keys or (jwk(),))})
