"""The evidence of a consent: sealed under the lead's own key, and what it proves. Pure."""

import json
from collections.abc import Mapping

from audit.canonical import JSON
from consent.vocabulary import Proof
from governance.vault.sealing import Cell, DataKey, open_sealed, seal

TABLE, COLUMN = "consent_events", "evidence"  # permanent: sealed bytes are bound to them

_PROOFS = {
    "web_form": Proof.WEB_FORM,
    "double_opt_in": Proof.DOUBLE_OPT_IN,
    "signed_form": Proof.SIGNED_WEB_FORM,
    "oral_note": Proof.ORAL_NOTE,
}


def proof_of(method: str, evidence: Mapping[str, JSON] | None) -> Proof | None:
    """How a consent can be shown. What was imported, or sent by a program, proves nothing by itself.

    It does where the evidence names the form that the person filled in.
    """
    if method in _PROOFS:
        return _PROOFS[method]
    return Proof.WEB_FORM if evidence and evidence.get("form_id") else None


def seal_evidence(key: DataKey, consent_id: str, evidence: Mapping[str, JSON]) -> bytes:
    """The evidence, readable with the lead's key at this consent only."""
    return seal(key, _cell(key.owner, consent_id), json.dumps(dict(evidence)).encode())


def open_evidence(key: DataKey, consent_id: str, sealed: bytes) -> dict[str, JSON]:
    """What was sealed.

    Raises:
        SealBroken: it is not this consent's.
    """
    opened: dict[str, JSON] = json.loads(open_sealed(key, _cell(key.owner, consent_id), sealed))
    return opened


def _cell(lead_id: str, consent_id: str) -> Cell:
    return Cell(TABLE, COLUMN, consent_id, lead_id, 1)
