"""`api.receipts`: whoever keeps what the service answered can prove that an entry was left out."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import fields
from sqlalchemy import delete

from api.background import sequencer
from api.context import Service
from api.declared import declared
from api.receipts import audited, audited_before
from api.schemas.audit import AuditReceipt
from audit.__main__ import main
from audit.jws import DecisionReceipt
from audit.log import append
from audit.note import Note
from audit.receipt import MERGE_DELAY, Receipt
from audit.tables import PendingRow
from tests.conftest import NOW, Clock, KeyOf

JANE = {"email": "jane.doe@example.com"}
LEAD = {
    "identifiers": [{"type": "email", "value": JANE["email"]}],
    "country": "DE",
    "source": {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T10:00:00Z"},
}
CONSENT = {
    "lead": JANE,
    "status": "given",
    "purposes": ["direct_marketing"],
    "channels": ["email"],
    "source_key": "newsletter",
    "method": "double_opt_in",
    "notice": {"version": "v3"},
    "occurred_at": "2026-11-20T10:00:00Z",
}
QUESTION = {"lead": JANE, "channel": "email", "purpose": "direct_marketing"}
BATCH = {"channel": "email", "purpose": "direct_marketing", "leads": [JANE, {"email": "nobody@example.net"}]}

CHANGES_NOTHING = {
    "/v1/leads/import": "its lines carry none: each lead is an entry, and the summary another",
    "/v1/leads/<lead_id>/links": "links are derived, not made",
    "/v1/decisions": "the receipt is the decision's own JWS",
    "/v1/decisions/batch": "a receipt a chunk, beside the summary",
    "/v1/decisions/evaluate": "nothing is stored",
    "/v1/deadlines": "nothing is stored",
    "/v1/rulebooks/check": "nothing is stored",
    "/v1/privacy-requests/<request_id>/steps/<store>/candidates": "rows are shown, and the opening is told",
    "/v1/privacy-requests/<request_id>/file": "texts are shown, and the opening is told",
    "/v1/privacy-requests/<request_id>/letters/<letter_id>": "a letter is shown, and the opening is told",
    "/v1/privacy-requests/<request_id>/plan": "what would be done is counted, and nothing is done",
    "/v1/privacy-requests/import": "its lines carry none: each request is an entry, and the summary another",
    "/v1/decisions/reconcile": "a list is held against the decisions, which stay as they are",
    "/v1/stores/<key>/test": "a store is tried, and stays as it is",
    "/v1/stores/<key>/callbacks/<token>": "what a store says is noted; its step tells of it when it goes on",
}


class Sender:
    """Somebody who calls, and keeps every receipt."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers
        answer = self.post("/v1/leads", LEAD)
        self.kept = {"lead": answer["audit"]["receipt"]}
        self.kept["consent"] = self.post("/v1/consents", CONSENT)["audit"]["receipt"]
        self.decision = self.post("/v1/decisions", QUESTION)
        self.kept["decision"] = self.decision["receipt"]
        self.kept["chunk"] = self.post("/v1/decisions/batch", BATCH)["receipts"][0]["receipt"]

    def post(self, path: str, body: object, **headers: str) -> dict[str, Any]:
        """A call that is answered well."""
        answer = self.client.post(path, json=body, headers=self.headers | headers)
        assert answer.status_code in {200, 201}, answer.text
        document: dict[str, Any] = answer.get_json()
        return document


class Auditor:
    """Somebody with an export, the published keys, and the receipts that others kept."""

    def __init__(self, client: FlaskClient, headers: dict[str, str], folder: Path) -> None:
        self.client = client
        self.headers = headers
        self.folder = folder

    def verify(self, *receipts: str, at: str, with_keys: bool = True) -> int:
        """The exit code of `python -m audit verify`."""
        log, kept, keys = (self.folder / name for name in ("log.ndjson", "kept", "jwks.json"))
        log.write_bytes(self.client.get("/v1/audit/export", headers=self.headers).data)
        kept.write_text("\n".join(receipts))
        keys.write_bytes(self.client.get("/.well-known/jwks.json").data)
        [key] = self.client.get("/audit/keys").get_json()["keys"]
        arguments = ["verify", str(log), "--key", key["vkey"], "--receipts", str(kept), "--at", at]
        return main([*arguments, "--jwks", str(keys)] if with_keys else arguments)


@pytest.fixture
def sender(client: FlaskClient, key_of: KeyOf) -> Sender:
    """One who has taken in a lead and a consent, and asked about it alone and in a batch."""
    return Sender(client, key_of("leads:write", "consents:write", "decisions:create", "decisions:read"))


@pytest.fixture
def auditor(client: FlaskClient, key_of: KeyOf, tmp_path: Path) -> Auditor:
    """One who may read the trail."""
    return Auditor(client, key_of("audit:read"), tmp_path)


def entry_of(receipt: str) -> str:
    """The id of the entry that a receipt of either kind promises."""
    if receipt.count("\n"):
        return Receipt.parse(Note.parse(receipt).text).entry_id
    return DecisionReceipt.parse(receipt).entry_id


LATER = (NOW + MERGE_DELAY).isoformat()


def test_all_that_was_promised_is_kept(
    sender: Sender, auditor: Auditor, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of both kinds, by an honest log."""
    sequencer.step(service, NOW)

    assert auditor.verify(*sender.kept.values(), at=LATER) == 0
    assert "receipts: 4 kept, 0 not due yet\n" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["lead", "consent", "decision", "chunk"])
def test_an_entry_dropped_before_sequencing_is_reported_by_a_kept_receipt(
    sender: Sender,
    auditor: Auditor,
    service: Service,
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    """After the merge delay, not before; by entry, and though the log itself verifies."""
    dropped = entry_of(sender.kept[kind])
    service.main.write(
        lambda session: session.execute(delete(PendingRow).where(PendingRow.entry_id == dropped))
    )
    sequencer.step(service, NOW)
    others = [receipt for name, receipt in sender.kept.items() if name != kind]

    assert auditor.verify(*others, at=LATER) == 0
    assert auditor.verify(*sender.kept.values(), at=NOW.isoformat()) == 0
    assert "receipts: 3 kept, 1 not due yet\n" in capsys.readouterr().out
    assert auditor.verify(*sender.kept.values(), at=LATER) == 1
    told = capsys.readouterr().err
    assert told.startswith("FAILED [verification_failed] step 6 (receipts): 1 promised entries are missing")
    assert dropped in told


def test_a_dropped_decision_is_reported_without_its_keys(
    sender: Sender,
    auditor: Auditor,
    service: Service,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By id and hash; that its signature was not checked is said."""
    decided = sender.kept["decision"]
    dropped = entry_of(decided)
    service.main.write(
        lambda session: session.execute(delete(PendingRow).where(PendingRow.entry_id == dropped))
    )
    sequencer.step(service, NOW)

    assert auditor.verify(decided, at=LATER, with_keys=False) == 1
    told = capsys.readouterr().err
    assert DecisionReceipt.parse(decided).leaf_hash.hex() in told
    assert "the signatures of 1 were not checked, give the keys by --jwks" in told


def test_a_repeated_call_gets_the_same_receipt(sender: Sender, service: Service, clock: Clock) -> None:
    """By its key, or by its meaning; a minute later and sequenced meanwhile."""
    told = {"outcome": "not_sent", "at": NOW.isoformat()}
    path = f"/v1/decisions/{sender.decision['decision_id']}/outcome"
    once = sender.post("/v1/consents", CONSENT, **{"Idempotency-Key": "k"})
    outcome = sender.post(path, told)

    sequencer.step(service, NOW)
    clock.now += timedelta(minutes=1)

    assert once == sender.post("/v1/consents", CONSENT, **{"Idempotency-Key": "k"})
    assert outcome == sender.post(path, told)
    assert outcome["audit"]["receipt"]


def test_an_entry_of_before_is_promised_as_it_was(service: Service) -> None:
    """The same receipt from what is stored; of an entry that is gone nothing is promised."""
    appended = service.main.write(lambda session: append(session, "hold.placed", actor="key", now=NOW))
    with service.main.read() as session:
        again, gone = (audited_before(service, session, entry_id) for entry_id in (appended.entry_id, "gone"))

    assert audited(service, appended, NOW) == again
    assert gone == {"entry_id": "gone"}


def test_every_answer_that_changes_something_carries_a_receipt(app: Flask) -> None:
    """As documented; the few that do not are listed here with their reasons."""
    without = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"} and rule.rule.startswith("/v1/")
        for schema in declared(app.view_functions[rule.endpoint]).answers.values()
        if schema is None or not _is_promised(schema().fields.get("audit"))
    }

    assert without == set(CHANGES_NOTHING)


def _is_promised(audit: object) -> bool:
    return isinstance(audit, fields.Nested) and isinstance(audit.schema, AuditReceipt)


def test_a_batch_names_a_receipt_for_each_chunk(sender: Sender) -> None:
    """In the last line of a stream, too: the entry that every answer of the chunk names."""
    body = "\n".join(json.dumps(QUESTION) for _ in range(1_001)).encode()
    headers = sender.headers | {"Content-Type": "application/x-ndjson"}
    answer = sender.client.post("/v1/decisions/batch", data=body, headers=headers)
    *results, last = [json.loads(line) for line in answer.data.splitlines()]

    named = [result["audit"]["entry_id"] for result in (results[0], results[-1])]
    assert named == [entry_of(one["receipt"]) for one in last["receipts"]]
