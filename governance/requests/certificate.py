"""The completion certificate: what was found, changed and, on reading back, remained; signed. Pure.

A compact JWS (RFC 7515, EdDSA of RFC 8037) over RFC 8785 JSON. It names no person: who it is about is known
to whoever holds the request. Its log entries stand in it by id and leaf hash; their inclusion proofs are
handed out beside it, once they are sequenced.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from audit.canonical import JSON, canonical_bytes
from audit.entry import stamp

TYPE = "leadwarden-certificate+jws"


class SignsReceipts(Protocol):
    """What signs: `governance.vault.signing.ReceiptSigner`."""

    @property
    def kid(self) -> str:
        """The id of the key, as in `/.well-known/jwks.json`."""

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature."""


@dataclass(frozen=True, slots=True)
class CertifiedStep:
    """One store's line. `by_hand`: a person answers for it, and nothing was read back."""

    store: str
    action: str
    status: str
    found: int | None
    changed: int | None
    remaining: int | None
    attempts: int
    reason: str | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class CertifiedEntry:
    """An entry of the log about the request, before the certificate."""

    entry_id: str
    action: str
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class Certified:
    """Everything that a certificate says. `look_back_until` is when the kept identifiers are destroyed.

    `recipients` are those who had received the data, and how each was told (GDPR art. 19).
    """

    request_id: str
    number: int
    type: str
    regime: str
    status: str
    controller: str
    received_at: datetime
    approved_at: datetime
    completed_at: datetime
    look_back_until: datetime
    steps: Sequence[CertifiedStep]
    entries: Sequence[CertifiedEntry]
    recipients: Sequence[Mapping[str, JSON]] = ()


def document_of(certified: Certified) -> dict[str, JSON]:
    """The certificate as a JSON object."""
    return {
        "version": 1,
        "request_id": certified.request_id,
        "number": certified.number,
        "type": certified.type,
        "regime": certified.regime,
        "status": certified.status,
        "controller": certified.controller,
        "received_at": stamp(certified.received_at),
        "approved_at": stamp(certified.approved_at),
        "completed_at": stamp(certified.completed_at),
        "look_back_until": stamp(certified.look_back_until),
        "steps": [_step_out(step) for step in certified.steps],
        "exemptions": [
            {"store": step.store, "reason": step.reason} for step in certified.steps if step.reason
        ],
        "recipients": [dict(recipient) for recipient in certified.recipients],
        "entries": [
            {"entry_id": entry.entry_id, "action": entry.action, "leaf_hash": entry.leaf_hash.hex()}
            for entry in certified.entries
        ],
    }


def sign(document: dict[str, JSON], signer: SignsReceipts) -> str:
    """The document as a compact JWS."""
    header = canonical_bytes({"alg": "EdDSA", "kid": signer.kid, "typ": TYPE})
    signed = f"{_base64url(header)}.{_base64url(canonical_bytes(document))}"
    return f"{signed}.{_base64url(signer.sign(signed.encode()))}"


def read(jws: str) -> dict[str, Any]:
    """The document in a JWS of ours, its signature not looked at."""
    payload = jws.split(".")[1]
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return document


def _step_out(step: CertifiedStep) -> dict[str, JSON]:
    line: dict[str, JSON] = {
        "store": step.store,
        "action": step.action,
        "status": step.status,
        "found": step.found,
        "changed": step.changed,
        "remaining": step.remaining,
        "attempts": step.attempts,
    }
    if step.reason:
        line["reason"] = step.reason
    if step.by_hand:
        line["by_hand"] = True
    return line


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
