"""What an officer sees of the rows that may be the person's."""

import pytest
from sqlalchemy.orm import Session

from api import casework
from api.background import sequencer
from api.context import Service
from audit import query
from governance.errors import IllegalChangeError, SealBroken, StepUnknownError
from governance.openings import Opener
from governance.requests import candidates
from governance.scopes import Allowance
from tests.governance.requests.desk import ACTOR, MemoryStore, an_approved, work

OPENER = Opener(ACTOR, Allowance())
ANNA = "anna.berg@example.com"
ROW = {"email": ANNA, "name": "A. Berg"}


def doubtful(service: Service) -> str:
    """A request of which one row waits for a person."""
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {1: {"email": ANNA}, 2: ROW}, doubtful={2}))
    return request_id


def announce(service: Service, request_id: str, store: str = "crm") -> None:
    """The entry before the opening."""
    service.main.write(
        lambda session: candidates.announce(session, request_id, store, now=service.clock(), opener=OPENER)
    )


def openings(service: Service) -> list[dict[str, object]]:
    """What the trail says of openings by the officer."""
    sequencer.step(service, service.clock())
    wanted = query.Wanted(actor=ACTOR, actions=query.OPENINGS)
    with service.main.read() as session:
        return [each.document()["facts"] for each in query.all_entries(session, wanted)]


def test_a_candidate_is_shown_beside_who_was_asked_for(service: Service) -> None:
    """The values of the row, and the identities of the request: what it takes to tell them apart."""
    request_id = doubtful(service)
    key = casework.request_key(service, request_id)

    with service.main.read() as session:
        found = candidates.opened(session, key, "crm")

    assert found == {
        "identities": [{"type": "email", "value": ANNA}],
        "candidates": [{"id": "c2", "table": "people", "shown": ROW}],
    }


def test_the_trail_tells_how_many_were_opened_and_nothing_of_them(service: Service) -> None:
    """It is an opening like those of leads and packages, found where an auditor asks for openings."""
    announce(service, doubtful(service))

    assert openings(service) == [{"store": "crm", "candidates": 1}]


@pytest.mark.parametrize(("store", "error"), [("crm", IllegalChangeError), ("shop", StepUnknownError)])
def test_where_nothing_waits_nothing_is_opened_nor_told(
    service: Service, store: str, error: type[Exception]
) -> None:
    """Identities are not shown to who has nothing to decide: all is decided, or the store is not asked."""
    request_id = doubtful(service)
    casework.decide(service, request_id, "crm", {"c2": False}, actor=ACTOR)

    with pytest.raises(error):
        announce(service, request_id, store)

    assert openings(service) == []


def test_the_key_of_another_request_opens_none_of_it(service: Service) -> None:
    """A candidate is bound to its request: moved under another one, it does not open."""
    first, second = doubtful(service), doubtful(service)
    theirs = casework.request_key(service, second)

    def move(session: Session) -> None:
        for other in candidates.undecided(session, second, "crm"):
            session.delete(other)
        session.flush()
        for row in candidates.undecided(session, first, "crm"):
            row.request_id = second

    service.main.write(move)

    with service.main.read() as session, pytest.raises(SealBroken):
        candidates.opened(session, theirs, "crm")
