"""Answers kept for repeated calls go after a day."""

from datetime import timedelta

from flask.testing import FlaskClient

from api.background import expired_answers
from api.context import Service
from tests.conftest import Clock, KeyOf


def test_an_answer_is_kept_for_a_day_and_not_longer(
    door: FlaskClient, service: Service, clock: Clock, key_of: KeyOf
) -> None:
    """Just before its end it is still there; then only younger ones are."""
    headers = key_of("leads:write")
    door.post("/count", json={"word": "one"}, headers=headers | {"Idempotency-Key": "1"})
    clock.now += timedelta(hours=23, minutes=59)
    door.post("/count", json={"word": "two"}, headers=headers | {"Idempotency-Key": "2"})
    expired_answers.step(service, clock.now)
    kept = len(door.get("/answers").get_json()["bodies"])
    clock.now += timedelta(minutes=1)
    expired_answers.step(service, clock.now)

    assert kept == 2
    assert len(door.get("/answers").get_json()["bodies"]) == 1


def test_a_key_whose_answer_went_is_free_again(
    door: FlaskClient, service: Service, clock: Clock, key_of: KeyOf
) -> None:
    """A repeated call is then a new one: it is carried out once more."""
    headers = key_of("leads:write") | {"Idempotency-Key": "1"}
    first = door.post("/count", json={"word": "one"}, headers=headers).get_json()
    clock.now += timedelta(days=1)
    expired_answers.step(service, clock.now)

    assert door.post("/count", json={"word": "one"}, headers=headers).get_json() != first
