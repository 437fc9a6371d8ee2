"""The receipt of a decision: a compact JWS (RFC 7515; EdDSA, RFC 8037) that a sender keeps or shows. Pure.

Anybody with the published keys verifies it offline. It is bound to the key that asked (`aud`), the lead
(`sub`), channel, purpose and content flags, the facts decided on (`facts_sha256`) and its entry in the trail,
and it ends with the answer (`exp`).
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

TYPE = "leadwarden-decision+jwt"

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode

Sign = Callable[[bytes], bytes]
"""Signs with the key that `kid` names: 64 bytes of Ed25519."""


def receipt(answer: Mapping[str, Any], *, entry_id: str, leaf_hash: str, kid: str, sign: Sign) -> str:
    """The receipt of a stored answer (see `answers.stored_answer`) under the audit entry that covers it."""
    signed = _header(kid) + b"." + _base64url(_encode(claims(answer, entry_id, leaf_hash)).encode())
    return (signed + b"." + _base64url(sign(signed))).decode("ascii")


def claims(answer: Mapping[str, Any], entry_id: str, leaf_hash: str) -> dict[str, Any]:
    """What a receipt says. Instants are seconds since 1970 (RFC 7519)."""
    question = answer["question"]
    return {
        "iss": "leadwarden",
        "aud": answer["asker"],
        "sub": answer["lead_id"],
        "jti": answer["decision_id"],
        "iat": _seconds(answer["decided_at"]),
        "exp": _seconds(answer["valid_until"]),
        "effect": answer["effect"],
        "reasons": answer["reasons"],
        "obligations": answer["obligations"],
        **question,
        "rulebook": answer["rulebook"],
        "facts_sha256": answer["facts_sha256"],
        "entry_id": entry_id,
        "leaf_hash": leaf_hash,
    }


@lru_cache(maxsize=16)
def _header(kid: str) -> bytes:
    return _base64url(_encode({"alg": "EdDSA", "typ": TYPE, "kid": kid}).encode())


def _base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _seconds(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())
