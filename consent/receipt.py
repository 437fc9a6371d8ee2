"""The receipt of a decision: a compact JWS (RFC 7515; EdDSA, RFC 8037) that a sender keeps or shows. Pure.

Anybody with the published keys verifies it offline. It is bound to the key that asked (`aud`), the lead
(`sub`), channel, purpose and content flags, the facts decided on (`facts_sha256`) and its entry in the trail,
and it ends with the answer (`exp`).
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

TYPE = "leadwarden-decision+jwt"


class Signer(Protocol):
    """The key that signs receipts, by its published name."""

    kid: str

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519."""


@dataclass(frozen=True, slots=True)
class Receivable:
    """An answer that a receipt is made of: the stored text, what of it binds, and its entry in the trail."""

    text: str
    decision_id: str
    asker: str
    lead_id: str | None
    decided_at: datetime
    valid_until: datetime
    entry_id: str
    leaf_hash: bytes


def receipt(answer: Receivable, signer: Signer) -> str:
    """The registered claims (RFC 7519), then all that is stored of the answer, word for word."""
    lead = f'"sub":"{answer.lead_id}",' if answer.lead_id else ""
    claims = (
        f'{{"iss":"leadwarden","aud":"{answer.asker}",{lead}"jti":"{answer.decision_id}",'
        f'"iat":{int(answer.decided_at.timestamp())},"exp":{int(answer.valid_until.timestamp())},'
        f'"entry_id":"{answer.entry_id}","leaf_hash":"{answer.leaf_hash.hex()}",{answer.text[1:]}'
    )
    signed = _header(signer.kid) + b"." + _base64url(claims.encode())
    return (signed + b"." + _base64url(signer.sign(signed))).decode("ascii")


@lru_cache(maxsize=16)
def _header(kid: str) -> bytes:
    return _base64url(f'{{"alg":"EdDSA","typ":"{TYPE}","kid":"{kid}"}}'.encode())


def _base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
