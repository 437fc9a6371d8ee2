"""What is left on the disk when everything that opens people has been done once: no one can be read in it."""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api import logs, restoring, rotation, staff
from api.context import Service
from audit.sequencer import sequence
from governance.requests.tables import PackageChunkRow
from governance.requests.vocabulary import RequestType
from governance.scopes import OURSELVES, Role
from governance.vault.tables import Role as KeyRole
from tests.api.people import take_in
from tests.canaries import files_under, planted_in
from tests.conftest import KeyOf
from tests.governance.requests.desk import MemoryStore, an_approved, work

ADDRESS, OTHER, NAME = "kalliope.zwingli@canary.example", "not.known@canary.example", "Zwinglikanarie"
PHONE, STAFF = "+493029993000", "officer.canary@staff.example"
PLANTED = (ADDRESS, OTHER, NAME, PHONE, STAFF)
SCOPES = ("leads:write", "leads:read", "consents:write", "decisions:create", "audit:read")


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """A file with all that the service logs, from the chattiest level up."""
    path = tmp_path / "service.log"
    handler = logging.FileHandler(path)
    handler.setFormatter(logs.formatter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("tests").warning("of %s at %s", ADDRESS, PHONE)
    yield path
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def opened_in_every_way(service: Service, client: FlaskClient, headers: dict[str, str]) -> None:
    """A lead, its evidence, decisions, look-ups, an access package, an erasure, a member of staff."""
    lead_id = take_in(client, headers, ADDRESS, profile={"last_name": NAME})
    reason = {"kind": "presumed_interest", "occurred_at": "2026-11-02T10:00:00Z", "reason": f"{NAME} asked"}
    lead = {"email": ADDRESS}
    for path, body in (
        (f"/v1/leads/{lead_id}/events", reason),
        ("/v1/leads/lookup", {"lead": lead, "purpose": "support"}),
        ("/v1/leads/lookup", {"lead": {"email": OTHER}, "purpose": "support"}),
        ("/v1/decisions", {"lead": lead, "channel": "email", "purpose": "direct_marketing"}),
        ("/v1/leads", {"identifiers": [{"type": "email", "value": f"{ADDRESS} oops"}]}),
    ):
        client.post(path, json=body, headers=headers)
    client.patch(f"/v1/leads/{lead_id}", json={"profile": {"last_name": f"{NAME} 2"}}, headers=headers)
    rows = {1: {"email": ADDRESS, "phone": PHONE}, 2: {"email": OTHER, "phone": PHONE}}
    for store in (MemoryStore("crm", rows), MemoryStore("shop", rows, doubtful={2})):
        an_approved(service, ADDRESS, [store.key], RequestType.ACCESS)
        work(service, store)
    staff.create(service, STAFF, Role.AUDITOR, OURSELVES)


def backed_up(service: Service, folder: Path) -> None:
    """Copies as the documentation asks for, key directory and checkpoints too."""
    for name in ("leadwarden.db", "keys.db"):
        source, target = sqlite3.connect(service.settings.home / name), sqlite3.connect(folder / name)
        source.backup(target)
        source.close()
        target.close()
    shutil.copytree(service.settings.key_dir, folder / "directory")


def test_nobody_can_be_read_in_anything_that_is_left(
    service: Service, client: FlaskClient, key_of: KeyOf, tmp_path: Path, logged: Path
) -> None:
    """Databases and their journals, key directory, spool, backups, export, checkpoints, logs, metrics."""
    headers = key_of(*SCOPES)
    opened_in_every_way(service, client, headers)
    with service.main.read() as session:
        spooled = session.query(PackageChunkRow).count()
    (backup := tmp_path / "backup").mkdir()
    backed_up(service, backup)
    before = service.clock()
    service.main.write(lambda session: sequence(session, service.log_signer, before))
    (tmp_path / "export.ndjson").write_bytes(client.get("/v1/audit/export", headers=headers).data)
    (tmp_path / "metrics.txt").write_bytes(client.get("/metrics").data)
    an_approved(service, ADDRESS, ["crm"])
    work(service, MemoryStore("crm", {1: {"email": ADDRESS}}))
    restoring.copy_journal(service)
    rotation.rotate(service, KeyRole.EPOCH, "tester")
    files = files_under(tmp_path)
    names = {path.name for path in files}

    assert spooled > 0
    assert names >= {
        "leadwarden.db",
        "keys.db",
        "export.ndjson",
        "metrics.txt",
        "service.log",
        "erasures.jsonl",
    }
    assert any(path.suffix == ".key" for path in files)
    assert logged.stat().st_size > 0
    assert (tmp_path / "export.ndjson").stat().st_size > 1_000
    assert planted_in(files, PLANTED) == []
