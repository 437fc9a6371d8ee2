"""An objection against checks that never pause: what is committed before a check begins is always seen by it.

On SQLite the checkers are threads of the one process that serves; on PostgreSQL of two processes.
"""

import multiprocessing
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Event as ProcessEvent
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.context import Service
from api.settings import read_settings
from api.startup import open_migrated, open_service
from consent.judging import Asker, Sitting
from consent.question import Question
from consent.vocabulary import Effect, ObjectionKind
from governance.accounts import make_key
from governance.checks import ContactCheck, contact_check_each, contact_checks
from governance.contact import NewObjection, object_to
from governance.identity import Reference, email
from governance.scopes import OURSELVES, Grant
from tests.api.routes.test_decisions import SCOPES, take_in

LEADS = 10
CHECKERS = 3  # a process
PROCESSES = 2
CHECKS_AFTER = 4
PATIENCE_SECONDS = 60
QUESTION = Question("email", "direct_marketing")

Signal = threading.Event | ProcessEvent


@dataclass(frozen=True, slots=True)
class Race:
    """What the checkers and the objector tell each other, for each lead."""

    asked: Sequence[Sequence[Signal]]
    committed: Sequence[Signal]
    answers: Any  # a queue of (lead, whether the check began after the commit, allowed)


def address(number: int) -> str:
    """The address of one of the leads."""
    return f"person{number}@example.com"


def run(service: Service, race: Race, checker: int) -> None:
    """Ask about each lead again and again, until some checks have begun after its objection's commit."""
    for number in range(LEADS):
        after = turn = 0
        while after < CHECKS_AFTER:
            committed = race.committed[number].is_set()
            allowed = ask(service, email(address(number)), batch=bool(turn % 2))
            race.answers.put((number, committed, allowed))
            race.asked[number][checker].set()
            after, turn = after + committed, turn + 1


def ask(service: Service, reference: Reference, *, batch: bool) -> bool:
    """One check, by itself or as a batch."""
    sitting = Sitting(service.rulebook(), Asker("key"), service.clock())
    if batch:
        found, _ = service.main.write_core(
            lambda connection: contact_checks(connection, service.keyring, sitting, [(reference, QUESTION)])
        )
        return found[0].effect == Effect.ALLOW.value
    asked = ContactCheck(service.keyring, sitting, reference, QUESTION)
    one, _ = service.main.write_together(contact_check_each, asked)
    return one.effect == Effect.ALLOW.value


def running(service: Service, race: Race, checkers: range) -> list[threading.Thread]:
    """`run` of these checkers, in a thread each."""
    threads = [threading.Thread(target=run, args=(service, race, checker)) for checker in checkers]
    for thread in threads:
        thread.start()
    return threads


def run_process(environment: Mapping[str, str], race: Race, checkers: range) -> None:
    """`running` in a process of its own, to the end."""
    service = open_service(read_settings(environment))
    for thread in running(service, race, checkers):
        thread.join()
    service.close()


def object_in_turn(service: Service, race: Race) -> None:
    """For each lead: wait until all ask about it, then object, and say so once it is committed."""
    for number in range(LEADS):
        for signal in race.asked[number]:
            assert signal.wait(PATIENCE_SECONDS)
        now = service.clock()
        objection = NewObjection(ObjectionKind.DIRECT_MARKETING, now, "call")
        reference = email(address(number))
        commit(service, reference, objection)
        race.committed[number].set()


def commit(service: Service, reference: Reference, objection: NewObjection) -> None:
    """The objection, committed."""
    service.main.write(
        lambda session: object_to(
            session, service.keyring, reference, objection, now=objection.received_at, actor="key"
        )
    )


def prepared(environment: Mapping[str, str]) -> Service:
    """A service with some leads who consented."""
    service = open_migrated(read_settings(environment))
    grant = Grant(frozenset(SCOPES))
    made = service.main.write(
        lambda session: make_key(session, "test", grant, maker=OURSELVES, now=service.clock())
    )
    client = create_app(service).test_client()
    for number in range(LEADS):
        headers = {"Authorization": f"Bearer {made.token}"}
        take_in(client, headers, address(number), now=service.clock())
    return service


def judge(race: Race) -> None:
    """Before the commit there was a yes, after it there is none."""
    answers: list[tuple[int, bool, bool]] = []
    while True:
        try:
            answers.append(race.answers.get(timeout=1))
        except queue.Empty:
            break
    assert {number for number, committed, allowed in answers if allowed and not committed} == set(
        range(LEADS)
    )
    assert [answer for answer in answers if answer[1] and answer[2]] == []
    assert sum(committed for _, committed, _ in answers) >= LEADS * len(race.asked[0]) * CHECKS_AFTER


def new_race(event: Callable[[], Signal], answers: Any, checkers: int) -> Race:
    """Signals of one kind, all down."""
    return Race(
        [[event() for _ in range(checkers)] for _ in range(LEADS)], [event() for _ in range(LEADS)], answers
    )


@pytest.fixture
def sqlite_service(tmp_path: Path) -> Iterator[Service]:
    """A home in a directory of its own."""
    service = prepared({"LEADWARDEN_HOME": str(tmp_path / "home")})
    yield service
    service.close()


def test_threads_see_every_objection_committed_before_they_ask(sqlite_service: Service) -> None:
    """Three threads over SQLite, asking singly and in batches."""
    race = new_race(threading.Event, queue.Queue(), CHECKERS)
    threads = running(sqlite_service, race, range(CHECKERS))
    object_in_turn(sqlite_service, race)
    for thread in threads:
        thread.join()

    judge(race)


def test_processes_see_every_objection_committed_before_they_ask(fresh_postgres: str, tmp_path: Path) -> None:
    """Two processes over PostgreSQL, whose threads share transactions, and a third that objects."""
    environment = {"LEADWARDEN_HOME": str(tmp_path / "home"), "LEADWARDEN_DATABASE_URL": fresh_postgres}
    service = prepared(environment)
    spawn = multiprocessing.get_context("spawn")
    race = new_race(spawn.Event, spawn.Queue(), PROCESSES * CHECKERS)
    processes = [
        spawn.Process(
            target=run_process,
            args=(environment, race, range(number * CHECKERS, (number + 1) * CHECKERS)),
        )
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    object_in_turn(service, race)
    judge(race)
    for process in processes:
        process.join()
    service.close()

    assert [process.exitcode for process in processes] == [0] * PROCESSES
