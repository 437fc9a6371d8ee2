"""Where stores call back: only who was told may call, only what is signed is heard; nothing is told back."""

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api import casework
from api.app import create_app
from api.context import Service
from governance.requests import errands
from governance.requests.tables import ErrandRow
from governance.stores import register
from governance.stores.protocol import RowRef
from tests.fakes.calling import SECRET, document
from tests.governance.requests.desk import an_approved

HERE = "/v1/stores/enrichment/callbacks/"
DONE = {"request_status": "completed"}


@pytest.fixture
def client(service: Service) -> FlaskClient:
    """Somebody who calls."""
    told = replace(service.settings, store_secrets={"LEADWARDEN_STORE_SIGNATURE": SECRET})
    return create_app(replace(service, settings=told)).test_client()


def address(service: Service, *, signed: bool = False, stated: bool = True) -> str:
    """Where a store was told to call; unless `stated`, any call of it says that the work is done."""
    made = document("https://api.enrichment.example")
    callback = made["http"]["tables"]["people"]["job"]["callback"]
    if not signed:
        del callback["signature"]
    if not stated:
        del callback["state"]
    key = casework.request_key(service, an_approved(service, "anna@example.com", ["enrichment"]))
    service.main.write(
        lambda session: register.put(session, "enrichment", made, now=service.clock(), actor="officer")
    )
    begun = service.main.write(
        lambda session: errands.begin(session, key, "enrichment", RowRef("people", ("p1",)), HERE)
    )
    assert begun.callback is not None
    return begun.callback


def heard(service: Service) -> str | None:
    """What was called back."""
    with service.main.read() as session:
        return session.scalars(select(ErrandRow.answer)).one()


def test_a_call_is_taken_and_says_nothing_back(client: FlaskClient, service: Service) -> None:
    """Whether it is the first or the tenth, and whatever it says."""
    where = address(service)
    answers = [client.post(where, json={"request_status": "in_progress"})]
    assert heard(service) is None
    answers += [client.post(where, json=DONE), client.post(where, json={"request_status": "cancelled"})]
    assert heard(service) == "done"
    assert {(each.status_code, each.get_data()) for each in answers} == {(202, b'{"status":"accepted"}')}


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "%C3%A9"])
def test_an_address_that_nobody_was_told_is_nobodys(
    client: FlaskClient, service: Service, token: str
) -> None:
    """Nor is another store's."""
    where = address(service)
    assert client.post(HERE + token, json=DONE).status_code in {400, 404}
    assert client.post(where.replace("enrichment", "crm"), json=DONE).status_code == 404
    assert client.get(where).status_code == 405
    assert heard(service) is None


def test_what_is_not_signed_is_not_heard(client: FlaskClient, service: Service) -> None:
    """The token is right; the body is somebody else's. Without our secret nothing is right."""
    where = address(service, signed=True)
    forged = client.post(where, json=DONE, headers={"X-Webhook-Signature": "v1,AAAA"})
    assert (forged.status_code, forged.get_json()["code"]) == (403, "signature_invalid")
    assert client.post(where, json=DONE).status_code == 403
    assert create_app(service).test_client().post(where, json=DONE).status_code == 403
    assert heard(service) is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff", 400),
        (b'{"request_status": NaN}', 400),
        (b"[" * 5000, 400),
        (b'"' + b"x" * 70_000 + b'"', 413),
        (b"", 202),
        (b"[]", 202),
        (b'{"request_status": {"completed": 1}}', 202),
    ],
)
def test_what_makes_no_sense_ends_nothing(
    client: FlaskClient, service: Service, body: bytes, status: int
) -> None:
    """Nor is more of it read than any such call has."""
    answer = client.post(address(service), data=body, content_type="application/json")
    assert (answer.status_code, heard(service)) == (status, None)


@pytest.mark.parametrize("body", [b"status=finished&id=1", b"", b"{", b"\xff", b'{"any": "thing"}'])
def test_where_no_state_is_told_any_call_counts(client: FlaskClient, service: Service, body: bytes) -> None:
    """A form, or nothing at all: the body is not looked into, only never more of it read."""
    where = address(service, stated=False)
    assert client.post(where, data=b"x" * 70_000).status_code == 413
    assert heard(service) is None
    form = "application/x-www-form-urlencoded"
    assert client.post(where, data=body, content_type=form).status_code == 202
    assert heard(service) == "done"


def test_a_store_that_is_not_to_call_any_more_is_not_heard(client: FlaskClient, service: Service) -> None:
    """Its document says so by now, or is gone."""
    where = address(service)
    made = document("https://api.enrichment.example")
    del made["http"]["tables"]["people"]["job"]["callback"]
    made["http"]["tables"]["people"]["erase"][0]["body"] = {"person": "{row.person_id}"}
    service.main.write(
        lambda session: register.put(session, "enrichment", made, now=service.clock(), actor="officer")
    )
    assert client.post(where, data=json.dumps(DONE)).status_code == 404
