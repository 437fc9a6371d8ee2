"""The contract of the log: entries, proofs, export, what is public, and the auditor's program."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.flows.clients import key_with, lead_of, problem, wait_for
from tests.flows.living import NDJSON, Living, living
from tests.flows.people import consent_of, question_of

ROOT = Path(__file__).resolve().parents[2]
LEADS = 12


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """A service of its own, with a short log that has come to rest."""
    with living(tmp_path_factory.mktemp("audit") / "home") as service:
        for n in range(LEADS):
            lead_of(service, f"log.{n}@firm.example")
        answer = service.ask("POST", "/v1/decisions", question_of("log.1@firm.example"))
        path = f"/v1/audit/entries/{answer['audit']['entry_id']}"
        wait_for(lambda: service.ask("GET", path), lambda entry: entry["proof"] is not None)
        yield service


def test_entries_are_filtered(logged: Living) -> None:
    """By lead, actor, action and time, in the log's order."""
    lead_id = logged.ask(
        "POST", "/v1/leads/lookup", {"lead": {"email": "log.3@firm.example"}, "purpose": "check"}
    )["lead_id"]
    every = logged.ask("GET", "/v1/audit/entries?limit=500")["items"]
    assert [each["index"] for each in every] == list(range(len(every)))

    created = logged.ask("GET", "/v1/audit/entries?action=lead.created")["items"]
    assert len(created) == LEADS
    assert {each["action"] for each in created} == {"lead.created"}
    actor = created[0]["actor"]
    by_actor = logged.ask("GET", f"/v1/audit/entries?actor={actor}")["items"]
    assert {each["actor"] for each in by_actor} == {actor}
    of_lead = logged.ask("GET", f"/v1/audit/entries?lead_id={lead_id}")["items"]
    assert "lead.created" in {each["action"] for each in of_lead}
    assert all(lead_id not in json.dumps(each) for each in of_lead)
    ahead = quote((datetime.now(UTC) + timedelta(days=1)).isoformat())
    behind = quote((datetime.now(UTC) - timedelta(days=1)).isoformat())
    assert logged.ask("GET", f"/v1/audit/entries?from={ahead}")["items"] == []
    assert logged.ask("GET", f"/v1/audit/entries?until={behind}")["items"] == []
    assert logged.ask("GET", f"/v1/audit/entries?from={behind}&until={ahead}&limit=1")["items"] == every[:1]
    assert logged.ask("GET", "/v1/audit/entries?after=2&limit=2")["items"] == every[3:5]
    for wrong in ("from=yesterday", "after=x", "action=nothing.done", "limit=0"):
        problem(logged.call("GET", f"/v1/audit/entries?{wrong}"), 422)


def test_an_entry_has_its_inclusion_proof(logged: Living) -> None:
    """Once sequenced: index, size and path up to the signed root."""
    every = logged.ask("GET", "/v1/audit/entries?limit=500")["items"]
    entry = logged.ask("GET", f"/v1/audit/entries/{every[4]['entry_id']}")

    proof = entry["proof"]
    assert (entry["index"], proof["index"]) == (4, 4)
    assert proof["size"] >= len(every)
    assert proof["path"]
    body = base64.b64decode(entry["bytes"])
    assert json.loads(body)["action"] == entry["action"]


def test_a_log_is_consistent_with_its_beginnings(logged: Living) -> None:
    """Between two sizes; a size that never was is refused."""
    size = len(logged.ask("GET", "/v1/audit/entries?limit=500")["items"])

    proof = logged.ask("GET", f"/v1/audit/consistency?from=5&to={size}")
    assert (proof["from"], proof["to"]) == (5, size)
    assert proof["path"]
    for wrong in (f"from=5&to={size + 10_000}", "from=7&to=5", "from=x&to=5", "to=5"):
        reply = logged.call("GET", f"/v1/audit/consistency?{wrong}")
        assert reply.status in {404, 422}, (wrong, reply)
        problem(reply, reply.status)


def test_the_export_is_one_file(logged: Living) -> None:
    """A first line with origin, checkpoint and keys; then index and exact bytes."""
    reply = logged.call("GET", "/v1/audit/export")

    assert (reply.status, reply.kind) == (200, NDJSON)
    header, *lines = reply.lines
    assert set(header) >= {"origin", "checkpoint", "keys"}
    assert header["checkpoint"].startswith(header["origin"] + "\n")
    assert all(key.startswith(f"{header['origin']}+") for key in header["keys"])
    assert [line["index"] for line in lines] == list(range(len(lines)))
    assert len(lines) == int(header["checkpoint"].splitlines()[1])
    assert all(json.loads(base64.b64decode(line["entry"]))["action"] for line in lines)


def test_the_verifier_accepts_the_log_and_names_what_failed(logged: Living, tmp_path: Path) -> None:
    """Exit 0 and `ok: N entries`; exit 1 and the step for anything that was changed."""
    old = logged.call("GET", "/audit/checkpoint", key=None).raw
    lead_of(logged, f"later.{tmp_path.name}@firm.example")
    wait_for(lambda: logged.call("GET", "/audit/checkpoint", key=None).raw, lambda new: new != old)
    raw = logged.call("GET", "/v1/audit/export").raw
    header, *lines = raw.splitlines(keepends=True)
    key = json.loads(header)["keys"][0]
    since = tmp_path / "old"
    since.write_bytes(old)

    assert _verify(tmp_path, raw, key) == (0, f"ok: {len(lines)} entries\n")
    assert _verify(tmp_path, raw, key, "--since", str(since))[0] == 0
    bad = [
        header + b"".join(lines[:3] + lines[4:]),
        header + b"".join(lines[:-1]),
        header + b"".join([lines[1], lines[0], *lines[2:]]),
        raw.replace(lines[2], lines[2].replace(b'"entry":"', b'"entry":"A', 1)),
        raw[: len(raw) // 2],
        b"",
    ]
    for each in bad:
        code, said = _verify(tmp_path, each, key)
        assert code == 1
        assert said.strip()
        assert "ok:" not in said
        assert "Traceback" not in said
    name, number, secret = key.split("+", 2)
    other = f"{name}+{number}+{secret[:-4]}AAA="
    assert _verify(tmp_path, raw, other)[0] != 0


def test_a_part_carries_its_proofs(logged: Living, tmp_path: Path) -> None:
    """An export from a moment on verifies by itself."""
    every = logged.ask("GET", "/v1/audit/entries?limit=500")["items"]
    raw = logged.call("GET", f"/v1/audit/export?from={quote(every[6]['at'])}").raw
    header, first, *rest = [json.loads(line) for line in raw.splitlines()]
    assert 0 < first["index"] <= 6
    assert rest
    code, said = _verify(tmp_path, raw, header["keys"][0])
    assert (code, said[:3]) == (0, "ok:")


def test_checkpoint_and_hash_tiles_are_public(logged: Living) -> None:
    """A signed note of C2SP tlog-checkpoint, and tiles of 32-byte hashes; entry bundles need a key."""
    note = logged.call("GET", "/audit/checkpoint", key=None).raw.decode()
    origin, size, root, *_ = note.splitlines()
    assert len(base64.b64decode(root)) == 32
    assert f"\n\n\N{EM DASH} {origin} " in note
    tile = logged.call("GET", f"/audit/tile/0/000.p/{size}", key=None)
    assert (tile.status, len(tile.raw)) == (200, 32 * int(size))
    problem(logged.call("GET", "/audit/tile/0/999", key=None), 404)
    bundle = f"/audit/tile/entries/000.p/{size}"
    problem(logged.call("GET", bundle, key=None), 401)
    problem(logged.call("GET", bundle, key=key_with(logged, "leads:write")), 403)
    assert logged.call("GET", bundle, key=key_with(logged, "audit:read")).status == 200


def test_reads_of_plaintext_are_in_the_log(logged: Living) -> None:
    """A look-up with its purpose; a miss without the identity; a consent with its entry."""
    ask = {"lead": {"email": "log.5@firm.example"}, "purpose": "support"}
    lead_id = logged.ask("POST", "/v1/leads/lookup", ask)["lead_id"]
    problem(logged.call("POST", "/v1/leads/lookup", ask | {"lead": {"email": "miss@firm.example"}}), 404)
    logged.ask("POST", "/v1/consents", consent_of("log.5@firm.example"))
    wait_for(
        lambda: logged.ask("GET", "/v1/audit/entries?action=lead.lookup_missed")["items"],
        lambda items: bool(items) and "miss@" not in json.dumps(items),
    )
    of_lead = wait_for(
        lambda: logged.ask("GET", f"/v1/audit/entries?lead_id={lead_id}")["items"],
        lambda items: any(each["action"].startswith("consent.") for each in items),
    )
    assert any("support" in json.dumps(each["facts"]) for each in of_lead)


def _verify(folder: Path, transcript: bytes, key: str, *more: str) -> tuple[int, str]:
    path = folder / "log.ndjson"
    path.write_bytes(transcript)
    command = [sys.executable, "-m", "audit", "verify", str(path), "--key", key, *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr
