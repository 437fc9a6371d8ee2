"""How surely it must be known who asks."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.requests import assurance
from governance.requests.assurance import reached, required, suffices
from governance.requests.vocabulary import Assurance, Method, Regime, RequestType, Submitter

METHODS = st.frozensets(st.sampled_from(Method))
PERSON, AGENT = Submitter.DATA_SUBJECT, Submitter.AUTHORISED_AGENT


@pytest.mark.parametrize(("kind", "regime"), list(product(sorted(assurance.UNPROVEN), Regime)))
def test_what_only_stops_processing_needs_no_proof(kind: RequestType, regime: Regime) -> None:
    """11 CCR 7026(d): an opt-out need not be a verifiable request."""
    assert required(kind, regime) is Assurance.NONE
    assert suffices(kind, regime, PERSON, ())


@pytest.mark.parametrize("kind", [RequestType.ACCESS, RequestType.PORTABILITY])
def test_specific_pieces_need_a_reasonably_high_degree_in_california(kind: RequestType) -> None:
    """11 CCR 7062(c); elsewhere one good proof is enough."""
    assert required(kind, Regime.CCPA) is Assurance.HIGH
    assert required(kind, Regime.GDPR) is Assurance.REASONABLE
    assert not suffices(kind, Regime.CCPA, PERSON, [Method.CODE])
    assert suffices(kind, Regime.CCPA, PERSON, [Method.CODE, Method.KNOWN_CHANNEL])
    assert suffices(kind, Regime.CCPA, PERSON, [Method.LOGIN])


def test_a_code_is_enough_to_erase() -> None:
    """11 CCR 7062(d) and GDPR art. 12(6): reasonable, no more."""
    for regime in Regime:
        assert suffices(RequestType.ERASURE, regime, PERSON, [Method.CODE])
        assert not suffices(RequestType.ERASURE, regime, PERSON, [])


def test_an_agent_shows_the_permission_or_the_person_confirms_it() -> None:
    """11 CCR 7063(a): signed permission, and the person is verified; or the person confirms directly."""
    ask = RequestType.ERASURE, Regime.CCPA, AGENT
    assert not suffices(*ask, [Method.AGENT_PERMISSION])
    assert not suffices(*ask, [Method.DOCUMENT_SEEN])
    assert suffices(*ask, [Method.AGENT_PERMISSION, Method.DOCUMENT_SEEN])
    assert suffices(*ask, [Method.CODE])


@given(METHODS, METHODS)
def test_more_proofs_never_prove_less(some: frozenset[Method], more: frozenset[Method]) -> None:
    """A law: whoever shows more is known at least as surely."""
    rank = list(Assurance)

    assert rank.index(reached(some | more)) >= rank.index(reached(some))
    for kind, regime, submitter in product(RequestType, Regime, Submitter):
        if suffices(kind, regime, submitter, some):
            assert suffices(kind, regime, submitter, some | more)


@given(st.sampled_from(Method), st.integers(1, 5))
def test_one_method_twice_is_one_proof(method: Method, times: int) -> None:
    """Two codes to one mailbox show one mailbox."""
    assert reached([method] * times) == assurance.WORTH[method]
