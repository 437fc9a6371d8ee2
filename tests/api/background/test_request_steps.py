"""The worker in a process of its own, killed without warning, again and again."""

import random
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func
from sqlalchemy import select as query

from api import casework
from api.background import request_steps
from api.context import Service
from api.demo import crm
from api.startup import open_service, prepare
from audit.tables import LinkRow, PendingRow
from consent.tables import EventRow
from governance.requests.tables import CertificateRow, FoundRow, RequestRow, StepRow
from governance.requests.vocabulary import Method
from governance.stores import register
from governance.tables import FieldRow, IdentifierRow, LeadRow
from governance.vault.tables import DataKeyRow, ErasureRow
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
    """Addresses of people in the CRM."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT email FROM contacts WHERE email IS NOT NULL")
        found = {str(row[0]).casefold() for row in rows if not str(row[0]).startswith("info@")}
    connection.close()
    return sorted(found)[:count]


def prepared(home: Path, erasures: int, leads: int) -> list[str]:
    """A home with approved erasures, and the CRM that they go through; the addresses to be erased."""
    home.parent.mkdir(parents=True, exist_ok=True)
    crm.build(home.parent / "crm.db", leads=leads)
    settings = settings_of(home)
    prepare(settings)
    create_tables(settings)
    emails = emails_of(home.parent / "crm.db", erasures)
    with opened(home) as service:
        document = yaml.safe_load(crm.MAPPING.read_text("utf-8"))
        now = service.clock()
        service.main.write(lambda s: register.put(s, "crm", document, now=now, actor=ACTOR))
        for email in emails:
            a_known_lead(service, email, profile={"name": email})
            request_id = a_request(service, email)
            casework.verify(service, request_id, Method.CODE, passed=True, actor=ACTOR)
            casework.approve(service, request_id, actor=ACTOR)
    return emails


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


def check(home: Path, emails: list[str]) -> None:
    """Nothing lost, nothing done twice that counts."""
    count = len(emails)
    with opened(home) as service:
        with service.main.read() as session:
            statuses = session.scalars(query(RequestRow.status)).all()
            told = dict(
                session.execute(query(PendingRow.action, func.count()).group_by(PendingRow.action)).all()
            )
            left = [
                session.scalar(query(func.count()).select_from(row))
                for row in (LeadRow, IdentifierRow, FieldRow, EventRow)
            ]
            certificates = session.execute(query(CertificateRow.request_id, CertificateRow.number)).all()
            steps = session.scalars(query(StepRow)).all()
            searched = session.scalar(query(func.count(FoundRow.request_id.distinct())))
            linked = session.scalar(query(func.count()).where(LinkRow.lead_id.is_not(None)))
        with service.keys.read() as keys:
            kinds = dict(keys.execute(query(DataKeyRow.kind, func.count()).group_by(DataKeyRow.kind)).all())
            journal = keys.scalar(query(func.count()).select_from(ErasureRow))
    assert list(statuses) == ["completed"] * count
    assert left == [0, 0, 0, 0]
    assert linked == 0
    assert {told[action] for action in ("request.completed", "request.certified", "lead.shredded")} == {count}
    assert sorted(number for _, number in certificates) == [1] * count
    assert searched == count
    assert (kinds, journal) == ({"request": count}, count)
    for step in steps:
        assert (step.found, step.remaining) == (step.changed, 0)
        assert step.found
    assert crm.count_mentions(home.parent / "crm.db", tuple(emails)) == 0


def killed_again_and_again(tmp_path: Path, erasures: int, leads: int, kills: int) -> int:
    """Kills workers at random moments, lets one finish, and compares with a life without kills."""
    chance = random.Random(erasures)  # noqa: S311 - moments, not secrets
    home, calm = tmp_path / "killed" / "home", tmp_path / "calm" / "home"
    emails = prepared(home, erasures, leads)
    shutil.copytree(home.parent, calm.parent)
    shutil.copytree(home.with_name("home.keys"), calm.with_name("home.keys"), dirs_exist_ok=True)
    with opened(calm) as service:
        began = time.monotonic()
        request_steps.step(service, service.clock())
        took = time.monotonic() - began
    hit = 0
    for _ in range(kills):
        hit += killed_worker(home, chance.uniform(0, took * 1.2 / max(1, kills / 8)))
    with opened(home) as service:
        request_steps.step(service, service.clock())
    check(calm, emails)
    check(home, emails)
    assert dump(home.parent / "crm.db") == dump(calm.parent / "crm.db")
    return hit


def test_a_worker_killed_amid_erasures_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    """Twenty erasures, five kills: the same end as without any."""
    assert killed_again_and_again(tmp_path, erasures=20, leads=60, kills=5) > 0


@pytest.mark.soak
def test_two_hundred_erasures_survive_a_hundred_kills(tmp_path: Path) -> None:
    """The long form."""
    assert killed_again_and_again(tmp_path, erasures=200, leads=400, kills=100) > 0
