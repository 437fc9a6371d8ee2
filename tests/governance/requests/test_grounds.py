"""On which grounds a request may be refused."""

from itertools import product

import pytest

from api import casework
from api.context import Service
from governance.errors import GroundRefusedError
from governance.requests import grounds
from governance.requests.vocabulary import Ground, Regime, RequestType
from tests.governance.requests.desk import ACTOR, a_request, described


@pytest.mark.parametrize(("regime", "kind"), list(product(Regime, sorted(grounds.STOPPING))))
def test_nothing_outweighs_an_objection_to_marketing(regime: Regime, kind: RequestType) -> None:
    """GDPR art. 21(3); and `other`, which has to be explained, is always open."""
    assert not grounds.is_open(kind, Ground.LEGAL_CLAIMS, regime)
    assert not grounds.is_open(kind, Ground.LEGAL_OBLIGATION, regime)
    assert grounds.is_open(kind, Ground.OTHER, regime)


@pytest.mark.parametrize("regime", [Regime.CCPA, Regime.US_STATE])
def test_an_opt_out_is_not_refused_for_want_of_proof(regime: Regime) -> None:
    """11 CCR 7026(d); an erasure may be."""
    kind = RequestType.OPT_OUT_SALE_SHARING

    assert not grounds.is_open(kind, Ground.IDENTITY_NOT_VERIFIED, regime)
    assert grounds.is_open(kind, Ground.SUSPECTED_FRAUD, regime)
    assert grounds.is_open(RequestType.ERASURE, Ground.IDENTITY_NOT_VERIFIED, regime)


def test_a_ground_that_is_none_is_refused_before_anything_is_written(service: Service) -> None:
    """The request stays open."""
    request_id = a_request(service, "anna@example.com", RequestType.OBJECTION)
    with pytest.raises(GroundRefusedError):
        casework.refuse(service, request_id, Ground.LEGAL_CLAIMS, "no", actor=ACTOR)

    assert described(service, request_id)["status"] == "awaiting_review"


def test_a_refusal_names_its_law(service: Service) -> None:
    """Where the law says so; `other` rests on what the officer explains."""
    shown = []
    for ground in (Ground.EXCESSIVE, Ground.OTHER):
        request_id = a_request(service, "anna@example.com", RequestType.ACCESS)
        casework.refuse(service, request_id, ground, "no", actor=ACTOR)
        shown.append(described(service, request_id)["refusal"])

    assert shown == [{"ground": "excessive", "law": "GDPR art. 12(5)(b)"}, {"ground": "other"}]


def test_every_law_is_of_a_known_regime() -> None:
    """None is forgotten."""
    assert set(grounds.LAWS) == set(Regime)
