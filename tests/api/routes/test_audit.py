"""The audit routes: answers that prove themselves, and nothing for those who may not ask."""

import base64
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.background import sequencer
from api.context import Service
from audit import merkle
from audit.actions import Action
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.commitment import LEAD, commits_to
from audit.entry import Entry
from audit.log import append, append_many, unlink
from audit.note import Key, parse_vkey
from audit.proof import Proof
from audit.tiles import split_bundle, split_hashes
from audit.verify import Question, verify
from governance.vault import keys as vault_keys
from governance.vault.tables import KeyKind
from tests.api.routes.test_decisions import JANE, ask, take_in
from tests.conftest import NOW, Clock, KeyOf

LEAD_ID = "0b0f6a1e-2a0e-4a4e-9d0a-000000000001"


@pytest.fixture
def reader(key_of: KeyOf) -> dict[str, str]:
    """An auditor."""
    return key_of("audit:read")


@pytest.fixture
def log(service: Service, reader: dict[str, str], clock: Clock) -> list[str]:
    """A sequenced log of 300 and a few entries, minutes apart; gives the ids of the 300."""
    facts: dict[str, Any] = {"fields": ["email"], "purpose": "research"}
    made = [
        Entry(
            Action.LEAD_LOOKED_UP,
            f"key-{number % 2}",
            NOW + timedelta(minutes=number),
            lead_id=LEAD_ID if number % 3 == 0 else None,
            facts=facts,
        )
        for number in range(300)
    ]
    appended = service.main.write(lambda session: append_many(session, made))
    sequencer.step(service, NOW)
    return [each.entry_id for each in appended]


def head(client: FlaskClient, service: Service) -> Checkpoint:
    """The published head, verified."""
    return open_checkpoint(client.get("/audit/checkpoint").text, [service.log_signer.key])


def trusted(client: FlaskClient) -> list[Key]:
    """The keys that the service shows to anybody."""
    return [parse_vkey(key["vkey"]) for key in client.get("/audit/keys").get_json()["keys"]]


def get(client: FlaskClient, path: str, reader: dict[str, str]) -> Any:
    """A successful JSON answer."""
    response = client.get(path, headers=reader)
    assert response.status_code == 200, response.text
    return response.get_json()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/audit/entries",
        "/v1/audit/entries/x",
        "/v1/audit/consistency?from=1",
        "/v1/audit/export",
        f"/v1/audit/leads/{LEAD_ID}/openings",
        "/v1/audit/exposure?actor=a",
        "/audit/tile/entries/000.p/1",
    ],
)
def test_the_trail_is_shown_only_to_those_who_may_read_it(
    client: FlaskClient, key_of: KeyOf, path: str
) -> None:
    """Without a key 401, without the scope 403."""
    assert client.get(path).status_code == 401
    assert client.get(path, headers=key_of("leads:read")).status_code == 403


def test_nothing_is_shown_before_anything_was_signed(client: FlaskClient, reader: dict[str, str]) -> None:
    """An unsigned log has no checkpoint: 404 by name."""
    response = client.get("/audit/checkpoint", headers=reader)
    assert (response.status_code, response.get_json()["code"]) == (404, "size_unknown")


def test_auditors_find_what_was_done_before_they_asked(
    client: FlaskClient, service: Service, reader: dict[str, str]
) -> None:
    """A list and an export do not wait for the sequencer's next round."""
    for number in (1, 2):
        made = service.main.write(lambda session: append(session, Action.HOLD_PLACED, actor="key", now=NOW))
        if number == 1:
            listed = get(client, "/v1/audit/entries?action=hold.placed", reader)["items"]
            assert [made.entry_id] == [each["entry_id"] for each in listed]
        else:
            lines = client.get("/v1/audit/export", headers=reader).text.splitlines()
            bodies = [base64.b64decode(json.loads(line)["entry"]).decode() for line in lines[1:]]
            assert [body for body in bodies if made.entry_id in body]


def test_entries_are_found_by_lead_actor_action_and_time(
    client: FlaskClient, reader: dict[str, str], log: list[str]
) -> None:
    """Each filter gives just the entries that fit, in the log's order, page by page."""
    page = get(client, f"/v1/audit/entries?lead_id={LEAD_ID}&limit=60", reader)
    rest = get(client, f"/v1/audit/entries?lead_id={LEAD_ID}&limit=60&cursor={page['next_cursor']}", reader)
    by_key = get(client, "/v1/audit/entries?actor=key-1&limit=500", reader)
    by_time = get(
        client, "/v1/audit/entries?from=2026-11-24T10:05:00Z&until=2026-11-24T11:10:00%2B01:00", reader
    )
    nothing = get(client, "/v1/audit/entries?action=hold.placed", reader)

    assert log[::3] == [item["entry_id"] for item in page["items"] + rest["items"]]
    assert rest["next_cursor"] is None
    assert log[1::2] == [item["entry_id"] for item in by_key["items"]]
    assert log[5:10] == [item["entry_id"] for item in by_time["items"]]
    assert nothing["items"] == []


def test_an_entry_proves_itself(
    client: FlaskClient, service: Service, reader: dict[str, str], log: list[str]
) -> None:
    """Bytes, inclusion proof, commitment and the one-file proof all hold under the published key."""
    shown = get(client, f"/v1/audit/entries/{log[3]}", reader)

    body, root = base64.b64decode(shown["bytes"]), head(client, service).root
    path = [base64.b64decode(value) for value in shown["proof"]["path"]]
    merkle.verify_inclusion(
        merkle.leaf_hash(body), shown["proof"]["index"], shown["proof"]["size"], path, root
    )
    proof = Proof.parse(shown["tlog_proof"])
    assert body == proof.entry
    assert head(client, service) == proof.verify(trusted(client))
    assert commits_to(shown["lead"], LEAD, base64.b64decode(shown["link"]["salt"]), LEAD_ID)


def test_a_pending_entry_is_shown_without_proof(
    client: FlaskClient, service: Service, reader: dict[str, str]
) -> None:
    """Between commit and sequencing an entry is there, and says that it has no index yet."""
    made = service.main.write(lambda session: append(session, Action.HOLD_PLACED, actor="key", now=NOW))

    shown = get(client, f"/v1/audit/entries/{made.entry_id}", reader)

    assert (shown["index"], shown["proof"], shown["tlog_proof"], shown["link"]) == (None, None, None, None)
    assert base64.b64encode(made.leaf_hash).decode() == shown["leaf_hash"]


def test_an_unknown_entry_is_404(client: FlaskClient, reader: dict[str, str]) -> None:
    """No such entry."""
    response = client.get("/v1/audit/entries/nothing", headers=reader)

    assert (response.status_code, response.get_json()["code"]) == (404, "entry_unknown")


def test_consistency_between_two_sizes_is_proved(
    client: FlaskClient, service: Service, reader: dict[str, str], log: list[str]
) -> None:
    """An older signed head is a prefix of the newest."""
    old = head(client, service)
    for _ in range(9):
        client.get("/v1/audit/exposure?actor=x", headers=reader)
    sequencer.step(service, NOW)
    new = head(client, service)

    shown = get(client, f"/v1/audit/consistency?from={old.size}&to={new.size}", reader)

    path = [base64.b64decode(value) for value in shown["path"]]
    merkle.verify_consistency(old.size, new.size, path, old.root, new.root)
    assert open_checkpoint(shown["checkpoints"][str(old.size)], trusted(client)) == old
    response = client.get(f"/v1/audit/consistency?from=1&to={new.size + 1}", headers=reader)
    assert (response.status_code, response.get_json()["code"]) == (404, "size_unknown")


@pytest.mark.parametrize(
    "part",
    [("", 0, 301), ("?from=2026-11-24T10:05:00Z&until=2026-11-24T14:30:00Z", 6, 265)],
)
def test_an_export_verifies_offline(
    client: FlaskClient,
    reader: dict[str, str],
    log: list[str],
    part: tuple[str, int, int],
) -> None:
    """The whole log and a part of it verify under the shown key; the export itself is logged."""
    query, first, count = part
    response = client.get(f"/v1/audit/export{query}", headers=reader)

    lines = response.data.splitlines()
    assert response.mimetype == "application/x-ndjson"
    assert {"origin", "checkpoint", "keys"} <= json.loads(lines[0]).keys()
    assert (first, count) == (json.loads(lines[1])["index"], len(lines) - 1)
    verified = verify(io.BytesIO(response.data), Question(trusted(client)))
    assert count == verified.entries


def test_tiles_lead_from_entries_to_the_checkpoint(
    client: FlaskClient, service: Service, reader: dict[str, str], log: list[str]
) -> None:
    """Bundles hash to tiles; full tiles may be kept for ever, narrower ones are cut to what was asked."""
    size = head(client, service).size
    full, rest = client.get("/audit/tile/0/000"), client.get(f"/audit/tile/0/001.p/{size - 256}")
    bundles = [
        client.get(f"/audit/tile/entries/{path}", headers=reader).data
        for path in ("000", f"001.p/{size - 256}")
    ]

    hashes = split_hashes(full.data) + split_hashes(rest.data)
    entries = [entry for bundle in bundles for entry in split_bundle(bundle)]
    assert [merkle.leaf_hash(entry) for entry in entries] == hashes
    assert "immutable" in full.headers["Cache-Control"]
    assert "immutable" not in rest.headers["Cache-Control"]
    assert len(client.get("/audit/tile/0/000.p/7").data) == 7 * 32


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/audit/tile/0/0", "tile_malformed"),
        ("/audit/tile/0/002", "size_unknown"),
        ("/audit/tile/0/001", "size_unknown"),
        ("/audit/tile/9/000", "size_unknown"),
    ],
)
def test_a_tile_that_is_not_there_is_404_by_name(
    client: FlaskClient, log: list[str], path: str, code: str
) -> None:
    """Malformed, beyond the log, or not yet full."""
    response = client.get(path)

    assert (response.status_code, response.get_json()["code"]) == (404, code)


def test_who_saw_this_lead_and_why(client: FlaskClient, reader: dict[str, str], log: list[str]) -> None:
    """Every opening with its actor, fields and purpose; and the question itself is logged."""
    shown = get(client, f"/v1/audit/leads/{LEAD_ID}/openings", reader)

    assert log[::3] == [item["entry_id"] for item in shown["items"]]
    assert shown["items"][0]["facts"] == {"fields": ["email"], "purpose": "research"}
    assert shown["erased"] is False


def test_what_would_be_affected_if_a_key_had_leaked(
    client: FlaskClient, reader: dict[str, str], log: list[str]
) -> None:
    """Leads with fields, and how many openings were of people who are gone by now."""
    shown = get(client, "/v1/audit/exposure?actor=key-1", reader)

    assert shown == {
        "actor": "key-1",
        "openings": 150,
        "of_erased": 100,
        "leads": [{"lead_id": LEAD_ID, "fields": ["email"]}],
    }


def test_an_erased_lead_is_said_to_be_erased_and_nothing_more(
    client: FlaskClient, service: Service, reader: dict[str, str], log: list[str]
) -> None:
    """After shredding the log has no answer but `erased`, asks leave no new link, and it still verifies."""
    service.keys.write(
        lambda session: vault_keys.mint(session, service.keyring, [LEAD_ID], kind=KeyKind.LEAD, now=NOW)
    )
    service.keys.write(lambda session: vault_keys.destroy(session, LEAD_ID, now=NOW))
    assert service.main.write(lambda session: unlink(session, LEAD_ID)) == 100

    for path in (f"/v1/audit/entries?lead_id={LEAD_ID}", f"/v1/audit/leads/{LEAD_ID}/openings"):
        shown = get(client, path, reader)
        assert (shown["items"], shown["erased"]) == ([], True)

    assert get(client, f"/v1/audit/entries/{log[0]}", reader)["link"] is None
    assert service.main.write(lambda session: unlink(session, LEAD_ID)) == 0
    whole = client.get("/v1/audit/export", headers=reader).data
    verify(io.BytesIO(whole), Question(trusted(client)))


@pytest.mark.parametrize(
    "query",
    [
        "entries?after=x",
        "entries?after=99999999999999999999",
        "entries?cursor=%D9%A0",
        "entries?from=yesterday",
        "entries?from=2026-11-24T10:00:00",
        "entries?until=0001-01-01T00:00:00%2B23:00",
        "entries?action=lead.eaten",
        "entries?lead_id=",
        "entries?limit=0",
        "consistency",
        "consistency?from=-1",
        "exposure",
    ],
)
def test_bad_questions_are_422(client: FlaskClient, reader: dict[str, str], query: str) -> None:
    """Malformed arguments are named, never a traceback."""
    response = client.get(f"/v1/audit/{query}", headers=reader)

    assert response.status_code == 422
    assert response.get_json()["errors"]


def test_on_what_ground_a_lead_was_contacted_on_a_day(
    client: FlaskClient, key_of: KeyOf, service: Service
) -> None:
    """Decision, facts, rules, consent and proof in one call, which is itself in the trail."""
    headers = key_of("leads:write", "consents:write", "decisions:create", "decisions:read", "audit:read")
    lead_id = take_in(client, headers, JANE["email"])
    decided = ask(client, headers)
    outcome = {"outcome": "sent", "at": NOW.isoformat()}
    client.post(f"/v1/decisions/{decided['decision_id']}/outcome", json=outcome, headers=headers)
    path = f"/v1/audit/leads/{lead_id}/contacts"
    answer = get(client, f"{path}?on=2026-11-24&time_zone=Europe/Berlin", headers)
    [contact] = answer["contacts"]

    assert (contact["finding"], contact["decision"]["decision_id"]) == ("backed", decided["decision_id"])
    assert contact["decision"]["answer"]["reasons"] == ["CONSENT_VALID"]
    assert [one["status"] for one in contact["consents"]] == ["given"]
    assert get(client, f"{path}?on=2026-11-23", headers)["contacts"] == []
    sequencer.step(service, NOW)
    asked = get(client, "/v1/audit/entries?action=audit.read", headers)["items"]
    assert [one["facts"] for one in asked] == [{"question": "contacts"}] * 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "on"),
        ("?on=yesterday", "on"),
        ("?on=9999-12-31", "on"),
        ("?on=0001-01-01&time_zone=Asia/Tokyo", "on"),
        ("?on=2026-11-24&time_zone=Mars/Base", "time_zone"),
    ],
)
def test_a_day_that_is_none_is_422(client: FlaskClient, key_of: KeyOf, query: str, field: str) -> None:
    """By the name of the parameter."""
    headers = key_of("decisions:read", "audit:read")
    answer = client.get(f"/v1/audit/leads/{LEAD_ID}/contacts{query}", headers=headers)

    assert (answer.status_code, list((answer.json or {})["errors"])) == (422, [field])


def test_the_ground_of_a_contact_is_for_who_reads_decisions_too(client: FlaskClient, key_of: KeyOf) -> None:
    """It shows the facts that were decided on."""
    for scopes in (["audit:read"], ["decisions:read"]):
        answer = client.get(f"/v1/audit/leads/{LEAD_ID}/contacts?on=2026-11-24", headers=key_of(*scopes))
        assert answer.status_code == 403
