"""One person's approval, or two."""

import pytest

from api import casework
from api.context import Service
from api.deletion_lists import Terms, take_in_list
from api.imports import NDJSON
from governance.errors import SameApproverError
from governance.requests import approvals
from governance.requests.vocabulary import Method, Regime, RequestType
from governance.stores import register
from governance.stores.errors import DocumentError
from governance.stores.reading import parse
from tests.governance.requests.desk import ACTOR, a_request, described


@pytest.mark.parametrize(
    ("named", "kind", "regime", "persons"),
    [
        ("all", RequestType.COMPLAINT, Regime.LGPD, 2),
        ("erasure", RequestType.ERASURE, Regime.GDPR, 2),
        ("erasure", RequestType.ACCESS, Regime.GDPR, 1),
        ("ccpa, portability", RequestType.ACCESS, Regime.CCPA, 2),
        ("ccpa,portability", RequestType.PORTABILITY, Regime.GDPR, 2),
        ("ccpa,portability", RequestType.ACCESS, Regime.GDPR, 1),
    ],
)
def test_types_and_regimes_say_who_needs_two(
    named: str, kind: RequestType, regime: Regime, persons: int
) -> None:
    """Either word is enough."""
    assert approvals.needed(approvals.words(named), kind, regime) == persons


@pytest.mark.parametrize(
    ("kind", "asked", "persons"),
    [
        (RequestType.ERASURE, [1, 2, 1], 2),
        (RequestType.ERASURE, [1, 1], 1),
        (RequestType.ERASURE, [], 1),
        (RequestType.OBJECTION, [2], 1),
    ],
)
def test_the_store_that_asks_for_most_decides(kind: RequestType, asked: list[int], persons: int) -> None:
    """Among those that the request goes to; what is decided here goes to none."""
    stores = [parse({"store": "s", "kind": "manual", "approvals": number}) for number in asked]

    assert approvals.needed(frozenset(), kind, Regime.GDPR, stores) == persons
    assert approvals.needed(approvals.words("all"), kind, Regime.GDPR, stores) == 2


def test_a_store_that_asks_for_two_holds_an_erasure_up_for_the_second(service: Service) -> None:
    """One by one, and from a list; nothing is restricted, and no step is written, before."""
    document = {"kind": "manual", "active": True, "instructions": "x", "purposes": [], "approvals": 2}
    service.main.write(
        lambda session: register.put(session, "hr", document, now=service.clock(), actor=ACTOR)
    )
    request_id = a_request(service, "anna@example.com")
    casework.verify(service, request_id, Method.DOCUMENT_SEEN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR)
    line = b'{"email": "bo@example.com"}'
    terms = Terms(verified=Method.AGENT_PERMISSION, approve=True)
    [listed, _] = take_in_list(service, [line], NDJSON, terms, actor=ACTOR)

    for each in (request_id, str(listed["request_id"])):
        waiting = described(service, each)
        assert (waiting["status"], waiting["steps"]) == ("awaiting_review", [])
        casework.approve(service, each, actor="another")
        assert described(service, each)["status"] == "in_progress"
        assert set(described(service, each)["approved_by"]) == {ACTOR, "another"}


@pytest.mark.parametrize("number", [0, 3, "2", True, None, 1.5])
def test_a_store_asks_for_one_or_two(number: object) -> None:
    """Anything else is refused by its place."""
    with pytest.raises(DocumentError) as refused:
        parse({"store": "s", "kind": "manual", "approvals": number})
    assert set(refused.value.errors) == {"approvals"}


@pytest.mark.parametrize("text", ["", "erasures", "erasure;ccpa", "erasure,,ccpa", "none"])
def test_an_unknown_word_stops_the_start(text: str) -> None:
    """A misspelt one would let a single person approve."""
    with pytest.raises(ValueError, match="types and regimes"):
        approvals.words(text)


def test_nobody_approves_twice(service: Service) -> None:
    """The second is somebody else; the order is kept."""

    def add(actor: str) -> int:
        return service.main.write(
            lambda session: approvals.add(session, "r", now=service.clock(), actor=actor)
        )

    assert add("one") == 1
    with pytest.raises(SameApproverError):
        add("one")
    assert add("two") == 2
    with service.main.read() as session:
        assert approvals.given(session, "r") == ["one", "two"]
