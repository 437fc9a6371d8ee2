"""Reconciling: what was sent without a yes is found by its line number, whatever shape the log has."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from sqlalchemy import select

from api.context import Service
from api.reconciling import decision_of, reconciled
from audit.tables import PendingRow
from consent.ledger import forget
from tests.api.routes.test_decisions import JANE, NOBODY, SCOPES, ask, object_to, take_in
from tests.conftest import NOW, Clock, KeyOf

CSV = "text/csv"
HEADER = "email,channel,sent_at,decision_id"
ADDRESS = JANE["email"]


@pytest.fixture
def headers(key_of: KeyOf) -> dict[str, str]:
    """A key that asks, and may look at what was asked."""
    return key_of(*SCOPES, "decisions:read")


def found(service: Service, *lines: str) -> tuple[list[tuple[int, str]], dict[str, int]]:
    """The lines to look at, and the summary, of a CSV file."""
    *results, last = reconciled(service, [line.encode() for line in lines], CSV, actor="tester")
    return [(one["line"], one["finding"]) for one in results], last["summary"]


def asked(client: FlaskClient, headers: dict[str, str]) -> dict[str, Any]:
    """The answer about Jane, by e-mail."""
    return ask(client, headers)


def test_contacts_are_held_against_the_answers(
    service: Service, client: FlaskClient, headers: dict[str, str], clock: Clock
) -> None:
    """Before anybody asked, while the yes held, after it, and after the no; a stranger; another channel."""
    take_in(client, headers, ADDRESS)
    asked(client, headers)
    object_to(client, headers)
    clock.now = NOW + timedelta(hours=1)
    asked(client, headers)
    rows = [
        f"{ADDRESS},email,{(NOW - timedelta(minutes=1)).isoformat()},",
        f"{ADDRESS},email,{(NOW + timedelta(minutes=5)).isoformat()},",
        f"{ADDRESS},email,{(NOW + timedelta(minutes=30)).isoformat()},",
        f"{ADDRESS},email,{(NOW + timedelta(minutes=90)).isoformat()},",
        f"{NOBODY['email']},email,{NOW.isoformat()},",
        f"{ADDRESS},sms,{(NOW + timedelta(minutes=5)).isoformat()},",
    ]
    results, summary = found(service, HEADER, *rows)

    assert results == [
        (2, "no_decision"),
        (4, "outside_validity"),
        (5, "denied"),
        (6, "lead_unknown"),
        (7, "no_decision"),
    ]
    assert (summary["backed"], sum(summary.values())) == (1, 6)


def test_a_named_decision_and_a_receipt_are_looked_up(
    service: Service, client: FlaskClient, headers: dict[str, str]
) -> None:
    """By id or out of the receipt; one about somebody else backs nothing."""
    take_in(client, headers, ADDRESS)
    take_in(client, headers, "other@example.com")
    answer = asked(client, headers)
    lines = [
        {"email": ADDRESS, "channel": "email", "sent_at": NOW.isoformat(), "receipt": answer["receipt"]},
        {
            "email": ADDRESS,
            "channel": "email",
            "sent_at": NOW.isoformat(),
            "decision_id": answer["decision_id"],
        },
        {"email": "other@example.com", "channel": "email", "sent_at": NOW.isoformat()}
        | {"decision_id": answer["decision_id"]},
    ]
    body = "\n".join(json.dumps(line) for line in lines)
    answered = client.post(
        "/v1/decisions/reconcile", data=body, content_type="application/x-ndjson", headers=headers
    )
    *results, last = [json.loads(line) for line in answered.text.splitlines()]

    assert answered.status_code == 200
    assert results == [{"line": 3, "finding": "other_contact", "decision_id": answer["decision_id"]}]
    assert last["summary"]["backed"] == 2


def test_bad_lines_are_named_and_spoil_no_other(
    service: Service, client: FlaskClient, headers: dict[str, str]
) -> None:
    """By number and field, without what stood in them; the trail says how many, and nobody's name."""
    take_in(client, headers, ADDRESS)
    asked(client, headers)
    rows = [
        f"{ADDRESS},email,yesterday,",
        f"{ADDRESS},pigeon,{NOW.isoformat()},",
        f",email,{NOW.isoformat()},",
        f"not an address,email,{NOW.isoformat()},",
        f"{ADDRESS},email",
        f"{ADDRESS},email,{NOW.isoformat()},",
    ]
    *results, last = reconciled(service, [line.encode() for line in [HEADER, *rows]], CSV, actor="tester")
    with service.main.read() as session:
        [entry] = session.scalars(select(PendingRow.body).where(PendingRow.action == "audit.read"))

    assert [(one["line"], one["finding"]) for one in results] == [(n, "unreadable") for n in range(2, 7)]
    assert [sorted(one.get("errors", ())) for one in results[:2]] == [["sent_at"], ["channel"]]
    assert last["summary"]["backed"] == 1
    assert json.loads(entry)["facts"] == {"question": "reconcile", "lines": 6, "backed": 1}
    assert ADDRESS.encode() not in entry
    assert ADDRESS not in json.dumps(results)


@pytest.mark.parametrize("header", ["", "email,channel", "channel,sent_at", "email,channel,sent_at,mood"])
def test_a_header_that_says_too_little_is_422(
    client: FlaskClient, headers: dict[str, str], header: str
) -> None:
    """Nothing is looked at."""
    answer = client.post("/v1/decisions/reconcile", data=header, content_type=CSV, headers=headers)

    assert (answer.status_code, list(answer.json["errors"] if answer.json else ())) == (422, ["header"])


def test_who_asks_needs_to_read_decisions(client: FlaskClient, key_of: KeyOf) -> None:
    """Asking for decisions is not enough."""
    answer = client.post(
        "/v1/decisions/reconcile", data=HEADER, content_type=CSV, headers=key_of("decisions:create")
    )

    assert answer.status_code == 403


def test_of_an_erased_lead_the_answer_is_left(
    service: Service, client: FlaskClient, headers: dict[str, str]
) -> None:
    """What was named is still known to have been a yes; without a name nobody is known."""
    lead_id = take_in(client, headers, ADDRESS)
    answer = asked(client, headers)
    service.main.write(lambda session: forget(session, lead_id, now=NOW))
    rows = [f"{ADDRESS},email,{NOW.isoformat()},{answer['decision_id']}"]

    assert found(service, HEADER, *rows)[0] == [(2, "erased")]


@given(st.text(max_size=60))
def test_whatever_is_no_receipt_is_refused(text: str) -> None:
    """By one error."""
    with pytest.raises(ValidationError):
        decision_of(text)


def test_a_long_log_goes_through_in_chunks(
    service: Service, client: FlaskClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers go on over the chunks."""
    take_in(client, headers, ADDRESS)
    asked(client, headers)
    monkeypatch.setattr("api.reconciling.CHUNK", 3)
    rows = [f"{ADDRESS if number % 2 else NOBODY['email']},email,{NOW.isoformat()}," for number in range(10)]

    assert [line for line, _ in found(service, HEADER, *rows)[0]] == [2, 4, 6, 8, 10]
