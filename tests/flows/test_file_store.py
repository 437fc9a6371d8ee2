"""Requests through the running service with exports in a folder and in a bucket, beside a CRM on MariaDB."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from tests.flows.clients import lead_of, wait_for
from tests.flows.living import Living, living
from tests.flows.people import request_of
from tests.governance.stores.conftest import fresh_database, rows_of, run_script
from tests.governance.stores.files.conftest import KEY, SECRET, client_of

EVA, UTE = "eva@firm.example", "ute@firm.example"
PRIVATE = "eva@private.example"
CRM = """
CREATE TABLE contacts (id INTEGER PRIMARY KEY, email VARCHAR(80), first_name TEXT, stop BOOLEAN);
INSERT INTO contacts VALUES (1, 'Eva@firm.example', 'Ewa', FALSE), (2, 'ute@firm.example', 'Ute', FALSE)
"""
NEWSLETTER = f'mail;also;name\r\n{EVA};{PRIVATE};Ewa\r\n{UTE};;"Ute; B."\r\n'.encode("utf-8-sig")
TICKETS = f"nr,from,text\n1,{PRIVATE},Eva asks\n2,{UTE},Ute asks\n".encode()
CONTACTS = {
    "contacts": {
        "identity": {"email": "email"},
        "columns": {"first_name": {"category": "contact_details"}},
        "erase": "delete",
        "restrict": "stop",
    }
}
LISTS = {
    "news/*.csv": {
        "identity": {"mail": "email", "also": "email"},
        "columns": {"name": {"category": "contact_details", "holds": "first_name"}},
        "erase": "delete",
    }
}
DESK = {
    "tickets.csv": {
        "identity": {"from": "email"},
        "columns": {
            "from": {"erase": {"set": "erased"}},
            "text": {"category": "free_text", "erase": "redact"},
        },
        "erase": "redact",
    }
}


@pytest.fixture(scope="module")
def crm(mariadb_url: str) -> Iterator[str]:
    """The CRM."""
    for url in fresh_database(mariadb_url):
        run_script(url, CRM)
        yield url


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports for the newsletter: they alone know a second address of Eva's."""
    folder = tmp_path_factory.mktemp("exports")
    (folder / "news").mkdir()
    (folder / "news" / "2026-11.csv").write_bytes(NEWSLETTER)
    return folder


@pytest.fixture(scope="module")
def bucket() -> Iterator[Any]:
    """A client of the bucket with the desk's tickets, of which an older version is kept."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = client_of(f"http://{host}:{port}")
    client.create_bucket(Bucket="desk", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    client.put_bucket_versioning(Bucket="desk", VersioningConfiguration={"Status": "Enabled"})
    for content in (TICKETS, TICKETS):
        client.put_object(Bucket="desk", Key="tickets.csv", Body=content)
    yield client
    client.close()
    server.stop()


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, crm: str, folder: Path, bucket: Any
) -> Iterator[Living]:
    """A service with all three."""
    endpoint = bucket.meta.endpoint_url
    secret = SECRET.replace("/", "%2F").replace("+", "%2B")
    secrets = {
        "LEADWARDEN_STORE_CRM": crm,
        "LEADWARDEN_STORE_NEWS": f"file://{folder}",
        "LEADWARDEN_STORE_DESK": f"s3://{KEY}:{secret}@desk?region=eu-central-1&endpoint={endpoint}",
    }
    with living(tmp_path_factory.mktemp("files") / "home", **secrets) as started:
        for name, kind, tables in (("crm", "sql", CONTACTS), ("news", "file", LISTS), ("desk", "file", DESK)):
            document = {
                "kind": kind,
                "url": f"env:LEADWARDEN_STORE_{name.upper()}",
                "active": True,
                "tables": tables,
            }
            versions = {"old_versions": "delete"} if name == "desk" else {}
            started.ask("PUT", f"/v1/stores/{name}", document | versions)
        yield started


def done(service: Living, email: str, corrections: list[dict[str, str]] | None = None, **more: Any) -> Any:
    """A request that was verified, approved and carried out."""
    path = (
        f"/v1/privacy-requests/{service.ask('POST', '/v1/privacy-requests', request_of(email, **more))['id']}"
    )
    service.ask("POST", f"{path}/verify", {"method": "code", "result": "verified"})
    if corrections:
        service.ask("POST", f"{path}/corrections", {"corrections": corrections})
    service.ask("POST", f"{path}/approve", {})
    return wait_for(lambda: service.ask("GET", path), lambda one: one["status"] != "in_progress")


def test_a_correction_reaches_the_crm_and_the_exports(service: Living, crm: str, folder: Path) -> None:
    """Wherever her rows say it; what has no column for it is a person's task, and keeps the request open."""
    lead_of(service, EVA, profile={"first_name": "Ewa"})
    corrections = [{"name": "first_name", "value": "Eva", "was": "Ewa"}]
    ended = done(service, EVA, corrections, type="rectification")
    steps = {step["store"]: step["status"] for step in ended["steps"]}
    assert (steps["crm"], steps["news"]) == ("succeeded", "succeeded"), ended
    assert steps["desk"] == "waiting_for_person"
    assert rows_of(crm, "SELECT first_name FROM contacts ORDER BY id") == [("Eva",), ("Ute",)]
    assert (folder / "news" / "2026-11.csv").read_bytes() == NEWSLETTER.replace(b";Ewa\r", b";Eva\r")


def test_an_erasure_leaves_every_other_letter(service: Living, crm: str, folder: Path, bucket: Any) -> None:
    """What an export alone knows leads to what another store holds; old versions are gone, too."""
    ended = done(service, EVA)
    assert ended["status"] == "completed", ended
    counted = {step["store"]: (step["found"], step["remaining"]) for step in ended["steps"]}
    assert {name: counted[name] for name in ("crm", "news", "desk")} == {
        "crm": (1, 0),
        "news": (1, 0),
        "desk": (1, 0),
    }
    assert rows_of(crm, "SELECT id FROM contacts") == [(2,)]
    lines = NEWSLETTER.splitlines(keepends=True)
    assert (folder / "news" / "2026-11.csv").read_bytes() == lines[0] + lines[2]
    left = bucket.get_object(Bucket="desk", Key="tickets.csv")["Body"].read().decode()
    assert left == f"nr,from,text\n1,erased,[redacted] asks\n2,{UTE},Ute asks\n"
    versions = bucket.list_object_versions(Bucket="desk")["Versions"]
    assert [version["IsLatest"] for version in versions] == [True]
    assert "eva@" not in service.log.read_text().casefold()


def test_a_restriction_marks_where_there_is_a_mark(service: Living, crm: str) -> None:
    """And is a person's task elsewhere."""
    lead_of(service, UTE)
    ended = done(service, UTE, type="restriction")
    steps = {step["store"]: step["status"] for step in ended["steps"]}
    assert steps["crm"] == "succeeded", ended
    assert steps["news"] == "waiting_for_person"
    assert rows_of(crm, "SELECT stop FROM contacts WHERE id = 2") == [(1,)]
