"""What a search found is committed before a row is touched; what it learnt is followed, and by whom."""

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import casework
from api.background import request_batches
from api.context import Service
from audit.ids import random_id
from consent.tables import SuppressionRow
from consent.vocabulary import IdentifierKind
from governance.requests import case_file, leases, searches, tasks
from governance.requests.jobs import Searched, Task
from governance.requests.leases import Worker
from governance.requests.tables import CandidateRow, FoundRow, RequestRow, StepRow
from governance.requests.vocabulary import RequestType
from governance.stores.protocol import (
    Candidate,
    CandidateReason,
    Found,
    Identity,
    PersonTerms,
    RowRef,
)
from tests.governance.requests.desk import ACTOR, an_approved, step_in

ANNA = Identity(IdentifierKind.EMAIL, "anna.berg@example.com")
HOME = Identity(IdentifierKind.EMAIL, "anna@home.example")
DESK = Identity(IdentifierKind.PHONE, "+493012345678")
DOUBT = Candidate(
    "c9", RowRef("people", (9,)), CandidateReason.NEAR_MATCH, IdentifierKind.PHONE, {"name": "A"}
)
MINE = RowRef("people", (1,))


class Life:
    """A worker that claimed the steps of one request."""

    def __init__(self, service: Service, stores: Sequence[str], kind: RequestType) -> None:
        self.service = service
        self.request_id = an_approved(service, ANNA.value, stores, kind)
        self.worker = Worker(random_id(), sole=True)
        self.tasks = self.claimed()

    def claimed(self) -> dict[str, Task]:
        """The tasks by store, claimed anew."""
        claims = self.service.main.write(
            lambda session: leases.claim_steps(session, self.worker, now=self.service.clock(), limit=9)
        )
        keys = request_batches.request_keys(self.service, [self.request_id])
        with self.service.main.read() as session:
            return {task.claim.store: task for task in tasks.load(session, keys, (), claims)}

    def commit(self, **found: Found) -> dict[str, Task]:
        """Commit what each store found; the tasks that go on."""
        keys = request_batches.request_keys(self.service, [self.request_id])
        searched = [Searched(self.tasks[store], each) for store, each in found.items()]
        going_on = self.service.main.write(
            lambda session: searches.commit(
                session,
                keys,
                self.worker,
                searched,
                keyring=self.service.keyring,
                now=self.service.clock(),
            )
        )
        return {task.claim.store: task for task in going_on}

    def known(self) -> tuple[Identity, ...]:
        """The request's identities as they are kept."""
        key = casework.request_key(self.service, self.request_id)
        with self.service.main.read() as session:
            row = session.get_one(RequestRow, self.request_id)
            return case_file.open_identities(key, row.id, row.sealed_version, row.identities or b"")


def a_life(service: Service, *stores: str, kind: RequestType = RequestType.ERASURE) -> Life:
    """A worker with the steps of a request in these stores."""
    return Life(service, stores, kind)


def count(service: Service, table: type[FoundRow | CandidateRow | SuppressionRow]) -> int:
    """How many rows there are."""
    with service.main.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_who_learnt_something_has_followed_it_and_the_others_have_not(service: Service) -> None:
    """A store follows by itself to a fixed point; each other one is searched again for it."""
    life = a_life(service, "crm", "shop")

    going_on = life.commit(crm=Found(rows=(MINE,), learnt=(HOME,)), shop=Found())

    assert {store: task.unsearched for store, task in going_on.items()} == {"crm": False, "shop": True}
    assert [task.identities for task in going_on.values()] == [(ANNA, HOME)] * 2
    assert life.known() == (ANNA, HOME)


def test_names_of_one_store_are_looked_for_in_the_free_text_of_all(service: Service) -> None:
    """The shop's notes may hold the name that the CRM knows."""
    life = a_life(service, "crm", "shop")
    names = PersonTerms(names=frozenset({"Anna Berg"}))

    going_on = life.commit(crm=Found(terms=names), shop=Found())

    assert [task.names.names for task in going_on.values()] == [names.names] * 2


def test_a_number_that_several_share_is_followed_nowhere(service: Service) -> None:
    """In the shop a colleague may be the only one behind it: he would be taken for her."""
    life = a_life(service, "crm", "shop")

    going_on = life.commit(crm=Found(rows=(MINE,), learnt=(DESK, HOME), shared=(DESK,)), shop=Found())

    assert going_on["shop"].identities == (ANNA, HOME)
    assert life.claimed() == {}
    assert life.known() == (ANNA, HOME)


@pytest.mark.parametrize(("kind", "kept"), [(RequestType.ERASURE, 2), (RequestType.ACCESS, 0)])
def test_what_an_erasure_learns_is_suppressed_at_once(service: Service, kind: RequestType, kept: int) -> None:
    """The address that came up may not be used from this commit on; asking for a copy suppresses nothing."""
    a_life(service, "crm", kind=kind).commit(crm=Found(learnt=(HOME,)))

    assert count(service, SuppressionRow) == kept


def test_a_search_that_adds_nothing_is_no_new_round(service: Service) -> None:
    """A fixed point writes nothing; a row more does."""
    life = a_life(service, "crm")
    for found, rounds in ((Found(), 1), (Found(), 1), (Found(rows=(MINE,)), 2), (Found(rows=(MINE,)), 2)):
        life.tasks = life.commit(crm=found)
        assert (life.tasks["crm"].round, count(service, FoundRow)) == (rounds, rounds)


def test_a_doubt_survives_the_death_of_the_worker_that_had_it(service: Service) -> None:
    """Killed before the step was set waiting: the next worker must not erase without asking the person."""
    life = a_life(service, "crm")
    life.commit(crm=Found(rows=(MINE,), candidates=(DOUBT,)))

    life.worker = Worker(random_id(), sole=True)
    [resumed] = life.claimed().values()

    assert (resumed.unsearched, resumed.doubtful) == (False, True)


def test_a_doubt_that_a_later_search_resolved_is_none_any_more(service: Service) -> None:
    """With another address known the row turned out to be hers; nobody is asked about it."""
    life = a_life(service, "crm")
    doubted = life.commit(crm=Found(candidates=(DOUBT,)))
    life.tasks = doubted
    sure = life.commit(crm=Found(rows=(DOUBT.row,)))

    assert [task.doubtful for task in (*doubted.values(), *sure.values())] == [True, False]
    assert count(service, CandidateRow) == 0


def test_an_answered_question_is_not_asked_again(service: Service) -> None:
    """The judgement stays, also where a later search does not come upon the row."""
    life = a_life(service, "crm")
    life.commit(crm=Found(candidates=(DOUBT,)))

    def judge(session: Session) -> None:
        session.get_one(CandidateRow, (life.request_id, "crm", "c9")).same_person = False

    service.main.write(judge)
    life.worker = Worker(random_id(), sole=True)
    [resumed] = life.claimed().values()
    life.tasks = {"crm": resumed}

    assert (resumed.doubtful, resumed.others, resumed.same) == (False, (DOUBT.row,), ())
    assert [task.doubtful for task in life.commit(crm=Found()).values()] == [False]
    assert count(service, CandidateRow) == 1


def test_a_lost_lease_commits_nothing(service: Service) -> None:
    """Neither rows nor identities of a worker that was overtaken; its tasks do not go on."""
    life = a_life(service, "crm")
    other = Worker(random_id(), sole=True)
    service.main.write(lambda session: leases.claim_steps(session, other, now=service.clock(), limit=9))

    assert life.commit(crm=Found(rows=(MINE,), learnt=(HOME,))) == {}
    assert (count(service, FoundRow), life.known()) == (0, (ANNA,))


def test_nothing_is_committed_of_a_request_that_was_cancelled(service: Service) -> None:
    """Cancelled while its stores were searched: no task goes on to touch a row."""
    life = a_life(service, "crm")
    casework.cancel(service, life.request_id, actor=ACTOR)

    assert life.commit(crm=Found(rows=(MINE,))) == {}
    assert count(service, FoundRow) == 0


@pytest.mark.parametrize("status", ["succeeded", "exempt"])
def test_what_was_done_with_fewer_identities_is_not_done(service: Service, status: str) -> None:
    """A store that was done, or keeps what it has, is searched again for what another one learnt."""
    life = a_life(service, "crm", "shop")
    life.commit(shop=Found())

    def end(session: Session) -> None:
        step = session.get_one(StepRow, (life.request_id, "shop", "erase"))
        step.status, step.done_by = status, ACTOR
        leases.release(step)

    service.main.write(end)
    life.commit(crm=Found(learnt=(HOME,)))

    assert step_in(service, life.request_id, "shop")["status"] == "queued"
    with service.main.read() as session:
        assert session.get_one(StepRow, (life.request_id, "shop", "erase")).done_by is None


def test_names_are_those_of_every_store() -> None:
    """Merged, of none an empty set."""
    founds = [Found(terms=PersonTerms(names=frozenset({name}))) for name in ("Anna", "A. Berg")]

    assert searches.names_of(founds) == PersonTerms(names=frozenset({"Anna", "A. Berg"}))
    assert searches.names_of(()) == PersonTerms()
