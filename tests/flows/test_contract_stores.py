"""The contract of lead stores: documents in and out, tests, refusals, and a request that runs through one."""

import copy
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.flows.clients import key_with, lead_of, problem, wait_for
from tests.flows.living import ADMINISTRATOR, OFFICER, YAML, Living, living
from tests.flows.people import line, request_of

SCHEMA = """
CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT, phone TEXT, first_name TEXT, score REAL);
CREATE TABLE activities (id INTEGER PRIMARY KEY, contact_id INTEGER, note TEXT);
CREATE TABLE tickets (id INTEGER PRIMARY KEY, contact_id INTEGER, body TEXT, state TEXT);
INSERT INTO contacts VALUES (1, 'Stored@firm.example', '+4915123450500', 'Sibylle', 0.5),
                            (2, 'other@firm.example', NULL, 'Otto', 0.1),
                            (3, 'same@firm.example', '+493090182011', 'Erika', 0.2),
                            (4, NULL, '+493090182011', 'Erika', 0.3);
INSERT INTO activities VALUES (1, 1, 'called'), (2, 2, 'mailed');
INSERT INTO tickets VALUES (1, 1, 'Sibylle (stored@firm.example) asked', 'open');
"""
DOCUMENT: dict[str, Any] = {
    "store": "crm",
    "kind": "sql",
    "url": "env:LEADWARDEN_STORE_CRM",
    "active": True,
    "purposes": ["direct_marketing"],
    "recipient": {"name": "Example CRM Ltd", "role": "processor", "country": "DE"},
    "tables": {
        "contacts": {
            "identity": {"email": "email", "phone": "phone"},
            "columns": {
                "first_name": {"category": "contact_details", "erase": None},
                "score": {
                    "category": "inferred",
                    "erase": "keep",
                    "because": "no longer personal once the row is anonymous",
                },
            },
            "erase": "delete",
        },
        "activities": {"belongs_to": {"contact_id": "contacts.id"}, "erase": "cascade"},
        "tickets": {
            "belongs_to": {"contact_id": "contacts.id"},
            "columns": {
                "body": {"category": "free_text", "erase": "redact"},
                "state": {"category": "behavioural", "erase": {"set": "closed"}},
            },
            "erase": "redact",
        },
    },
}
VERIFIED = {"method": "code", "result": "verified"}


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CRM."""
    path = tmp_path_factory.mktemp("crm") / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
    connection.close()
    return path


@pytest.fixture(scope="module")
def storing(tmp_path_factory: pytest.TempPathFactory, crm: Path) -> Iterator[Living]:
    """A service that knows where the CRM is."""
    home = tmp_path_factory.mktemp("stores") / "home"
    secrets = {"LEADWARDEN_STORE_CRM": f"sqlite:///{crm}", "LEADWARDEN_STORE_AWAY": "sqlite:////nowhere/x.db"}
    with living(home, **secrets) as service:
        yield service


def test_a_document_is_taken_as_json_and_given_back(storing: Living) -> None:
    """200 or 201; `GET` gives what was put."""
    reply = storing.call("PUT", "/v1/stores/crm", DOCUMENT)

    assert reply.status in {200, 201}, reply
    shown = storing.ask("GET", "/v1/stores/crm")
    assert shown["tables"]["contacts"]["identity"] == DOCUMENT["tables"]["contacts"]["identity"]
    assert (shown["store"], shown["kind"], shown["url"]) == ("crm", "sql", DOCUMENT["url"])
    assert storing.call("PUT", "/v1/stores/crm", shown).status == 200
    assert [each["store"] for each in storing.ask("GET", "/v1/stores")["items"]] == ["crm"]


def test_a_document_is_taken_as_yaml(storing: Living) -> None:
    """The same document."""
    text = yaml.safe_dump(DOCUMENT | {"store": "yaml", "active": False}).encode()
    reply = storing.call("PUT", "/v1/stores/yaml", text, kind=YAML)

    assert reply.status == 201, reply
    assert storing.ask("GET", "/v1/stores/yaml")["store"] == "yaml"


def test_a_store_is_tried(storing: Living) -> None:
    """Whether it can be reached, and what stands against its mapping."""
    storing.ask("PUT", "/v1/stores/crm", DOCUMENT)
    told = storing.ask("POST", "/v1/stores/crm/test")
    assert (told["reachable"], told["problems"]) == (True, [])

    away = _changed(lambda each: each.update(store="away", url="env:LEADWARDEN_STORE_AWAY", active=False))
    storing.ask("PUT", "/v1/stores/away", away)
    told = storing.ask("POST", "/v1/stores/away/test")
    assert told["reachable"] is False
    assert told["problems"]
    problem(storing.call("POST", "/v1/stores/none/test"), 404)


def _no_identity(document: dict[str, Any]) -> None:
    del document["tables"]["contacts"]["identity"]


def _no_such_table(document: dict[str, Any]) -> None:
    document["tables"]["people"] = document["tables"]["contacts"]


def _no_such_column(document: dict[str, Any]) -> None:
    document["tables"]["contacts"]["identity"] = {"mail": "email"}


def _no_such_parent(document: dict[str, Any]) -> None:
    document["tables"]["activities"]["belongs_to"] = {"contact_id": "people.id"}


def _kept_without_reason(document: dict[str, Any]) -> None:
    document["tables"]["contacts"]["columns"]["score"] = {"category": "inferred", "erase": "keep"}


def _table_kept_without_reason(document: dict[str, Any]) -> None:
    document["tables"]["tickets"]["erase"] = "keep"


@pytest.mark.parametrize(
    "spoil",
    [
        _no_identity,
        _no_such_table,
        _no_such_column,
        _no_such_parent,
        _kept_without_reason,
        _table_kept_without_reason,
    ],
)
def test_a_mapping_that_can_not_erase_is_refused_when_made_active(storing: Living, spoil: Any) -> None:
    """Not when a request fails; the store stays as it was."""
    storing.ask("PUT", "/v1/stores/crm", DOCUMENT)
    reply = storing.call("PUT", "/v1/stores/crm", _changed(spoil))

    assert reply.status in {409, 422}, reply
    problem(reply, reply.status)
    assert storing.ask("GET", "/v1/stores/crm")["tables"] == DOCUMENT["tables"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "postgresql://user:secret@db/crm"},
        {"url": "sqlite:///x.db"},
        {"url": "env:HOME"},
        {"url": "env:LEADWARDEN_DATABASE_URL"},
        {"kind": "ftp"},
        {"surplus": 1},
        {"store": "another"},
        {"purposes": ["fun"]},
        {"tables": []},
        {"active": "yes"},
    ],
)
def test_wrong_documents_are_422(storing: Living, wrong: dict[str, Any]) -> None:
    """A secret is always a reference, never a value; it is not repeated either."""
    reply = storing.call("PUT", "/v1/stores/wrong", DOCUMENT | {"store": "wrong", "active": False} | wrong)

    problem(reply, 422)
    assert b"secret@" not in reply.raw


@pytest.mark.parametrize(
    "table",
    [
        {"erase": "burn"},
        {"columns": {"first_name": {"category": "gossip", "erase": None}}},
        {"columns": {"first_name": {"category": "contact_details", "erase": "burn"}}},
        {"surplus": 1},
    ],
)
def test_wrong_tables_are_422(storing: Living, table: dict[str, Any]) -> None:
    """Categories and ways of erasing are closed."""
    document = _changed(lambda each: each.update(store="tables", active=False))
    document["tables"]["contacts"].update(table)

    problem(storing.call("PUT", "/v1/stores/tables", document), 422)


def test_activating_and_moving_need_a_reviewer(storing: Living) -> None:
    """An administrator proposes; `requests:review` makes active or changes the host."""
    draft = _changed(lambda each: each.update(store="draft", active=False))
    assert storing.call("PUT", "/v1/stores/draft", draft, key=ADMINISTRATOR).status == 201
    problem(storing.call("PUT", "/v1/stores/draft", draft | {"active": True}, key=ADMINISTRATOR), 403)
    moved = draft | {"url": "env:LEADWARDEN_STORE_AWAY"}
    storing.ask("PUT", "/v1/stores/draft", draft | {"active": True}, key=OFFICER)
    problem(storing.call("PUT", "/v1/stores/draft", moved | {"active": True}, key=ADMINISTRATOR), 403)
    both = key_with(storing, "stores:manage", "requests:review")
    assert storing.call("PUT", "/v1/stores/draft", draft, key=both).status == 200


def test_an_erasure_runs_through_a_store(storing: Living, crm: Path) -> None:
    """Deleted, cascaded, redacted, set: and read back."""
    storing.ask("PUT", "/v1/stores/crm", DOCUMENT)
    lead_of(storing, "stored@firm.example")
    path = _approved(storing, "stored@firm.example")
    done = wait_for(lambda: storing.ask("GET", path), lambda one: one["status"] != "in_progress")

    assert done["status"] == "completed", done
    steps = {step["store"]: step for step in done["steps"] if step["action"] == "erase"}
    assert set(steps) == {"crm", "leadwarden"}
    assert (steps["crm"]["found"], steps["crm"]["changed"], steps["crm"]["remaining"]) == (3, 3, 0)
    with sqlite3.connect(crm) as connection:
        left = json.dumps(
            [connection.execute(f"SELECT * FROM {name}").fetchall() for name in DOCUMENT["tables"]]  # noqa: S608 - ours
        ).lower()
    connection.close()
    assert "sibylle" not in left
    assert "stored@firm.example" not in left
    assert "closed" in left
    assert "otto" in left
    certificate = json.dumps(storing.ask("GET", f"{path}/certificate"))
    assert "crm" in certificate


def test_what_several_may_share_is_a_question_for_a_person(storing: Living, crm: Path) -> None:
    """The step waits with its candidates; `decide` says who is the same person, and the rest goes on."""
    storing.ask("PUT", "/v1/stores/crm", DOCUMENT)
    body = line("same@firm.example")
    body["identifiers"].append({"type": "phone", "value": "+493090182011"})
    storing.ask("POST", "/v1/leads", body)
    path = _approved(storing, "same@firm.example")
    seen = wait_for(lambda: storing.ask("GET", path), lambda one: one["status"] != "in_progress")
    assert seen["status"] == "needs_attention", seen
    [step] = [one for one in seen["steps"] if one["store"] == "crm"]
    assert step["status"] == "waiting_for_person"
    assert len(step["candidates"]) == 1
    problem(storing.call("POST", f"{path}/steps/crm/decide", {"candidates": []}), 422)

    answer = {"candidates": [{"id": step["candidates"][0]["id"], "same_person": False}]}
    decided = storing.call("POST", f"{path}/steps/crm/decide", answer)
    assert (decided.status, decided.body["status"]) == (200, "in_progress")
    done = wait_for(lambda: storing.ask("GET", path), lambda one: one["status"] != "in_progress")
    assert done["status"] == "completed", done
    with sqlite3.connect(crm) as connection:
        left = {row[0] for row in connection.execute("SELECT id FROM contacts")}
    connection.close()
    assert (3 in left, 4 in left) == (False, True)


def test_what_only_a_person_can_do_waits_for_them(storing: Living) -> None:
    """`retry` does not do it; `complete` does, and the request ends."""
    paper = {"store": "paper", "kind": "manual", "active": True}
    assert storing.call("PUT", "/v1/stores/paper", paper).status == 201
    lead_of(storing, "paper@firm.example")
    path = _approved(storing, "paper@firm.example")

    def settled() -> Any:
        return wait_for(lambda: storing.ask("GET", path), lambda one: one["status"] != "in_progress")

    assert settled()["status"] == "needs_attention"
    assert storing.call("POST", f"{path}/retry", {}).status == 200
    assert settled()["status"] == "needs_attention"
    problem(storing.call("POST", f"{path}/steps/nowhere/complete", {}), 404)
    assert storing.ask("POST", f"{path}/steps/paper/complete", {})["status"] == "in_progress"
    assert settled()["status"] == "completed"
    storing.ask("PUT", "/v1/stores/paper", paper | {"active": False})


def test_an_unreachable_store_keeps_the_request_open(storing: Living) -> None:
    """Skipped is not done; the steps of the others are; the reason is a word and no text of a driver."""
    away = _changed(lambda each: each.update(store="gone", url="env:LEADWARDEN_STORE_AWAY"))
    assert storing.call("PUT", "/v1/stores/gone", away).status == 201
    lead_of(storing, "waits@firm.example")
    path = _approved(storing, "waits@firm.example")
    seen = wait_for(
        lambda: {step["store"]: step for step in storing.ask("GET", path)["steps"]},
        lambda steps: bool(steps["gone"]["attempts"]) and "last_error" in steps["gone"],
    )

    assert seen["gone"]["status"] in {"queued", "running", "failed"}
    assert re.fullmatch("[a-z_]+", seen["gone"]["last_error"])
    assert storing.ask("GET", path)["status"] in {"in_progress", "needs_attention"}
    problem(storing.call("POST", f"{path}/approve", {}), 409)
    problem(storing.call("GET", f"{path}/certificate"), 404)


def _approved(service: Living, email: str) -> str:
    asked = service.ask("POST", "/v1/privacy-requests", request_of(email))
    path = f"/v1/privacy-requests/{asked['id']}"
    service.ask("POST", f"{path}/verify", VERIFIED)
    service.ask("POST", f"{path}/approve", {})
    return path


def _changed(change: Any) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return document
