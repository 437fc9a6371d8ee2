"""Deletion lists become requests: taken in, verified, approved and worked off like any other."""

import hashlib
import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import deletion_lists
from api.arrivals import CLOCKS_DIFFER
from api.background import request_steps
from api.context import Service
from api.deletion_lists import Terms, take_in_list
from api.imports import CSV, NDJSON
from api.intake import take_in
from api.settings import read_settings
from api.startup import open_migrated
from governance.errors import FactInvalidError
from governance.leads import new_lead
from governance.placement import Verdict
from governance.requests import descriptions, listing
from governance.requests.tables import RequestRow, StepRow
from governance.requests.vocabulary import Method, Regime
from governance.stores import register
from tests import three_stores
from tests.canaries import files_under, planted_in
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, MemoryStore, a_known_lead, work

APPROVED = Terms(verified=Method.AGENT_PERMISSION, approve=True)
ANNA, BO = "anna.berg@example.com", "bo@example.com"


def sha256(text: str) -> str:
    """As lists write it."""
    return hashlib.sha256(text.encode()).hexdigest()


def taken(service: Service, *lines: dict[str, str] | bytes, terms: Terms = APPROVED) -> list[dict[str, Any]]:
    """The results of a list."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return list(take_in_list(service, raw, NDJSON, terms, actor=ACTOR))


def statuses(service: Service) -> list[str]:
    """How the requests stand."""
    with service.main.read() as session:
        return sorted(session.scalars(select(RequestRow.status)))


@pytest.fixture
def crm(service: Service) -> MemoryStore:
    """An active store."""
    document = {
        "kind": "manual", "active": True, "instructions": "by hand", "purposes": ["direct_marketing"]
    }  # fmt: skip
    service.main.write(
        lambda session: register.put(session, "crm", document, now=service.clock(), actor=ACTOR)
    )
    return MemoryStore("crm")


def test_a_list_is_worked_off_like_any_other_requests(service: Service, crm: MemoryStore) -> None:
    """A lead by address, a lead by digest, somebody of the store alone, and an unknown digest."""
    for address in (ANNA, BO):
        a_known_lead(service, address)
    crm.rows = {
        1: {"email": ANNA},
        2: {"email": BO},
        3: {"email": "store@example.com"},
        4: {"email": "x@example.com"},
    }
    *results, last = taken(
        service,
        {"email": ANNA},
        {"email_sha256": sha256(BO)},
        {"email": "store@example.com"},
        {"email_sha256": sha256("nobody@example.com")},
    )
    work(service, crm)

    assert [each["status"] for each in results] == ["created", "created", "created", "suppressed"]
    assert last == {"summary": {"created": 3, "open": 0, "suppressed": 1, "refused": 0}}
    assert statuses(service) == ["completed"] * 3
    assert crm.rows == {4: {"email": "x@example.com"}}
    with service.main.read() as session:
        found = descriptions.describe(session, results[1]["request_id"])
    step = found["steps"][0]
    assert (step["store"], step["found"], step["remaining"]) == ("crm", 1, 0)


def test_an_unknown_digest_keeps_the_person_out(service: Service) -> None:
    """Whoever is taken in under that address later is turned away, as after an erasure."""
    taken(service, {"email_sha256": sha256(ANNA)})
    source = {"key": "fair", "kind": "event", "obtained_at": service.clock()}
    lead = new_lead({"identifiers": [{"type": "email", "value": ANNA}], "source": source})
    [placed] = take_in(service, [lead], actor=ACTOR)

    assert (placed.lead_id, placed.verdict) == (None, Verdict.ERASED)


def test_an_unknown_digest_beside_a_known_address_keeps_out_too(service: Service, crm: MemoryStore) -> None:
    """No store can be searched by it: the answer says what became of it; sent again, it says so again."""
    a_known_lead(service, ANNA)
    line = {"email": ANNA, "email_sha256": sha256(BO)}
    [first, _], [again, _] = taken(service, line), taken(service, line)
    source = {"key": "fair", "kind": "event", "obtained_at": service.clock()}
    lead = new_lead({"identifiers": [{"type": "email", "value": BO}], "source": source})
    [placed] = take_in(service, [lead], actor=ACTOR)

    assert (first["status"], first["suppressed"]) == ("created", ["email_sha256"])
    assert (again["status"], again["suppressed"]) == ("open", ["email_sha256"])
    assert (placed.lead_id, placed.verdict) == (None, Verdict.ERASED)


def test_a_refused_line_keeps_nobody_out(service: Service, crm: MemoryStore) -> None:
    """Its request's id is taken: nothing of the line is done."""
    [first, _] = taken(service, {"email": ANNA})
    line = {"email": "new@example.com", "email_sha256": sha256(BO), "id": first["request_id"]}
    [refused, _] = taken(service, line)
    source = {"key": "fair", "kind": "event", "obtained_at": service.clock()}
    lead = new_lead({"identifiers": [{"type": "email", "value": BO}], "source": source})
    [placed] = take_in(service, [lead], actor=ACTOR)

    assert refused == {"line": 1, "status": "refused", "code": "request_exists"}
    assert placed.verdict is not Verdict.ERASED
    assert crm.asked == []


def test_without_an_approval_the_requests_wait(service: Service, crm: MemoryStore) -> None:
    """For verification, or for review where the sender answers for who the people are."""
    taken(service, {"email": ANNA}, terms=Terms())
    taken(service, {"email": BO}, terms=Terms(verified=Method.AGENT_PERMISSION, regime=Regime.CCPA))
    work(service, crm)

    assert statuses(service) == ["awaiting_review", "awaiting_verification"]
    assert crm.asked == []
    with service.main.read() as session:
        assert set(session.scalars(select(RequestRow.regime))) == {"gdpr", "ccpa"}
        assert session.scalars(select(StepRow)).all() == []


def test_a_list_sent_again_makes_nothing_twice(service: Service, crm: MemoryStore) -> None:
    """Neither a second line for a person nor a second sending makes a second request."""
    a_known_lead(service, ANNA)
    first, second, _ = taken(service, {"email": ANNA}, {"email_sha256": sha256(ANNA)})
    third, _ = taken(service, {"email": ANNA})

    assert first["status"] == "created"
    assert second == {"line": 2, "status": "open", "request_id": first["request_id"]}
    assert third == {"line": 1, "status": "open", "request_id": first["request_id"]}
    assert crm.asked == []


def test_a_bad_line_spoils_no_other(service: Service, crm: MemoryStore) -> None:
    """Each is refused with its code, and holds nothing of what was said."""
    taken_id = "0b7c7e1c-8d5b-4b1b-9e0e-0a8d4a2b5c6d"
    results = taken(
        service,
        {"email": ANNA, "id": taken_id},
        b"{",
        b"\xff",
        {"email": "nobody"},
        {"email": BO, "id": taken_id},
        {"email": "c@example.com"},
    )

    told = [(each["status"], each.get("code")) for each in results[:-1]]
    assert told == [
        ("created", None),
        ("refused", "malformed_json"),
        ("refused", "bad_encoding"),
        ("refused", "validation_failed"),
        ("refused", "request_exists"),
        ("created", None),
    ]
    assert results[0]["request_id"] == taken_id
    assert "nobody" not in json.dumps(results)
    assert crm.asked == []


def test_an_id_that_a_request_has_is_refused_alone(service: Service) -> None:
    """Also where the request came in between the look and the writing: then each line goes alone."""
    taken_id = "0b7c7e1c-8d5b-4b1b-9e0e-0a8d4a2b5c6d"
    taken(service, {"email": ANNA, "id": taken_id}, terms=Terms())
    again = taken(service, {"email": BO, "id": taken_id}, {"email": "c@example.com"}, terms=Terms())

    assert [each.get("code") for each in again[:-1]] == ["request_exists", None]
    assert statuses(service) == ["awaiting_verification"] * 2


def test_a_race_for_an_id_costs_one_line(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the look did not see yet is found by the writing; the other lines are taken in by themselves."""
    taken_id = "0b7c7e1c-8d5b-4b1b-9e0e-0a8d4a2b5c6d"
    taken(service, {"email": ANNA, "id": taken_id}, terms=Terms())
    monkeypatch.setattr(listing, "taken_ids", lambda *_: set())
    again = taken(service, {"email": BO, "id": taken_id}, {"email": "c@example.com"}, terms=Terms())

    assert [each.get("code") for each in again[:-1]] == ["request_exists", None]
    assert statuses(service) == ["awaiting_verification"] * 2


@pytest.mark.parametrize("amount", [1, deletion_lists.CHUNK, deletion_lists.CHUNK + 1])
def test_a_list_of_any_length_is_taken_in(service: Service, amount: int) -> None:
    """In chunks; the last may be short."""
    lines = [{"email": f"p{number}@example.com"} for number in range(amount)]
    *results, last = taken(service, *lines)

    assert [each["line"] for each in results] == list(range(1, amount + 1))
    assert last["summary"]["created"] == amount
    assert statuses(service) == ["in_progress"] * amount


def test_csv_is_read_by_its_header(service: Service) -> None:
    """And a header that is none is an error at once."""
    lines = [b"email,email_sha256", f"{ANNA},".encode(), f",{sha256(BO)}".encode(), b"a,b,c"]
    *results, _ = take_in_list(service, lines, CSV, APPROVED, actor=ACTOR)
    told = [(each["line"], each["status"], each.get("code")) for each in results]

    assert told == [(2, "created", None), (3, "suppressed", None), (4, "refused", "wrong_columns")]
    with pytest.raises(FactInvalidError):
        list(take_in_list(service, [b"name"], CSV, APPROVED, actor=ACTOR))


def test_terms_that_do_not_go_together_are_refused(service: Service) -> None:
    """An approval without a verification; a list from the future."""
    later = service.clock() + 2 * CLOCKS_DIFFER
    for terms in (Terms(approve=True), Terms(received_at=later)):
        with pytest.raises(FactInvalidError):
            taken(service, {"email": ANNA}, terms=terms)


def test_nothing_of_a_list_is_left_in_clear(service: Service, tmp_path: Path) -> None:
    """In no file of the service: database, write-ahead log, key store."""
    somebody = three_stores.Somebody(77)
    a_known_lead(service, somebody.email)
    taken(service, {"email": somebody.email}, {"email": somebody.private})

    assert planted_in(files_under(tmp_path), [somebody.email, somebody.private]) == []


def test_a_list_is_worked_off_on_a_server(fresh_postgres: str, tmp_path: Path, clock: Clock) -> None:
    """The same over PostgreSQL and three SQL stores: everybody erased, nobody else."""
    people = [three_stores.Somebody(number) for number in range(1, 13)]
    variables = three_stores.build(tmp_path, len(people) + 1)
    home = {"LEADWARDEN_HOME": str(tmp_path / "home"), "LEADWARDEN_DATABASE_URL": fresh_postgres}
    service = open_migrated(read_settings(home | variables), clock)
    for document in three_stores.documents():
        service.main.write(partial(put, document=document, now=clock.now))
    for one in people:
        a_known_lead(service, one.email)
    lines = [
        {"email_sha256": sha256(one.email)} if one.number % 2 else {"email": one.email} for one in people
    ]
    *_, last = taken(service, *lines, {"email_sha256": sha256("nobody@example.com")})
    request_steps.step(service, clock.now)
    found = statuses(service)
    service.close()
    cells = three_stores.cells(tmp_path)

    assert last == {"summary": {"created": len(people), "open": 0, "suppressed": 1, "refused": 0}}
    assert found == ["completed"] * len(people)
    assert [word for one in people for word in one.words if word in cells] == []
    assert three_stores.Somebody(13).email in cells


def put(session: Session, document: dict[str, Any], now: datetime) -> None:
    """Describe a store."""
    register.put(session, document["store"], document, now=now, actor=ACTOR)
