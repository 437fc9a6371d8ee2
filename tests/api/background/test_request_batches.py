"""One batch of request work over stores that answer, fall silent, lie, doubt and learn."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api import casework, legal_holds
from api.background.request_batches import work_steps
from api.context import Service
from audit.ids import random_id
from governance.requests import descriptions, leases, spool
from governance.requests.leases import Worker
from governance.requests.tables import FoundRow, RequestRow
from governance.requests.vocabulary import RequestType
from governance.stores.errors import StoreCode, StoreError
from governance.stores.protocol import ExportedRow, Found, Identity, PersonTerms, RowRef, Sought
from tests.conftest import Clock
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    an_approved,
    described,
    opener,
    step_in,
    work,
)

ANNA = "anna.berg@example.com"


def test_an_erasure_ends_completed(service: Service) -> None:
    """Two stores and the service's own data, from request to certificate."""
    a_known_lead(service, ANNA)
    crm = MemoryStore("crm", {1: {"email": ANNA}, 2: {"email": "bo@example.com"}})
    mail = MemoryStore("mail", {7: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm", "mail"])

    work(service, crm, mail)

    found = described(service, request_id)
    assert found["status"] == "completed"
    assert [(s["store"], s["status"]) for s in found["steps"]] == [
        ("crm", "succeeded"),
        ("mail", "succeeded"),
        ("leadwarden", "succeeded"),
    ]
    assert crm.rows == {2: {"email": "bo@example.com"}}
    assert mail.rows == {}


def test_the_person_of_a_store_alone_is_erased_too(service: Service) -> None:
    """Who is no lead here may still be in a store."""
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm"])

    work(service, crm)

    assert described(service, request_id)["status"] == "completed"
    assert step_in(service, request_id, "leadwarden")["found"] == 0
    assert crm.rows == {}


def test_an_identity_learnt_in_one_store_is_followed_into_another(service: Service) -> None:
    """The crm knows a second address; only the shop knows the person by it."""
    crm = MemoryStore("crm", {1: {"email": ANNA, "external": "17"}, 2: {"external": "17", "name": "x"}})
    crm.rows[3] = {"external": "17", "phone": "+491701234567"}
    shop = MemoryStore("shop", {9: {"phone": "+491701234567"}})
    request_id = an_approved(service, ANNA, ["crm", "shop"])

    work(service, crm, shop)

    assert described(service, request_id)["status"] == "completed"
    assert shop.rows == {}
    assert crm.rows == {}


def test_one_dead_store_never_stops_the_others_and_never_lets_the_request_complete(service: Service) -> None:
    """The living store is erased; the request waits."""
    crm = MemoryStore("crm", {1: {"email": ANNA}}, faults=[StoreCode.UNREACHABLE] * 99)
    mail = MemoryStore("mail", {7: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm", "mail"])

    work(service, crm, mail)

    assert mail.rows == {}
    assert step_in(service, request_id, "mail")["status"] == "succeeded"
    assert step_in(service, request_id, "crm")["status"] == "queued"
    assert step_in(service, request_id, "crm")["last_error"] == "unreachable"
    assert described(service, request_id)["status"] == "in_progress"
    assert step_in(service, request_id, "leadwarden")["status"] == "queued"


def test_a_failing_step_backs_off_and_then_needs_attention(service: Service, clock: Clock) -> None:
    """Five tries with growing pauses; then a person has to look, and a retry starts anew."""
    crm = MemoryStore("crm", {1: {"email": ANNA}}, faults=[StoreCode.LOCKED] * 5)
    request_id = an_approved(service, ANNA, ["crm"])
    for seconds in (0, 1, 2, 4, 8):
        clock.now += timedelta(seconds=seconds)
        work(service, crm)

    assert step_in(service, request_id, "crm")["attempts"] == 5
    assert step_in(service, request_id, "crm")["status"] == "failed"
    assert described(service, request_id)["status"] == "needs_attention"

    casework.retry(service, request_id, actor=ACTOR)
    assert described(service, request_id)["status"] == "in_progress"
    work(service, crm)

    assert described(service, request_id)["status"] == "completed"
    assert step_in(service, request_id, "crm")["attempts"] == 6


def test_a_retry_adds_to_the_history_and_rewrites_nothing(service: Service) -> None:
    """What failed stays written after it was cured."""
    crm = MemoryStore("crm", {1: {"email": ANNA}}, faults=[StoreCode.TABLE_MISSING])
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    before = _history(service, request_id, "crm")
    casework.retry(service, request_id, actor=ACTOR)
    work(service, crm)
    after = _history(service, request_id, "crm")

    assert after[: len(before)] == before
    assert [each["status"] for each in after] == [
        "queued",
        "failed",
        "queued",
        "succeeded",
    ]


def test_what_no_retry_cures_fails_at_once(service: Service) -> None:
    """A missing table is not asked for four more times."""
    crm = MemoryStore("crm", {1: {"email": ANNA}}, faults=[StoreCode.TABLE_MISSING])
    request_id = an_approved(service, ANNA, ["crm"])

    work(service, crm)

    assert step_in(service, request_id, "crm")["status"] == "failed"
    assert step_in(service, request_id, "crm")["last_error"] == "table_missing"
    assert described(service, request_id)["status"] == "needs_attention"


def test_a_store_that_lies_is_found_out_by_reading_back(service: Service, clock: Clock) -> None:
    """It says done and still has the row: the step fails, and counts what is still there."""
    crm = MemoryStore("crm", {1: {"email": ANNA}}, lies=1)
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    step = step_in(service, request_id, "crm")

    assert (step["status"], step["last_error"]) == ("queued", "rows_remain")
    assert (step["found"], step["changed"], step["remaining"]) == (1, 0, 1)

    clock.now += timedelta(seconds=2)
    work(service, crm)
    step = step_in(service, request_id, "crm")

    assert (step["status"], step["found"], step["changed"], step["remaining"]) == ("succeeded", 1, 1, 0)


def test_what_was_found_counts_although_a_second_try_finds_less(service: Service, clock: Clock) -> None:
    """Changed is found less remaining, never the row count of a retry."""
    crm = MemoryStore("crm", {1: {"email": ANNA}, 2: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm"])

    class Halting(MemoryStore):
        """Deletes one row and then loses its connection, once."""

        def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:
            if self.rows.pop(1, None) is not None:
                raise StoreError(StoreCode.UNREACHABLE)
            return super().erase(found, terms)

    halting = Halting("crm", crm.rows)
    work(service, halting)
    clock.now += timedelta(seconds=2)
    work(service, halting)

    step = step_in(service, request_id, "crm")
    assert (step["status"], step["found"], step["changed"], step["remaining"]) == ("succeeded", 2, 2, 0)


def test_what_came_since_the_search_is_found_late_before_it_is_erased(service: Service, clock: Clock) -> None:
    """Nothing is touched that was not committed as found: the step is searched anew, and all is counted."""
    crm = MemoryStore("crm", {1: {"email": ANNA}}, coming=[{7: {"of": "1", "phone": "+49301234567"}}])
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    step = step_in(service, request_id, "crm")

    assert (step["status"], step["last_error"], step["found"]) == ("queued", "rows_came", 2)
    assert crm.deleted == []

    clock.now += timedelta(seconds=2)
    work(service, crm)
    step = step_in(service, request_id, "crm")

    assert (step["status"], step["found"], step["changed"], step["remaining"]) == ("succeeded", 2, 2, 0)
    assert crm.rows == {}
    assert described(service, request_id)["status"] == "completed"


def test_a_store_into_which_more_always_comes_ends_with_a_person(service: Service, clock: Clock) -> None:
    """As any other failure: after five tries, with its reason; what was found so far stays found."""
    coming = [{number: {"of": "1"}} for number in range(2, 9)]
    crm = MemoryStore("crm", {1: {"email": ANNA}}, coming=coming)
    request_id = an_approved(service, ANNA, ["crm"])
    for _ in range(6):
        work(service, crm)
        clock.now += timedelta(seconds=9)
    step = step_in(service, request_id, "crm")

    assert (step["status"], step["last_error"], step["found"]) == ("failed", "rows_came", 6)
    assert described(service, request_id)["status"] == "needs_attention"


def test_of_many_only_those_wait_of_whom_more_came(service: Service, clock: Clock) -> None:
    """The others of the same questioning are erased and read back."""
    requests = [an_approved(service, f"p{number}@example.com", ["crm"]) for number in (3, 4)]
    rows = {number: {"email": f"p{number}@example.com"} for number in (3, 4)}
    crm = Crowded("crm", rows, coming=[{9: {"of": "3"}}])
    work(service, crm)

    assert sorted(crm.rows) == [3, 9]
    clock.now += timedelta(seconds=2)
    work(service, crm)
    assert [described(service, each)["status"] for each in requests] == ["completed"] * 2
    assert sorted(step_in(service, each, "crm")["found"] for each in requests) == [1, 2]
    assert crm.rows == {}


def test_a_silent_store_is_asked_once_a_batch(service: Service) -> None:
    """A hundred requests do not wait for a hundred timeouts."""
    for number in range(3):
        an_approved(service, f"p{number}@example.com", ["crm"])
    crm = MemoryStore("crm", faults=[StoreCode.TIMED_OUT] * 99)

    work_steps(service, Worker(random_id(), sole=True), opener(crm))

    assert crm.asked == ["find"]


class Crowded(MemoryStore):
    """A store that is asked for many at once; what it may not do is done for nobody."""

    def find_each(self, sought: Sequence[Sought]) -> list[Found]:
        """All of them, or nobody."""
        self._ask("find_each")
        return [self.find(one.identities, same=one.same, others=one.others) for one in sought]

    def erase_each(self, doomed: Sequence[tuple[Found, PersonTerms]]) -> list[tuple[RowRef, ...]]:
        """All of them, or nobody: number 2 can not be erased."""
        self._ask("erase_each")
        for found, _ in doomed:
            self._refuse(found)
        return [self.erase(found, terms) for found, terms in doomed]

    def remaining_each(self, erased: Sequence[tuple[Found, Sequence[Identity]]]) -> list[dict[str, int]]:
        """All of them."""
        return [self.remaining(found, identities) for found, identities in erased]

    def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:
        """Number 2 can not be erased."""
        self._refuse(found)
        return super().erase(found, terms)

    def _refuse(self, found: Found) -> None:
        if RowRef("people", (2,)) in found.rows:
            raise StoreError(StoreCode.CONSTRAINT)


def test_a_store_that_can_is_asked_for_everybody_at_once(service: Service) -> None:
    """One question for the search of all, and one for the erasing of all."""
    requests = [an_approved(service, f"p{number}@example.com", ["crm"]) for number in (3, 4, 5)]
    crm = Crowded("crm", {number: {"email": f"p{number}@example.com"} for number in (3, 4, 5)})
    work(service, crm)

    assert [described(service, each)["status"] for each in requests] == ["completed"] * 3
    assert [asked for asked in crm.asked if asked.endswith("_each")] == ["find_each", "erase_each"]
    assert crm.rows == {}


def test_one_who_can_not_be_erased_blocks_nobody_else(service: Service) -> None:
    """Where all together fail each is done alone: two are completed, and one needs a person."""
    requests = [an_approved(service, f"p{number}@example.com", ["crm"]) for number in (1, 2, 3)]
    crm = Crowded("crm", {number: {"email": f"p{number}@example.com"} for number in (1, 2, 3)})
    work(service, crm)

    statuses = [described(service, each)["status"] for each in requests]
    assert statuses == ["completed", "needs_attention", "completed"]
    assert step_in(service, requests[1], "crm")["last_error"] == "constraint"
    assert crm.rows == {2: {"email": "p2@example.com"}}


def test_a_held_person_is_left_out_of_what_is_done_for_many(service: Service) -> None:
    """A hold on one lead exempts that step, and no other of the same questioning."""
    a_known_lead(service, "p3@example.com")
    requests = [an_approved(service, f"p{number}@example.com", ["crm"]) for number in (3, 4)]
    lead = {"email": "p3@example.com"}
    legal_holds.place(service, "case-7", {"reason": "a dispute", "lead": lead}, actor=ACTOR)
    crm = Crowded("crm", {number: {"email": f"p{number}@example.com"} for number in (3, 4)})
    work(service, crm)

    assert [step_in(service, each, "crm")["status"] for each in requests] == ["exempt", "succeeded"]
    assert crm.rows == {3: {"email": "p3@example.com"}}


def test_a_store_that_limits_its_rate_is_left_alone_for_as_long_as_it_asks(service: Service) -> None:
    """The other requests of the batch wait as long."""
    requests = [an_approved(service, f"p{number}@example.com", ["crm"]) for number in range(2)]
    crm = MemoryStore("crm", faults=[StoreCode.RATE_LIMITED] * 9, wait=timedelta(minutes=7))

    for _ in range(3):
        work_steps(service, Worker(random_id(), sole=True), opener(crm))

    assert crm.asked == ["find"]
    assert [step_in(service, one, "crm")["last_error"] for one in requests] == ["rate_limited"] * 2


def test_a_batch_takes_no_more_requests_than_it_may(service: Service) -> None:
    """The rest are the next batch's."""
    for number in range(3):
        an_approved(service, f"p{number}@example.com", ["crm"])
    crm = MemoryStore("crm")
    taken = [work_steps(service, Worker(random_id(), sole=True), opener(crm), at_most=2) for _ in range(3)]

    assert taken[0] == 2 * taken[1]
    assert taken[2] == 0


def test_a_store_that_is_not_active_any_more_is_not_skipped(service: Service) -> None:
    """Skipped is not done."""
    request_id = an_approved(service, ANNA, ["crm"])

    work(service)

    assert step_in(service, request_id, "crm")["last_error"] == "store_inactive"
    assert described(service, request_id)["status"] == "needs_attention"


def test_a_store_worked_by_hand_waits_for_a_person(service: Service) -> None:
    """Done by hand is named as such: nothing was counted, nothing read back."""
    binder = MemoryStore("binder", by_hand=True)
    request_id = an_approved(service, ANNA, ["binder"])
    work(service, binder)

    assert step_in(service, request_id, "binder")["status"] == "waiting_for_person"
    assert described(service, request_id)["status"] == "needs_attention"

    casework.complete(service, request_id, "binder", actor=ACTOR)
    work(service, binder)

    step = step_in(service, request_id, "binder")
    assert (step["status"], step["found"], step["remaining"]) == ("succeeded", None, None)
    assert described(service, request_id)["status"] == "completed"
    assert binder.asked == []


@pytest.mark.parametrize(("same", "left"), [(True, {}), (False, {2: {"email": ANNA, "name": "A."}})])
def test_a_doubtful_row_waits_for_a_person(
    service: Service,
    same: bool,  # noqa: FBT001 - a parameter of the test
    left: dict[int, dict[str, str]],
) -> None:
    """Nothing is erased on a guess, in either direction."""
    crm = MemoryStore("crm", {1: {"email": ANNA}, 2: {"email": ANNA, "name": "A."}}, doubtful={2})
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    step = step_in(service, request_id, "crm")

    assert (step["status"], step["last_error"]) == ("waiting_for_person", "ambiguous")
    assert len(crm.rows) == 2
    [candidate] = step["candidates"]

    casework.decide(service, request_id, "crm", {candidate["id"]: same}, actor=ACTOR)
    work(service, crm)

    assert described(service, request_id)["status"] == "completed"
    assert crm.rows == left


def test_rows_that_the_store_keeps_make_its_step_exempt(service: Service) -> None:
    """Kept is not erased: the exemption is named and the rows count as remaining."""
    crm = MemoryStore("crm", {1: {"email": ANNA}, 2: {"email": ANNA}}, kept=1)
    request_id = an_approved(service, ANNA, ["crm"])

    work(service, crm)

    step = step_in(service, request_id, "crm")
    assert (step["status"], step["reason"]) == ("exempt", "store_keeps:invoices")
    assert (step["found"], step["changed"], step["remaining"]) == (2, 1, 1)
    assert described(service, request_id)["status"] == "completed_with_exemptions"


def test_what_is_found_is_committed_sealed_before_a_row_is_touched(service: Service) -> None:
    """A worker that dies in the store leaves behind what it was about to erase."""
    seen: list[int] = []

    class Watching(MemoryStore):
        """Looks into the main database at the moment of the erasure."""

        def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:  # noqa: ARG002
            with service.main.read() as session:
                rows = session.scalars(select(FoundRow)).all()
            seen.extend(1 for row in rows if ANNA.encode() not in row.sealed and b"people" not in row.sealed)
            self.rows.clear()
            return ()

    an_approved(service, ANNA, ["crm"])
    work(service, Watching("crm", {1: {"email": ANNA}}))

    assert seen == [1]


def test_a_worker_that_lost_its_lease_writes_no_outcome(service: Service) -> None:
    """The fencing token: only the newest claim may finish the step."""
    request_id = an_approved(service, ANNA, ["crm"])
    slow, quick = Worker(random_id(), sole=True), Worker(random_id(), sole=True)
    crm = MemoryStore("crm", {1: {"email": ANNA}})

    class Overtaken(MemoryStore):
        """While it is asked, another worker takes the step over."""

        def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:  # noqa: ARG002
            service.main.write(
                lambda session: leases.claim_steps(session, quick, now=service.clock(), limit=9)
            )
            return ()

    work_steps(service, slow, opener(Overtaken("crm", crm.rows)))

    assert step_in(service, request_id, "crm")["status"] == "running"

    work(service, crm)
    assert described(service, request_id)["status"] == "completed"
    assert crm.deleted == [1]


def test_a_worker_that_lost_its_lease_adds_no_piece_to_a_package(service: Service) -> None:
    """The package holds what the newest worker exported, once, and nothing that a slow one adds later."""
    request_id = an_approved(service, ANNA, ["crm"], RequestType.ACCESS)
    rows = {1: {"email": ANNA}}

    class Overtaken(MemoryStore):
        """While it is read, another worker takes the step over and ends it."""

        def export(self, found: Found) -> Iterator[ExportedRow]:
            work(service, MemoryStore("crm", rows))
            yield from super().export(found)

    slow = Worker(random_id(), sole=True)
    work_steps(service, slow, opener(Overtaken("crm", {1: {"email": ANNA, "name": "older"}})))

    key = casework.request_key(service, request_id)
    with service.main.read() as session:
        pieces = list(spool.read(session, key, "crm"))
    assert [piece.count(b'"table"') for piece in pieces] == [1]
    assert b"older" not in b"".join(pieces)
    assert described(service, request_id)["status"] == "completed"


def test_a_cancelled_request_is_not_erased_by_a_worker_that_had_claimed_it(service: Service) -> None:
    """Cancelled while its stores are searched: no row is touched."""
    request_id = an_approved(service, ANNA, ["crm"])

    class Slow(MemoryStore):
        """While it looks, an officer cancels."""

        def find(self, *given: Any, **named: Any) -> Found:
            found = super().find(*given, **named)
            casework.cancel(service, request_id, actor=ACTOR)
            return found

    crm = Slow("crm", {1: {"email": ANNA}})
    work(service, crm)

    assert crm.rows == {1: {"email": ANNA}}
    assert crm.asked == ["find"]
    assert described(service, request_id)["status"] == "cancelled"


def test_a_store_that_keeps_rows_is_searched_again_for_what_another_learnt(
    service: Service, clock: Clock
) -> None:
    """Exempt for its invoices, it still erases what it holds under an address that came up later."""
    late = "anna@private.example"
    shop = MemoryStore("shop", {1: {"email": ANNA}, 2: {"email": ANNA}, 3: {"email": late}}, kept=1)
    crm = MemoryStore("crm", {1: {"email": ANNA, "external": "7"}, 2: {"external": "7", "email": late}})
    crm.faults.append(StoreCode.UNREACHABLE)
    request_id = an_approved(service, ANNA, ["crm", "shop"])
    work(service, crm, shop)
    before = step_in(service, request_id, "shop")["status"], dict(shop.rows)
    clock.now += timedelta(seconds=2)
    work(service, crm, shop)

    assert before == ("exempt", {1: {"email": ANNA}, 3: {"email": late}})
    assert shop.rows == {1: {"email": ANNA}}
    assert described(service, request_id)["status"] == "completed_with_exemptions"


def test_a_worker_that_died_is_followed_by_one_that_resumes(service: Service, clock: Clock) -> None:
    """Where workers are many, the lease has to run out first."""
    request_id = an_approved(service, ANNA, ["crm"])
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    dead = Worker(random_id())
    service.main.write(lambda session: leases.claim_steps(session, dead, now=service.clock(), limit=9))

    work(service, crm, worker=Worker(random_id()))
    assert step_in(service, request_id, "crm")["status"] == "running"

    clock.now += leases.LEASE
    work(service, crm, worker=Worker(random_id()))
    assert described(service, request_id)["status"] == "completed"
    assert step_in(service, request_id, "crm")["attempts"] == 2


def test_a_killed_worker_is_no_failed_try(service: Service, clock: Clock) -> None:
    """However often a worker died over a step, its store has all its tries before a person must look."""
    request_id = an_approved(service, ANNA, ["crm"])
    for _ in range(9):
        dead = Worker(random_id(), sole=True)
        service.main.write(partial(leases.claim_steps, worker=dead, now=clock.now, limit=9))
    crm = MemoryStore("crm", {1: {"email": ANNA}}, faults=[StoreCode.LOCKED] * 4)
    for seconds in (0, 1, 2, 4):
        clock.now += timedelta(seconds=seconds)
        work(service, crm)
        assert step_in(service, request_id, "crm")["status"] == "queued"

    clock.now += timedelta(seconds=8)
    work(service, crm)
    assert described(service, request_id)["status"] == "completed"
    assert step_in(service, request_id, "crm")["attempts"] == 9 + 5


def test_a_step_whose_store_was_not_asked_has_lost_no_try(service: Service, clock: Clock) -> None:
    """Six batches of silence: whoever was asked five times fails, nobody fails at the first asking."""
    requests = [an_approved(service, f"p{number}@example.com", ["crm"]) for number in range(9)]
    crm = MemoryStore("crm", faults=[StoreCode.UNREACHABLE] * 6)
    for _ in range(6):
        work_steps(service, Worker(random_id(), sole=True), opener(crm))
        clock.now += timedelta(seconds=16)

    waiting = [step_in(service, request_id, "crm")["status"] for request_id in requests]
    assert waiting.count("queued") >= 8
    work(service, crm)
    done = [step_in(service, request_id, "crm")["status"] for request_id in requests]
    assert done == ["failed" if status == "failed" else "succeeded" for status in waiting]


def test_a_request_that_does_not_open_keeps_no_other_from_its_work(service: Service) -> None:
    """Its step says why; the one beside it in the batch is erased."""
    broken, sound = (an_approved(service, email, ["crm"]) for email in ("bo@example.com", ANNA))

    def spoil(session: Session) -> None:
        session.execute(update(RequestRow).where(RequestRow.id == broken).values(identities=b"not ours"))

    service.main.write(spoil)
    crm = MemoryStore("crm", {1: {"email": ANNA}, 2: {"email": "bo@example.com"}})
    work(service, crm)

    assert described(service, sound)["status"] == "completed"
    assert step_in(service, broken, "crm")["last_error"] == "keys_unavailable"
    assert crm.rows == {2: {"email": "bo@example.com"}}


def test_a_refused_request_runs_no_further(service: Service) -> None:
    """What is closed is not worked on, whatever its steps say."""
    request_id = an_approved(service, ANNA, ["crm"])
    casework.cancel(service, request_id, actor=ACTOR)
    crm = MemoryStore("crm", {1: {"email": ANNA}})

    work(service, crm)

    assert crm.rows == {1: {"email": ANNA}}
    assert described(service, request_id)["status"] == "cancelled"


def test_two_workers_share_a_pile_and_do_nothing_twice(service: Service) -> None:
    """Claims are disjoint; each row is deleted once."""
    emails = [f"p{number}@example.com" for number in range(12)]
    requests = [an_approved(service, email, ["crm"]) for email in emails]
    crm = MemoryStore("crm", {number: {"email": email} for number, email in enumerate(emails)})
    one, other = Worker(random_id()), Worker(random_id())
    claimed = service.main.write(
        lambda session: leases.claim_steps(session, one, now=service.clock(), limit=5)
    )

    work(service, crm, worker=other)

    left = {emails[requests.index(claim.request_id)] for claim in claimed}
    assert len(left) == 5
    assert {row["email"] for row in crm.rows.values()} == left
    assert len(crm.deleted) == len(set(crm.deleted)) == 7


def _history(service: Service, request_id: str, store: str) -> list[dict[str, Any]]:
    """What happened to one step."""
    with service.main.read() as session:
        return [each for each in descriptions.history(session, request_id) if each["store"] == store]
