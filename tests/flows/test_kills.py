"""`kill -9` of the real service, in the middle of erasures, of an import, and of single calls.

Each time it is started again on the same home, and then: whatever was acknowledged is in the database and in
the trail, nothing was done twice that counts, and what was begun comes to its end.
"""

import http.client
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.demo import crm
from tests.flows import trail
from tests.flows.living import NDJSON, YAML, Living, Reply, living, ndjson
from tests.flows.people import consent_of, line
from tests.flows.stored import main, rows

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.02
LATEST_KILL_SECONDS = 0.3
ONCE = ("created", "verified", "approved", "completed", "certified")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done, and how often it is disturbed."""

    amount: int
    kills: int


LONG = pytest.mark.soak


@dataclass(slots=True)
class Acknowledged:
    """What the service said it had done, as its callers heard it."""

    heard: list[tuple[str, Any]] = field(default_factory=list)

    def hear(self, what: str, body: Any) -> None:
        """One answer that arrived whole."""
        self.heard.append((what, body))

    def of(self, what: str) -> list[Any]:
        """The answers of one kind."""
        return [body for kind, body in self.heard if kind == what]


def insisting(service: Living, method: str, path: str, body: object = None, **headers: str) -> Reply:
    """One call, again and again until an answer arrives whole: what a careful client does in an outage."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            reply = service.call(method, path, body, **headers)
        except (OSError, http.client.HTTPException):
            time.sleep(PAUSE_SECONDS)
            continue
        if reply.status != 503:
            return reply
    raise AssertionError(f"{method} {path} was never answered")


@contextmanager
def beside(*works: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Run the works in threads during the block, which is told whether any still runs; raise their errors."""
    failed: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    yield lambda: any(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert not failed, failed


def until(look: Callable[[], bool]) -> None:
    """Return once it is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < end
        time.sleep(PAUSE_SECONDS)


def kill_and_start(service: Living, chance: random.Random) -> None:
    """At some moment within the next fraction of a second."""
    time.sleep(chance.uniform(0, LATEST_KILL_SECONDS))
    service.kill()
    service.start()


# Erasures


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the CRM: the request that erases them, and every word that is theirs alone."""

    request: str
    email: str
    words: tuple[str, ...]


def people_of(path: Path, count: int) -> list[Person]:
    """People of the CRM, each with all the addresses and numbers that nobody shares."""
    found: dict[str, set[str]] = {}
    points = "SELECT lower(c.email), p.value FROM contacts c JOIN contact_points p ON p.contact_id = c.id"
    for email, value in rows(path, points):
        found.setdefault(email, {email}).add(value)
    return [Person(str(uuid.uuid4()), email, tuple(sorted(found[email]))) for email in sorted(found)[:count]]


def with_crm(service: Living, path: Path) -> None:
    """The CRM as a lead store, and its leads."""
    stored = service.call("PUT", "/v1/stores/crm", crm.MAPPING.read_bytes(), kind=YAML)
    assert stored.status in {200, 201}, stored
    lines = b"".join(ndjson(crm.import_lines(path)))
    assert service.call("POST", "/v1/leads/import", lines, kind=NDJSON).status == 200


def erase(service: Living, person: Person, acknowledged: Acknowledged) -> None:
    """Take one request from its creation to its approval, whatever happens to the service meanwhile."""
    path = f"/v1/privacy-requests/{person.request}"
    new = {"id": person.request, "type": "erasure", "identities": [{"email": person.email}]}
    calls = {
        "awaiting_verification": (f"{path}/verify", {"method": "known_channel", "result": "verified"}),
        "awaiting_review": (f"{path}/approve", {}),
    }
    status = "unknown"
    while status not in {"in_progress", "completed"}:
        seen = insisting(service, "GET", path)
        status = "unknown" if seen.status == 404 else seen.body["status"]
        if status == "unknown":
            reply = insisting(service, "POST", "/v1/privacy-requests", new, Idempotency_Key=person.request)
        elif status in calls:
            reply = insisting(service, "POST", *calls[status])
        else:
            break
        assert reply.status in {200, 201, 409}, reply
        if reply.status != 409:
            acknowledged.hear(person.request, reply.body["status"])


def statuses(service: Living) -> Counter[str]:
    """How many requests stand where."""
    found = rows(main(service), "SELECT status, count(*) FROM privacy_request GROUP BY status")
    return Counter({str(status): int(count) for status, count in found})


def disturbed(service: Living, people: Sequence[Person], kills: int) -> int:
    """Erase everybody while the service is killed; says how often steps were under way just then."""
    chance = random.Random(kills)  # noqa: S311 - moments, not secrets
    acknowledged, amid = Acknowledged(), 0
    waiting = iter(people)
    lock = threading.Lock()

    def work() -> None:
        while (person := next_of(waiting, lock)) is not None:
            erase(service, person, acknowledged)

    with beside(work, work) as running:
        for kill in range(1, kills + 1):
            due = kill * 3 * len(people) // (kills + 1)
            until(partial(lambda due: len(acknowledged.heard) >= due or not running(), due))
            until(lambda: statuses(service)["in_progress"] > 0 or not running())
            amid += statuses(service)["in_progress"] > 0
            kill_and_start(service, chance)
    until(lambda: answered(service) and statuses(service)["completed"] == len(people))
    assert {request for request, _ in acknowledged.heard} <= {person.request for person in people}
    return amid


def answered(service: Living) -> bool:
    """A person has said of all namesakes who share a company's telephone that they are somebody else."""
    stuck = service.ask("GET", "/v1/privacy-requests?status=needs_attention&limit=500")["items"]
    for request in stuck:
        [step] = [step for step in request["steps"] if step["store"] == "crm"]
        others = [{"id": each["id"], "same_person": False} for each in step["candidates"]]
        path = f"/v1/privacy-requests/{request['id']}/steps/crm/decide"
        service.ask("POST", path, {"candidates": others})
    return not stuck


def next_of(waiting: Iterator[Person], lock: threading.Lock) -> Person | None:
    """The next one, for whichever thread asks."""
    with lock:
        return next(waiting, None)


@pytest.mark.parametrize("scale", [Scale(10, 3), pytest.param(Scale(200, 30), marks=LONG)])
def test_erasures_survive_kills(tmp_path: Path, scale: Scale) -> None:
    """Every request completes; nobody of them is left in the CRM, and nobody else is touched."""
    path = tmp_path / "crm.db"
    crm.build(path, leads=scale.amount + 20)
    people = people_of(path, scale.amount)
    others = {row[0] for row in rows(path, "SELECT lower(email) FROM contacts")} - {
        one.email for one in people
    }
    with living(tmp_path / "home", LEADWARDEN_STORE_CRM=f"sqlite:///{path}") as service:
        with_crm(service, path)
        older = trail.checkpoint(service)
        assert disturbed(service, people, scale.kills) > 0
        assert_done_once(service, people)
        assert_forgotten(service, people)
        last = rows(main(service), "SELECT max(entry_id) FROM privacy_request_entry")[0][0]
        exported = trail.export(service, [last])
    assert crm.count_mentions(path, tuple(word for one in people for word in one.words)) == 0
    assert {row[0] for row in rows(path, "SELECT lower(email) FROM contacts")} == others
    assert trail.verified(exported, since=older) == len(trail.entries(exported))
    told = Counter(entry["action"] for entry in trail.entries(exported))
    assert {f"request.{verb}": told[f"request.{verb}"] for verb in ONCE} == {
        f"request.{verb}": len(people) for verb in ONCE
    }
    assert told["lead.shredded"] == len(people)


def assert_done_once(service: Living, people: Sequence[Person]) -> None:
    """Each request has each transition once, one certificate, and steps that read back as empty."""
    told = Counter(rows(main(service), "SELECT request_id, action FROM privacy_request_entry"))
    moved = {one.request: [told[one.request, f"request.{verb}"] for verb in ONCE] for one in people}
    assert moved == {one.request: [1] * len(ONCE) for one in people}
    certificates = rows(main(service), "SELECT request_id, number FROM privacy_request_certificate")
    assert sorted(certificates) == sorted((one.request, 1) for one in people)
    for person in people:
        steps = {
            step["store"]: step
            for step in service.ask("GET", f"/v1/privacy-requests/{person.request}")["steps"]
        }
        assert {step["status"] for step in steps.values()} == {"succeeded"}
        found = steps["crm"]
        assert found["found"] == found["changed"] > 0
        assert found["remaining"] == 0


def assert_forgotten(service: Living, people: Sequence[Person]) -> None:
    """The service itself knows none of them any more, and would not take them in again."""
    for person in people:
        unknown = service.call(
            "POST", "/v1/leads/lookup", {"lead": {"email": person.email}, "purpose": "check"}
        )
        assert unknown.said == (404, "application/problem+json", "lead_unknown")
    again = service.call(
        "POST", "/v1/leads/import", ndjson(map(line, (p.email for p in people))), kind=NDJSON
    )
    assert again.lines[-1] == {"summary": {"created": 0, "merged": 0, "refused": len(people)}}


# An import


@pytest.mark.parametrize("scale", [Scale(2_500, 1), pytest.param(Scale(12_000, 6), marks=LONG)])
def test_an_import_survives_kills(tmp_path: Path, scale: Scale) -> None:
    """A file sent again after each kill is taken in whole, and nobody of it twice."""
    chance = random.Random(scale.kills)  # noqa: S311 - moments, not secrets
    body = b"".join(ndjson(line(f"person.{number}@firm.example") for number in range(scale.amount)))
    count = "SELECT count(*) FROM leads"
    with living(tmp_path / "home") as service:
        older = trail.checkpoint(service)
        replies: list[Reply] = []
        for kill in range(1, scale.kills + 1):
            due = kill * scale.amount // (scale.kills + 2)
            with beside(lambda: sent(service, body, replies)):
                until(partial(lambda due: rows(main(service), count)[0][0] >= due, due))
                time.sleep(chance.uniform(0, LATEST_KILL_SECONDS / 3))
                service.kill()
            service.start()
        assert replies == []
        assert 0 < rows(main(service), count)[0][0] < scale.amount
        sent(service, body, replies)
        last = rows(main(service), "SELECT max(entry_id) FROM audit_links")[0][0]
        exported = trail.export(service, [last])
    [*results, end] = replies[0].lines
    assert end["summary"]["created"] + end["summary"]["merged"] == scale.amount
    assert len({result["lead_id"] for result in results}) == scale.amount
    assert_leads_once(service, {result["lead_id"] for result in results})
    assert trail.verified(exported, since=older) == len(trail.entries(exported))
    assert Counter(entry["action"] for entry in trail.entries(exported))["lead.created"] == scale.amount


def sent(service: Living, body: bytes, replies: list[Reply]) -> None:
    """Send the file; an answer is kept, a broken connection is none."""
    try:
        reply = service.call("POST", "/v1/leads/import", body, kind=NDJSON)
    except (OSError, http.client.HTTPException):
        return
    assert reply.status == 200
    replies.append(reply)


def assert_leads_once(service: Living, lead_ids: set[str]) -> None:
    """Exactly these leads, each with one identifier, its facts and its key."""
    assert {row[0] for row in rows(main(service), "SELECT id FROM leads")} == lead_ids
    identified = rows(main(service), "SELECT lead_id, count(*) FROM lead_identifiers GROUP BY lead_id")
    assert dict(identified) == dict.fromkeys(lead_ids, 1)
    assert {row[0] for row in rows(main(service), "SELECT lead_id FROM lead_facts")} == lead_ids
    keys = rows(service.home / "keys.db", "SELECT owner FROM data_keys WHERE kind = 'lead'")
    assert lead_ids <= {row[0] for row in keys}


# Single calls


def busy(service: Living, name: str, amount: int, acknowledged: Acknowledged) -> None:
    """Lead, consent, decision, one after the other, each until it is acknowledged."""
    for number in range(amount):
        email = f"{name}.{number}@firm.example"
        taken = insisting(service, "POST", "/v1/leads", line(email), Idempotency_Key=f"lead {email}")
        acknowledged.hear("lead", taken.body)
        kept = insisting(
            service, "POST", "/v1/consents", consent_of(email), Idempotency_Key=f"consent {email}"
        )
        acknowledged.hear("consent", kept.body)
        asked = {"lead": {"email": email}, "channel": "email", "purpose": "direct_marketing"}
        acknowledged.hear("decision", insisting(service, "POST", "/v1/decisions", asked).body)


@pytest.mark.parametrize("scale", [Scale(100, 2), pytest.param(Scale(1_500, 20), marks=LONG)])
def test_single_calls_survive_kills(tmp_path: Path, scale: Scale) -> None:
    """What was acknowledged is there; what was repeated under its key was done once."""
    chance = random.Random(scale.kills)  # noqa: S311 - moments, not secrets
    acknowledged, names = Acknowledged(), ("ann", "bob", "cid", "dot")
    each = scale.amount // len(names)
    with living(tmp_path / "home") as service:
        works = [partial(busy, service, name, each, acknowledged) for name in names]
        with beside(*works) as running:
            for kill in range(1, scale.kills + 1):
                due = kill * 3 * scale.amount // (scale.kills + 1)
                until(partial(lambda due: len(acknowledged.heard) >= due, due))
                assert running()
                kill_and_start(service, chance)
        last = max(body["audit"]["entry_id"] for body in acknowledged.of("decision"))
        exported = trail.export(service, [last])
    assert trail.verified(exported) == len(trail.entries(exported))
    assert_all_kept(service, acknowledged, trail.entries(exported), scale.amount)


def assert_all_kept(
    service: Living, acknowledged: Acknowledged, entries: Sequence[dict[str, Any]], amount: int
) -> None:
    """Database and trail hold what was acknowledged, and each lead and consent once."""
    leads, consents, decisions = map(acknowledged.of, ("lead", "consent", "decision"))
    assert_leads_once(service, {body["lead_id"] for body in leads})
    events = rows(main(service), "SELECT id, entry_id FROM consent_events WHERE kind = 'consent'")
    assert sorted(events) == sorted((body["consent_id"], body["audit"]["entry_id"]) for body in consents)
    made = set(rows(main(service), "SELECT id, entry_id FROM decisions"))
    assert {(body["decision_id"], body["audit"]["entry_id"]) for body in decisions} <= made
    assert {body["effect"] for body in decisions} == {"allow"}
    told = {entry["id"]: entry["action"] for entry in entries}
    assert {told[body["audit"]["entry_id"]] for body in consents} == {"consent.given"}
    assert {told[body["audit"]["entry_id"]] for body in decisions} == {"decision.made"}
    verbs = Counter(told.values())
    assert (verbs["lead.created"], verbs["lead.merged"], verbs["consent.given"]) == (amount, 0, amount)
    assert verbs["decision.made"] == len(made)
