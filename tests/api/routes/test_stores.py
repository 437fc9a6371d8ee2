"""The store routes: what may be put by whom, in which form it comes back, and what a test of it says."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from sqlalchemy import delete

from api.app import create_app
from api.context import Service
from audit.tables import PendingRow
from governance.requests.tables import StepRow
from tests.conftest import KeyOf
from tests.governance.requests.desk import an_approved
from tests.governance.stores.conftest import run_script
from tests.governance.stores.factories import PEOPLE, SCHEMA, VARIABLE, document


@pytest.fixture
def crm_url(tmp_path: Path) -> str:
    """A lead store of the outside world."""
    path = tmp_path / "crm.db"
    path.touch()
    url = f"sqlite:///{path}"
    run_script(url, SCHEMA)
    run_script(url, PEOPLE)
    return url


@pytest.fixture
def client(service: Service, crm_url: str) -> FlaskClient:
    """A client of a service that knows where the store is."""
    secrets = {VARIABLE: crm_url, "LEADWARDEN_STORE_GONE": "sqlite:////nowhere/at/all.db"}
    return create_app(
        replace(service, settings=replace(service.settings, store_secrets=secrets))
    ).test_client()


def put(client: FlaskClient, headers: dict[str, str], **changes: Any) -> Any:
    """Puts the small CRM's document with `changes`."""
    return client.put("/v1/stores/crm", json=document(**changes), headers=headers)


def test_a_document_comes_back_as_it_was_put(client: FlaskClient, key_of: KeyOf) -> None:
    """The first put creates, the second replaces, and nothing is filled in."""
    both = key_of("stores:manage", "requests:review")
    assert put(client, both).status_code == 201
    assert put(client, both).status_code == 200
    assert document() == client.get("/v1/stores/crm", headers=both).json


def test_yaml_goes_both_ways(client: FlaskClient, key_of: KeyOf) -> None:
    """What `stores scan` writes can be put as it is, and fetched to be edited."""
    both = key_of("stores:manage", "requests:review")
    text = yaml.safe_dump(document(), sort_keys=False)
    answer = client.put("/v1/stores/crm", data=text, content_type="application/yaml", headers=both)
    assert answer.status_code == 201
    fetched = client.get("/v1/stores/crm", headers={**both, "Accept": "application/yaml"})
    assert fetched.mimetype == "application/yaml"
    assert document() == yaml.safe_load(fetched.text)


@pytest.mark.parametrize("text", ["a: [", "- a\n- b", "kind: sql\nkind: sql", "a: &a [1]\nb: *a", "\xff"])
def test_yaml_that_is_no_document_is_refused(client: FlaskClient, key_of: KeyOf, text: str) -> None:
    """Broken, a list, a key twice, aliases: a clear problem each."""
    answer = client.put(
        "/v1/stores/crm",
        data=text.encode("latin-1"),
        content_type="application/yaml",
        headers=key_of("stores:manage"),
    )
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "store_document_invalid"


def test_activating_needs_a_reviewer(client: FlaskClient, key_of: KeyOf) -> None:
    """An administrator may prepare a store, but not make it part of requests."""
    administrator = key_of("stores:manage")
    assert put(client, administrator, active=False).status_code == 201
    assert put(client, administrator, active=True).status_code == 403
    assert put(client, key_of("stores:manage", "requests:review"), active=True).status_code == 200
    assert put(client, administrator, active=True).status_code == 200


def test_moving_to_another_host_needs_a_reviewer(client: FlaskClient, key_of: KeyOf) -> None:
    """Else identities would be sent to whatever an administrator names."""
    administrator = key_of("stores:manage")
    assert put(client, administrator, active=False).status_code == 201
    assert put(client, administrator, active=False, url="env:LEADWARDEN_STORE_GONE").status_code == 403


def test_asking_for_fewer_approvals_needs_a_reviewer(client: FlaskClient, key_of: KeyOf) -> None:
    """Asking for more does not."""
    administrator = key_of("stores:manage")
    assert put(client, administrator, active=False).status_code == 201
    assert put(client, administrator, active=False, approvals=2).status_code == 200
    assert put(client, administrator, active=False).status_code == 403
    assert put(client, key_of("stores:manage", "requests:review"), active=False).status_code == 200


def test_declared_periods_come_back_and_wrong_ones_are_named(client: FlaskClient, key_of: KeyOf) -> None:
    """As in a file that the command line takes in."""
    administrator = key_of("stores:manage")
    period = {"kept": "P2Y", "from": "the last contact", "because": "our rule"}
    kept = put(client, administrator, active=False, retention={"direct_marketing": period})
    assert (kept.status_code, kept.get_json()["retention"]) == (201, {"direct_marketing": period})
    refused = put(client, administrator, active=False, retention={"research": period})
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["retention.research"])


def test_a_secret_as_a_value_is_refused_and_not_repeated(client: FlaskClient, key_of: KeyOf) -> None:
    """Only a reference to a variable is taken."""
    answer = put(client, key_of("stores:manage"), active=False, url="postgresql://u:hunter2@db/crm")
    assert answer.status_code == 422
    assert "url" in answer.json["errors"]
    assert "hunter2" not in answer.text


def test_a_mapping_that_can_not_work_is_refused_when_made_active(client: FlaskClient, key_of: KeyOf) -> None:
    """On the live schema: a column that is not there; by itself: something undecided."""
    both = key_of("stores:manage", "requests:review")
    wrong = document()["tables"]
    wrong["contacts"]["identity"]["fax"] = "phone"
    answer = put(client, both, tables=wrong)
    assert answer.status_code == 422
    assert answer.json["errors"]["active"] == ["tables.contacts.fax: there is no such column"]
    assert put(client, both, undecided=["contacts.fax"]).status_code == 422
    assert put(client, both, undecided=["contacts.fax"], active=False).status_code == 201


def test_a_test_says_what_stands_against_a_store(client: FlaskClient, key_of: KeyOf) -> None:
    """Reachable without problems; and one that is not there."""
    both = key_of("stores:manage", "requests:review")
    put(client, both)
    answer = client.post("/v1/stores/crm/test", headers=both).json
    assert answer is not None
    assert (answer["reachable"], answer["problems"]) == (True, [])
    assert put(client, both, url="env:LEADWARDEN_STORE_GONE").status_code == 200
    gone = client.post("/v1/stores/crm/test", headers=both).json
    assert gone == {"reachable": False, "problems": ["url: unreachable"], "advice": []}


def test_stores_are_listed_by_key_in_pages(client: FlaskClient, key_of: KeyOf) -> None:
    """With a cursor to go on."""
    headers = key_of("stores:manage")
    for key in ("beta", "alpha"):
        body = {"kind": "manual", "instructions": "Look in the cabinet."}
        assert client.put(f"/v1/stores/{key}", json=body, headers=headers).status_code == 201
    first = client.get("/v1/stores?limit=1", headers=headers).json
    assert first is not None
    assert [item["store"] for item in first["items"]] == ["alpha"]
    second = client.get(f"/v1/stores?limit=1&cursor={first['next_cursor']}", headers=headers).json
    assert second is not None
    assert ([item["store"] for item in second["items"]], second["next_cursor"]) == (["beta"], None)


def test_a_store_of_files_is_put_whole(client: FlaskClient, key_of: KeyOf) -> None:
    """With what is said of old versions and of formats."""
    body = {
        "kind": "file",
        "url": "env:LEADWARDEN_STORE_EXPORTS",
        "tables": {"a.txt": {"identity": {"mail": "email"}, "erase": "delete", "format": "csv"}},
        "old_versions": {"keep": "the bank asks for them"},
    }
    headers = key_of("stores:manage")
    assert client.put("/v1/stores/exports", json=body, headers=headers).status_code == 201
    assert client.get("/v1/stores/exports", headers=headers).json == body | {"store": "exports"}


def test_a_store_is_deleted(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """With its entry; an active one by a reviewer; and not while a request works in it."""
    administrator, both = key_of("stores:manage"), key_of("stores:manage", "requests:review")
    put(client, both)
    assert client.delete("/v1/stores/crm", headers=administrator).status_code == 403
    request_id = an_approved(service, "jane.doe@acme.example", ("crm",))
    refused = client.delete("/v1/stores/crm", headers=both)
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["code"] == "store_needed"
    service.main.write(
        lambda session: session.execute(delete(StepRow).where(StepRow.request_id == request_id))
    )
    answer = client.delete("/v1/stores/crm", headers=both)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["audit"]["entry_id"]
    assert client.get("/v1/stores/crm", headers=both).status_code == 404
    assert client.delete("/v1/stores/crm", headers=both).status_code == 404


def test_unknown_stores_and_keys_without_the_scope(client: FlaskClient, key_of: KeyOf) -> None:
    """404 and 403, for every call."""
    assert client.get("/v1/stores/none", headers=key_of("stores:manage")).status_code == 404
    assert client.post("/v1/stores/none/test", headers=key_of("stores:manage")).status_code == 404
    other = key_of("leads:write")
    for method, path in (
        ("PUT", "/crm"),
        ("GET", "/crm"),
        ("GET", ""),
        ("POST", "/crm/test"),
        ("DELETE", "/crm"),
    ):
        assert client.open(f"/v1/stores{path}", method=method, headers=other).status_code == 403


def test_every_change_stands_in_the_trail(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """Changed, activated, tested: one entry each, in the transaction of the change."""
    both = key_of("stores:manage", "requests:review")
    put(client, both)
    client.post("/v1/stores/crm/test", headers=both)
    with service.main.read() as session:
        actions = {row.action for row in session.query(PendingRow)}
    assert {"store.changed", "store.activated", "store.tested"} <= actions
