"""Days after an erasure: what is asked of the stores, and what a "they are back" does."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import casework, rights, verification
from api.background import request_letters, request_lookbacks
from api.context import Service
from governance.messages.tables import MessageRow
from governance.messages.topics import Topic
from governance.requests import corrections, jobs, lookback
from governance.requests.appeals import Result
from governance.requests.finishing import LOOK_BACK
from governance.requests.jobs import Searched, Task
from governance.requests.tables import AppealRow, ProofRow, RequestRow, StepRow
from governance.requests.vocabulary import Ground, Regime, RequestType
from governance.stores.protocol import Found
from tests.conftest import Clock
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_request,
    an_approved,
    described,
    opener,
    refuse,
    step_in,
    work,
)
from tests.governance.stores.factories import crm as sql_crm
from tests.governance.stores.factories import row

ANNA = "anna.berg@example.com"
JANE = "jane.doe@acme.example"


def due(service: Service) -> list[tuple[str, bool]]:
    """The requests whose identities should die now."""
    with service.main.read() as session:
        return lookback.due(session, now=service.clock(), limit=9)


def questions(service: Service, request_id: str) -> list[Task]:
    """What the stores are asked."""
    key = casework.request_key(service, request_id)
    with service.main.read() as session:
        return lookback.questions(session, key)


def reopen(service: Service, request_id: str, found: Sequence[Searched]) -> bool:
    """Put the stores that hold the person to work again."""
    key = casework.request_key(service, request_id)
    return service.main.write(lambda session: lookback.reopen(session, key, found, now=service.clock()))


def erased(service: Service, *stores: str) -> str:
    """The id of an erasure that is completed."""
    request_id = an_approved(service, ANNA, stores)
    work(service, *(MemoryStore(store, {1: {"email": ANNA}}) for store in stores))
    return request_id


def test_identities_are_due_on_their_day_and_only_erasures_are_looked_back_on(
    service: Service, clock: Clock
) -> None:
    """A copy that was handed out can not have come back; a refused erasure erased nobody."""
    erasure = erased(service, "crm")
    access = an_approved(service, ANNA, [], RequestType.ACCESS)
    work(service)
    clock.now += timedelta(seconds=1)
    refused = an_approved(service, ANNA, ["crm"])
    refuse(service, refused)

    clock.now += LOOK_BACK - timedelta(seconds=2)
    assert due(service) == []
    clock.now += timedelta(seconds=1)
    assert sorted(due(service)) == sorted([(erasure, True), (access, False)])
    clock.now += timedelta(days=400)
    assert (refused, False) in due(service)


def test_only_stores_that_erased_by_themselves_are_asked(service: Service) -> None:
    """Not the service itself, not one that a person worked, not one that keeps what it has."""
    request_id = an_approved(service, ANNA, ["binder", "crm", "erp"])
    crm, erp = MemoryStore("crm", {1: {"email": ANNA}}), MemoryStore("erp", {1: {"email": ANNA}}, kept=1)
    work(service, MemoryStore("binder", by_hand=True), crm, erp)
    casework.complete(service, request_id, "binder", actor=ACTOR)
    work(service)

    [asked] = questions(service, request_id)

    assert asked.claim.store == "crm"
    assert [each.value for each in asked.identities] == [ANNA]
    assert asked.found == Found()


def test_a_colleague_behind_her_number_is_not_taken_for_her(service: Service, tmp_path: Path) -> None:
    """With her own row gone he is the only one behind it; her name, kept until now, tells them apart."""
    (tmp_path / "crm.db").touch()
    store = sql_crm(f"sqlite:///{tmp_path / 'crm.db'}")
    request_id = an_approved(service, JANE, ["crm"])
    work(service, store)
    [candidate] = step_in(service, request_id, "crm")["candidates"]
    casework.decide(service, request_id, "crm", {candidate["id"]: False}, actor=ACTOR)
    work(service, store)
    assert described(service, request_id)["status"] == "completed_with_exemptions"

    def as_if_erased(session: Session) -> None:
        session.get_one(StepRow, (request_id, "crm", "erase")).status = "succeeded"

    service.main.write(as_if_erased)
    [asked] = questions(service, request_id)
    found = jobs.search(store, asked)
    store.close()

    assert "+49301111111" not in {each.value for each in asked.identities}
    assert asked.others == (row("contacts", 4),)
    assert any("jane" in name.casefold() for name in asked.names.names)
    assert isinstance(found, Searched)
    assert row("contacts", 4) not in found.found.rows
    assert not [each for each in found.found.rows if each.table == "contacts"]


def test_only_the_stores_that_hold_the_person_again_go_back_to_work(service: Service) -> None:
    """They are searched from the start, with all their tries; the others and the own data stay done."""
    request_id = erased(service, "crm", "shop")
    rows: dict[str, dict[int, dict[str, str]]] = {"crm": {8: {"email": ANNA}}, "shop": {}}
    found = [
        jobs.search(MemoryStore(task.claim.store, rows[task.claim.store]), task)
        for task in questions(service, request_id)
    ]

    assert reopen(service, request_id, [each for each in found if isinstance(each, Searched)])

    statuses = {step["store"]: step["status"] for step in described(service, request_id)["steps"]}
    assert statuses == {"crm": "queued", "shop": "succeeded", "leadwarden": "succeeded"}
    with service.main.read() as session:
        step = session.get_one(StepRow, (request_id, "crm", "erase"))
        request = session.get_one(RequestRow, request_id)
    assert (step.known, step.tries, step.due_at) == (0, 0, service.clock())
    assert (request.status, request.key_until, request.finished_at) == ("in_progress", None, None)


def test_nobody_found_reopens_nothing(service: Service) -> None:
    """The request stays completed, its identities as long as they were to stay."""
    request_id = erased(service, "crm")
    [asked] = questions(service, request_id)
    before = described(service, request_id)

    assert not reopen(service, request_id, [Searched(asked, Found())])
    assert described(service, request_id) == before


def test_a_second_worker_that_found_the_same_changes_nothing(service: Service) -> None:
    """Two looked back at once: the second must neither fail nor forget."""
    request_id = erased(service, "crm")
    [asked] = questions(service, request_id)
    back = [Searched(asked, Found(rows=(row("people", 8),)))]
    first = reopen(service, request_id, back)
    before = described(service, request_id)

    assert (first, reopen(service, request_id, back)) == (True, True)
    assert described(service, request_id) == before


def test_forgetting_keeps_what_names_nobody(service: Service) -> None:
    """Status, counts and certificate stay; all that was sealed is gone, and the row is due no more."""
    request_id = erased(service, "crm")
    before = described(service, request_id)

    service.main.write(lambda session: lookback.forget(session, [request_id], now=service.clock()))

    after = described(service, request_id)
    assert after["certificate"].pop("look_back_until", None) is None
    before["certificate"].pop("look_back_until")
    assert after == before
    with service.main.read() as session:
        request = session.get_one(RequestRow, request_id)
    assert [request.identities, request.note, request.explanation, request.key_until] == [None] * 4


def test_the_operator_is_told_who_came_back_where(service: Service, clock: Clock) -> None:
    """By number and store; of the person nothing leaves."""
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    crm.rows[9] = {"email": ANNA}
    clock.now += LOOK_BACK
    request_lookbacks.look_back(service, opener(crm))

    with service.main.read() as session:
        [told] = session.scalars(select(MessageRow).where(MessageRow.topic == Topic.PERSON_CAME_BACK))
    assert json.loads(told.facts or "") == {"request_id": request_id, "stores": "crm"}
    assert ANNA not in (told.facts or "")


def test_nothing_sealed_outlives_the_requests_key(service: Service, clock: Clock) -> None:
    """Corrections, an agent's statement, both sides of an appeal: nobody could open them any more."""
    request_id = a_request(service, ANNA, RequestType.RECTIFICATION, regime=Regime.US_STATE)
    key = casework.request_key(service, request_id)
    wanted = corrections.read([{"name": "title", "value": "Dr"}])
    service.main.write(lambda session: corrections.keep(session, key, wanted, now=clock.now, actor=ACTOR))
    verification.permitted(service, request_id, "signed", ask_person=False, passed=True, actor=ACTOR)
    casework.refuse(service, request_id, Ground.EXCESSIVE, "no", actor=ACTOR)
    rights.appeal(service, request_id, "said", received_at=None, actor=ACTOR)
    rights.decide_appeal(service, request_id, Result.REJECTED, "no", actor=ACTOR)
    clock.now += timedelta(days=370)
    for _ in range(2):
        request_letters.step(service, clock.now)
        request_lookbacks.look_back(service, opener())

    with service.main.read() as session:
        row = session.get_one(RequestRow, request_id)
        proof, appeal = (
            session.get_one(ProofRow, (request_id, 1)),
            session.get_one(AppealRow, (request_id, 1)),
        )
    assert (row.corrections, proof.statement, appeal.said, appeal.explanation) == (None, None, None, None)
