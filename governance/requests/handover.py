"""A login at the controller, handed over: a short-lived signed token that says whose login it was. Pure.

    header  {"alg": "EdDSA"}                       a compact JWS (RFC 7515, RFC 8037); no other is read
    claims  aud         where people reach this service, so that a token for elsewhere is worth nothing here
            exp, iat    seconds; good for at most `LONGEST_LIFE`
            jti         16 to 128 characters, different in each token: a token is used once
            request_id  which request the person logged in for
            identity    a reference: the address or id under which the controller knows the person

There is one algorithm and one key, both fixed by the operator: nothing in a token chooses how it is checked.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from audit.note import Ed25519Key
from governance.errors import HandOverRefusedError, IdentityInvalidError
from governance.identity import Reference, parse_reference

LONGEST_TOKEN = 4_096
LONGEST_LIFE = timedelta(minutes=10)
CLOCKS_DIFFER = timedelta(minutes=1)
SHORTEST_ID, LONGEST_ID = 16, 128
KEY_BYTES = 32
PARTS = 3


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a good token says. `used` is what is kept of it, so that it is not used again before `until`."""

    request_id: str
    reference: Reference = field(repr=False)
    used: str
    until: datetime


def public_key(text: str) -> Ed25519Key:
    """The key as it stands in a JWK's `x`.

    Raises:
        ValueError: it is not 32 bytes in base64url.
    """
    try:
        raw = _decoded(text)
    except HandOverRefusedError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ValueError("must be an Ed25519 public key in base64url, as in the x of a JWK")
    return Ed25519Key("logins", raw)


def read(token: str, key: Ed25519Key, *, audience: str, now: datetime) -> HandOver:
    """What the token says, once all of it holds; its single use is for the caller to see to.

    Raises:
        HandOverRefusedError: the signature, the audience, the time or the shape is not good.
    """
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != PARTS:
        raise HandOverRefusedError("the token is no compact JWS")
    header, payload, signature = (_decoded(part) for part in parts)
    if _object(header).get("alg") != "EdDSA":
        raise HandOverRefusedError("the token is not signed with EdDSA")
    if not key.verify(f"{parts[0]}.{parts[1]}", signature):
        raise HandOverRefusedError("the signature is not the controller's")
    return _read_claims(_object(payload), audience=audience, now=now)


def _read_claims(claims: Mapping[str, Any], *, audience: str, now: datetime) -> HandOver:
    """Signed claims, checked one by one."""
    if claims.get("aud") != audience:
        raise HandOverRefusedError("the token is for another service")
    issued, expires = _instant(claims.get("iat")), _instant(claims.get("exp"))
    if not issued - CLOCKS_DIFFER <= now < expires or expires - issued > LONGEST_LIFE:
        raise HandOverRefusedError("the token is not valid at this moment, or for too long")
    own, request_id = claims.get("jti"), claims.get("request_id")
    if not isinstance(own, str) or not SHORTEST_ID <= len(own) <= LONGEST_ID:
        raise HandOverRefusedError("the token has no id of 16 to 128 characters")
    if not isinstance(request_id, str):
        raise HandOverRefusedError("the token names no request")
    return HandOver(
        request_id, _reference(claims.get("identity")), hashlib.sha256(own.encode()).hexdigest(), expires
    )


def _reference(identity: object) -> Reference:
    if not isinstance(identity, dict):
        raise HandOverRefusedError("the token names no identity")
    try:
        return parse_reference(identity)
    except IdentityInvalidError:
        raise HandOverRefusedError("the token names no identity that can be read") from None


def _instant(seconds: object) -> datetime:
    """A NumericDate of RFC 7519."""
    if type(seconds) not in {int, float}:
        raise HandOverRefusedError("the token does not say from when until when it is valid")
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC)
    except (OverflowError, ValueError, OSError):
        raise HandOverRefusedError("the token names a time that is none") from None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise HandOverRefusedError("the token holds no JSON object")
    return found


def _decoded(part: str) -> bytes:
    if not part.isascii():
        raise HandOverRefusedError("the token is not base64url")
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise HandOverRefusedError("the token is not base64url") from None
