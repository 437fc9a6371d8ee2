"""The same call twice is carried out once."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.background import expired_answers
from api.context import Service
from api.settings import Settings
from api.startup import first_keys, open_migrated
from api.tables import AnswerRow
from audit.tables import PendingRow
from tests.api.doors import doors
from tests.conftest import Clock, KeyOf

A, B = {"word": "a"}, {"word": "b"}


def test_the_same_key_and_body_give_the_same_answer(door: FlaskClient, key_of: KeyOf) -> None:
    """The second call changes nothing."""
    header = key_of("leads:write") | {"Idempotency-Key": "one"}
    first, second = (door.post("/count", json=A, headers=header) for _ in range(2))
    other = door.post("/count", json=A, headers=header | {"Idempotency-Key": "two"})

    assert (first.status_code, first.get_json()) == (second.status_code, second.get_json())
    assert other.get_json()["number"] == first.get_json()["number"] + 1


def test_another_body_is_a_mismatch(door: FlaskClient, key_of: KeyOf) -> None:
    """422, and nothing is done."""
    header = key_of("leads:write") | {"Idempotency-Key": "one"}
    door.post("/count", json=A, headers=header)
    answer = door.post("/count", json=B, headers=header)

    assert (answer.status_code, answer.get_json()["code"]) == (422, "idempotency_mismatch")


def test_a_key_belongs_to_its_caller(door: FlaskClient, key_of: KeyOf) -> None:
    """Somebody else's key of the same name is another call."""
    first = door.post("/count", json=A, headers=key_of("leads:write") | {"Idempotency-Key": "one"})
    second = door.post("/count", json=A, headers=key_of("leads:write") | {"Idempotency-Key": "one"})

    assert first.get_json() != second.get_json()


def test_a_refused_call_may_be_corrected_under_its_key(door: FlaskClient, key_of: KeyOf) -> None:
    """Only answers are kept."""
    header = key_of("leads:write") | {"Idempotency-Key": "one"}
    refused = door.post("/count", json={"word": 1}, headers=header)
    failed = door.post("/count", json={"word": "fail"}, headers=header)
    corrected = door.post("/count", json=A, headers=header)

    assert (refused.status_code, failed.status_code, corrected.status_code) == (422, 503, 201)


def test_duplicates_at_once_run_once(service: Service, key_of: KeyOf) -> None:
    """Eight callers in a hurry get one answer."""
    app = doors(service)
    header = key_of("leads:write") | {"Idempotency-Key": "one"}

    def call(_: int) -> tuple[int, str]:
        answer = app.test_client().post("/count", json=A, headers=header)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(call, range(16)))

    assert len(answers) == 1
    assert answers.pop()[0] == 201


def test_duplicates_at_once_run_once_on_postgresql(
    settings: Settings, clock: Clock, fresh_postgres: str, tmp_path: Path
) -> None:
    """Where transactions really run side by side, the loser finds the winner's answer."""
    chosen = replace(settings, database_url=fresh_postgres, keys_url=f"sqlite:///{tmp_path / 'keys.db'}")
    service = open_migrated(chosen, clock)
    app = doors(service)
    (_, administrator), _ = first_keys(service)
    header = {"Authorization": f"Bearer {administrator}", "Idempotency-Key": "one"}

    def call(_: int) -> tuple[int, str]:
        answer = app.test_client().post("/mark", json=A, headers=header)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(call, range(16)))
    with service.main.read() as session:
        entries = session.scalars(select(PendingRow.action)).all()
    service.close()

    assert answers == {(201, '{"number":1}')}
    assert entries.count("lead.created") == 1


def test_after_a_day_the_key_is_free(
    door: FlaskClient, key_of: KeyOf, clock: Clock, service: Service
) -> None:
    """It is taken again, and the duty deletes what nobody took again."""
    header = key_of("leads:write") | {"Idempotency-Key": "one"}
    first = door.post("/count", json=A, headers=header)
    clock.now += timedelta(hours=23)
    assert door.post("/count", json=A, headers=header).get_json() == first.get_json()
    clock.now += timedelta(hours=1)
    assert door.post("/count", json=B, headers=header).get_json() != first.get_json()

    expired_answers.step(service, clock.now)
    assert len(door.get("/answers").get_json()["bodies"]) == 1
    expired_answers.step(service, clock.now + timedelta(hours=24))
    assert door.get("/answers").get_json()["bodies"] == []


def test_what_is_stored_says_nothing_of_key_or_body(
    door: FlaskClient, key_of: KeyOf, service: Service
) -> None:
    """Neither the key, which may be anything, nor a hash that bodies could be tried against without it."""
    header = key_of("leads:write") | {"Idempotency-Key": "canary-key"}
    door.post("/count", json={"word": "canary"}, headers=header)

    with service.main.read() as session:
        (row,) = session.scalars(select(AnswerRow)).all()
    kept = row.id + row.request + row.body.encode()
    assert b"canary" not in kept
    assert json.loads(row.body) == {"number": 2}


@pytest.mark.parametrize("key", ["", "a" * 256, "\u00e4", "a\tb"])
def test_a_malformed_key_is_400(door: FlaskClient, key_of: KeyOf, key: str) -> None:
    """1 to 255 printable ASCII characters."""
    answer = door.post("/count", json=A, headers=key_of("leads:write") | {"Idempotency-Key": key})

    assert (answer.status_code, answer.get_json()["code"]) == (400, "idempotency_key_malformed")
