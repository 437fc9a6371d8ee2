"""The evidence of a consent: what it proves, and where it opens."""

from collections.abc import Mapping

import pytest

from audit.canonical import JSON
from consent.vocabulary import Proof
from governance.errors import SealBroken
from governance.evidence import open_evidence, proof_of, seal_evidence
from governance.vault.sealing import Cell, DataKey, open_sealed

KEY = DataKey("lead-a", 1, bytes(range(32)))
EVIDENCE: dict[str, JSON] = {"ip": "192.0.2.7", "form_id": "f1"}


@pytest.mark.parametrize(
    ("method", "evidence", "proof"),
    [
        ("web_form", None, Proof.WEB_FORM),
        ("double_opt_in", None, Proof.DOUBLE_OPT_IN),
        ("signed_form", None, Proof.SIGNED_WEB_FORM),
        ("oral_note", None, Proof.ORAL_NOTE),
        ("oral_note", EVIDENCE, Proof.ORAL_NOTE),
        ("api", EVIDENCE, Proof.WEB_FORM),
        ("api", {"ip": "192.0.2.7"}, None),
        ("import", {"form_id": ""}, None),
        ("import", None, None),
    ],
)
def test_only_what_can_be_shown_is_a_proof(
    method: str, evidence: Mapping[str, JSON] | None, proof: Proof | None
) -> None:
    """A consent that a program sent proves nothing, unless it names the form that the person filled in."""
    assert proof_of(method, evidence) == proof


def test_evidence_opens_at_its_own_consent_only() -> None:
    """Evidence of one consent can not be passed off as that of another."""
    sealed = seal_evidence(KEY, "consent-1", EVIDENCE)

    assert open_evidence(KEY, "consent-1", sealed) == EVIDENCE
    with pytest.raises(SealBroken):
        open_evidence(KEY, "consent-2", sealed)


def test_the_ids_that_evidence_is_bound_to_never_change() -> None:
    """What an earlier version sealed was sealed at this cell."""
    sealed = seal_evidence(KEY, "consent-1", {"ip": "192.0.2.7"})
    cell = Cell("consent_events", "evidence", "consent-1", "lead-a", 1)

    assert open_sealed(KEY, cell, sealed) == b'{"ip": "192.0.2.7"}'
