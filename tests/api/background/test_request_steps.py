"""The worker in a process of its own, killed without warning, again and again."""

import random
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func
from sqlalchemy import select as query
from sqlalchemy.orm import Session

from api import casework
from api.background import request_steps
from api.context import Service
from api.demo import crm
from api.startup import open_service, prepare
from audit.tables import LinkRow, PendingRow
from governance.requests.tables import CertificateRow, FoundRow, RequestRow, StepRow
from governance.requests.vocabulary import Method
from governance.stores import register
from governance.stores.reading import parse
from governance.tables import LeadRow
from governance.vault.tables import DataKeyRow, ErasureRow, KeyKind
from tests.api.background.request_worker import settings_of
from tests.conftest import create_tables
from tests.governance.requests.desk import ACTOR, a_known_lead, a_request

READY_SECONDS = 30


@contextmanager
def opened(home: Path) -> Iterator[Service]:
    """The service of a home, for as long as no other process has it."""
    service = open_service(settings_of(home))
    try:
        yield service
    finally:
        service.close()


def emails_of(path: Path, count: int) -> list[str]:
    """Addresses of people in the CRM of whom nobody could doubt which rows are theirs."""
    with sqlite3.connect(path) as connection:
        people = connection.execute("SELECT email, phone, last_name FROM contacts").fetchall()
    connection.close()
    phones = Counter(str(phone) for _, phone, _ in people)
    names = Counter(str(name) for _, _, name in people)
    found = {
        str(email).casefold()
        for email, phone, name in people
        if email and not email.startswith("info@") and (not phone or phones[phone] == 1 or names[name] == 1)
    }
    return sorted(found)[:count]


def prepared(home: Path, erasures: int, leads: int) -> dict[str, str]:
    """A home with approved erasures, and the CRM that they go through; the requests by address."""
    home.parent.mkdir(parents=True, exist_ok=True)
    crm.build(home.parent / "crm.db", leads=leads)
    settings = settings_of(home)
    prepare(settings)
    create_tables(settings)
    requests: dict[str, str] = {}
    with opened(home) as service:
        document = yaml.safe_load(crm.MAPPING.read_text("utf-8"))
        now = service.clock()
        service.main.write(lambda s: register.put(s, "crm", document, now=now, actor=ACTOR))
        for email in emails_of(home.parent / "crm.db", erasures):
            a_known_lead(service, email, profile={"name": email})
            request_id = requests[email] = a_request(service, email)
            casework.verify(service, request_id, Method.CODE, passed=True, actor=ACTOR)
            casework.approve(service, request_id, actor=ACTOR)
    return requests


def killed_worker(home: Path, after: float) -> bool:
    """Starts a worker and kills it `after` seconds of work; says whether it was killed before it was done."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.api.background.request_worker", str(home)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[3],
    ) as worker:
        assert worker.stdout is not None
        assert select.select([worker.stdout], [], [], READY_SECONDS)[0]
        try:
            worker.wait(after)
        except subprocess.TimeoutExpired:
            worker.kill()
            return True
    return False


def dump(path: Path) -> list[str]:
    """Everything in a SQLite file, as SQL."""
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


Ends = dict[str, tuple[object, ...]]
"""How each request ended: its status, and each step's status and counts."""


def check(home: Path, requests: dict[str, str]) -> Ends:
    """Nothing lost, nothing done twice that counts; `requests` are the ids by address."""
    with opened(home) as service:
        with service.main.read() as session:
            ends = _ends(session)
            told = dict(
                session.execute(query(PendingRow.action, func.count()).group_by(PendingRow.action)).all()
            )
            leads = session.scalar(query(func.count()).select_from(LeadRow))
            linked = session.scalar(
                query(func.count(LinkRow.lead_id.distinct())).where(LinkRow.lead_id.is_not(None))
            )
            numbers = session.scalars(query(CertificateRow.number)).all()
            searched = session.scalar(query(func.count(FoundRow.request_id.distinct())))
        with service.keys.read() as keys:
            kinds = dict(keys.execute(query(DataKeyRow.kind, func.count()).group_by(DataKeyRow.kind)).all())
            journal = keys.scalar(query(func.count()).select_from(ErasureRow))
    done = [email for email, request_id in requests.items() if ends[request_id][0] == "completed"]
    waiting = len(requests) - len(done)
    assert waiting <= len(requests) // 50  # somebody whom the CRM holds twice, in doubt
    assert (leads, linked, kinds.get(KeyKind.LEAD, 0), journal) == (waiting, waiting, waiting, len(done))
    assert kinds[KeyKind.REQUEST] == searched == len(requests)
    assert {told[each] for each in ("request.completed", "request.certified", "lead.shredded")} == {len(done)}
    assert list(numbers) == [1] * len(done)
    assert crm.count_mentions(home.parent / "crm.db", tuple(done)) == 0
    return ends


def _ends(session: Session) -> Ends:
    ends: Ends = {row.id: (row.status,) for row in session.scalars(query(RequestRow))}
    for step in session.scalars(query(StepRow).order_by(StepRow.store)):
        if ends[step.request_id][0] == "completed":
            assert (step.status, step.remaining) == ("succeeded", 0)
            assert step.found
        ends[step.request_id] += (step.store, step.status, step.found, step.changed, step.remaining)
    return ends


def killed_again_and_again(tmp_path: Path, erasures: int, leads: int, kills: int) -> int:
    """Kills workers at random moments, lets one finish, and compares with a life without kills."""
    chance = random.Random(erasures)  # noqa: S311 - moments, not secrets
    home, calm = tmp_path / "killed" / "home", tmp_path / "calm" / "home"
    requests = prepared(home, erasures, leads)
    shutil.copytree(home.parent, calm.parent)
    with opened(calm) as service:
        began = time.monotonic()
        request_steps.step(service, service.clock())
        took = time.monotonic() - began
    longest = took * 1.2 / max(1, kills / 8)
    hit = sum(killed_worker(home, chance.uniform(0, longest)) for _ in range(kills))
    with opened(home) as service:
        request_steps.step(service, service.clock())
    assert check(home, requests) == check(calm, requests)
    assert dump(home.parent / "crm.db") == dump(calm.parent / "crm.db")
    return hit


def test_a_worker_killed_amid_erasures_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    """Twenty erasures, five kills: the same end as without any."""
    assert killed_again_and_again(tmp_path, erasures=20, leads=60, kills=5) > 0


@pytest.mark.soak
def test_two_hundred_erasures_survive_a_hundred_kills(tmp_path: Path) -> None:
    """The long form."""
    assert killed_again_and_again(tmp_path, erasures=200, leads=600, kills=100) > 0


def test_a_store_that_is_asked_over_a_network_makes_batches_short() -> None:
    """So that what comes in is not kept waiting by a hundred calls that each take their time."""
    crm = parse({"store": "crm", "kind": "sql", "url": "env:LEADWARDEN_STORE_CRM"})
    away = parse({"store": "away", "kind": "http"})
    assert request_steps.requests_at_once({}) == 100
    assert request_steps.requests_at_once({"crm": crm}) == 100
    assert request_steps.requests_at_once({"crm": crm, "away": away}) == 10
