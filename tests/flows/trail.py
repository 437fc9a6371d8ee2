"""The trail of a living service: exported over HTTP, verified by the auditor's program, read."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.flows.living import Living

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.1


def export(service: Living, entry_ids: Iterable[str] = ()) -> Path:
    """The whole trail in a file beside the home, once these entries have their place in the tree."""
    for entry_id in entry_ids:
        wait_for_proof(service, entry_id)
    exported = service.home.with_name("trail.ndjson")
    reply = service.call("GET", "/v1/audit/export")
    assert reply.status == 200, reply
    exported.write_bytes(reply.raw)
    return exported


def wait_for_proof(service: Living, entry_id: str) -> Any:
    """An entry with its proof, as soon as it was sequenced."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        entry = service.ask("GET", f"/v1/audit/entries/{entry_id}")
        if entry.get("proof"):
            return entry
        time.sleep(PAUSE_SECONDS)
    raise AssertionError("the entry was never sequenced")


def checkpoint(service: Living, name: str = "checkpoint") -> Path:
    """The newest signed checkpoint, as anybody may keep it, in a file beside the home."""
    kept = service.home.with_name(name)
    until = time.monotonic() + PATIENCE_SECONDS
    while (reply := service.call("GET", "/audit/checkpoint", key=None)).status != 200:
        assert time.monotonic() < until, reply
        time.sleep(PAUSE_SECONDS)
    kept.write_bytes(reply.raw)
    return kept


def verified(exported: Path, *, since: Path | None = None) -> int:
    """The number of entries that the verifier, a program of its own, vouches for.

    `since` is an older checkpoint: what it covered must still be there, unchanged.
    """
    header = json.loads(exported.read_bytes().partition(b"\n")[0])
    older = [] if since is None else ["--since", str(since)]
    ran = subprocess.run(
        [sys.executable, "-m", "audit", "verify", str(exported), "--key", header["keys"][0], *older],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return int(ran.stdout.split()[1])


def entries(exported: Path) -> list[dict[str, Any]]:
    """The entries of an export, in their order."""
    lines = exported.read_bytes().splitlines()[1:]
    return [json.loads(base64.b64decode(json.loads(line)["entry"])) for line in lines]
