"""The same call at the same moment, over real HTTP: carried out once, answered alike."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.flows.living import PROBLEM, Living, Reply, living
from tests.flows.people import GIVEN, consent_of, line, objection_of, request_of
from tests.flows.stored import counts

CALLERS = 12
WRITTEN = {
    "/v1/leads": ("leads", line),
    "/v1/consents": ("consent_events", consent_of),
    "/v1/objections": ("consent_events", objection_of),
    "/v1/privacy-requests": ("privacy_request", request_of),
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """One service for this module."""
    with living(tmp_path_factory.mktemp("repeated calls") / "home") as service:
        yield service


def at_once(service: Living, path: str, bodies: list[dict[str, Any]], **headers: str) -> list[Reply]:
    """All calls at the same moment, each on a connection of its own."""
    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(lambda body: service.call("POST", path, body, **headers), bodies))


@pytest.mark.parametrize("path", WRITTEN)
def test_one_key_and_one_body_is_one_change(running: Living, path: str) -> None:
    """Twelve callers get the same answer, and it was done once."""
    table, body_of = WRITTEN[path]
    email = f"once.{path.rpartition('/')[2]}@firm.example"
    if path != "/v1/leads":
        running.ask("POST", "/v1/leads", line(email))
    before = counts(running)[table]
    replies = at_once(running, path, [body_of(email)] * CALLERS, Idempotency_Key=f"key of {path}")

    assert {reply.status for reply in replies} == {201}
    assert len({reply.raw for reply in replies}) == 1
    assert counts(running)[table] == before + 1


@pytest.mark.parametrize("path", WRITTEN)
def test_one_key_and_two_bodies_is_one_change_and_a_refusal(running: Living, path: str) -> None:
    """Whichever came first was done; the other is told that the key is taken."""
    table, body_of = WRITTEN[path]
    emails = [f"{name}.{path.rpartition('/')[2]}@firm.example" for name in ("left", "right")]
    if path != "/v1/leads":
        for email in emails:
            running.ask("POST", "/v1/leads", line(email))
    before = counts(running)[table]
    bodies = [body_of(email) for email in emails] * (CALLERS // 2)
    replies = at_once(running, path, bodies, Idempotency_Key=f"two bodies of {path}")

    assert Counter(reply.status for reply in replies) == {201: CALLERS // 2, 422: CALLERS // 2}
    refused = {reply.said for reply in replies if reply.status == 422}
    assert refused == {(422, PROBLEM, "idempotency_mismatch")}
    assert counts(running)[table] == before + 1


def test_an_event_is_told_once(running: Living) -> None:
    """Of a known lead, under its id."""
    lead_id = running.ask("POST", "/v1/leads", line("buyer@firm.example"))["lead_id"]
    before = counts(running)["consent_events"]
    bodies = [{"kind": "purchase", "occurred_at": GIVEN}] * CALLERS
    replies = at_once(running, f"/v1/leads/{lead_id}/events", bodies, Idempotency_Key="purchase 1")

    assert {reply.status for reply in replies} == {201}
    assert len({reply.raw for reply in replies}) == 1
    assert counts(running)["consent_events"] == before + 1


def test_one_person_sent_by_many_at_once_is_one_lead(running: Living) -> None:
    """Without any key: spelled in many ways, one is created and the others are merged into it."""
    spellings = ["Jo.Twelve@Firm.example", "jo.twelve@firm.example", " jo.twelve@FIRM.EXAMPLE "] * 4
    before = counts(running)["leads"]
    replies = at_once(running, "/v1/leads", [line(spelling) for spelling in spellings])

    assert Counter(reply.status for reply in replies) == {201: 1, 200: len(spellings) - 1}
    assert len({reply.body["lead_id"] for reply in replies}) == 1
    assert counts(running)["leads"] == before + 1


def test_a_request_of_one_id_is_taken_in_once(running: Living) -> None:
    """The caller minted the id; a second one of that id is refused, not a second request."""
    body = request_of("jo.twelve@firm.example", id="0e0e4ad4-6f5a-4b3a-9d5e-0f5d3f1f2a11")
    before = counts(running)["privacy_request"]
    replies = at_once(running, "/v1/privacy-requests", [body] * CALLERS)

    assert Counter(reply.status for reply in replies) == {201: 1, 409: CALLERS - 1}
    assert counts(running)["privacy_request"] == before + 1


def test_decisions_are_never_replayed(running: Living) -> None:
    """The same key, another moment, another answer: the ground may have gone meanwhile."""
    body = {"lead": {"email": "jo.twelve@firm.example"}, "channel": "email", "purpose": "direct_marketing"}
    replies = at_once(running, "/v1/decisions", [body] * CALLERS, Idempotency_Key="same")

    assert {reply.status for reply in replies} == {200}
    assert len({reply.body["decision_id"] for reply in replies}) == CALLERS
