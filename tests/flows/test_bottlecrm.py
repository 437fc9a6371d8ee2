"""The whole job over a store that this project did not make: from a scan to the read-back of an erasure.

BottleCRM is 149 tables of somebody else's design in a real PostgreSQL. Everything goes through the command
line and HTTP of a real service; the CRM is looked at by the test itself.
"""

import base64
import gzip
import io
import json
import subprocess
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from sqlalchemy.engine import make_url

from tests.flows import trail
from tests.flows.living import NDJSON, PROBLEM, Living, living, ndjson
from tests.flows.people import SINCE, line, question_of, request_of
from tests.governance.stores.conftest import fresh_database, rows_of
from tests.governance.stores.test_bottlecrm import DUMP, EDITS, VARIABLE, everything, psql

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.05
MOST_EDITS = 40
PEOPLE = (
    "SELECT DISTINCT ON (email) email, first_name, last_name FROM {table} WHERE email <> '' ORDER BY email"
)
BILLED = """
SELECT lower(c.email), c.id::text, c.first_name, c.last_name, c.address_line FROM contacts c
JOIN invoice i ON i.contact_id = c.id JOIN opportunity_contacts o ON o.contact_id = c.id
JOIN case_contacts k ON k.contact_id = c.id ORDER BY 1 LIMIT 1
"""
LED = """
SELECT lower(email), id::text, first_name, last_name, address_line FROM lead
WHERE address_line <> '' ORDER BY 1 LIMIT 1
"""

pytestmark = pytest.mark.skipif(not DUMP.exists(), reason="../shared/data/bottlecrm.pg.sql.gz is not here")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the CRM."""

    email: str
    id: str
    first_name: str
    last_name: str
    address: str

    @property
    def words(self) -> tuple[str, ...]:
        """What is theirs alone; the CRM's phone numbers are shared by many, and their names are common."""
        return self.email, self.id, self.address.lower()


@dataclass(frozen=True, slots=True)
class Job:
    """A service with the CRM as its lead store, and the CRM's leads taken in."""

    service: Living
    url: str
    contact: Person
    lead: Person


@pytest.fixture(scope="module")
def bottlecrm(postgres_url: str) -> Iterator[str]:
    """The CRM, restored into a database of its own."""
    for url in fresh_database(postgres_url):
        target = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        restore = [psql(), "-q", "-v", "ON_ERROR_STOP=1", "-d", target]
        script = gzip.decompress(DUMP.read_bytes())
        subprocess.run(restore, input=script, check=True, stdout=subprocess.DEVNULL)
        yield url


@pytest.fixture(scope="module")
def job(bottlecrm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    """Scan, a reviewer's few edits, `stores add`, and the import of everybody."""
    folder = tmp_path_factory.mktemp("bottlecrm")
    contact, lead = (Person(*map(str, rows_of(bottlecrm, query)[0])) for query in (BILLED, LED))
    with living(folder / "home", **{VARIABLE: bottlecrm}) as service:
        scanned = service.run("stores", "scan", "--key", "bottlecrm", "--url", f"env:{VARIABLE}")
        assert scanned.returncode == 0, scanned.stderr
        reviewed = folder / "bottlecrm.yaml"
        reviewed.write_text(edited(scanned.stdout))
        added = service.run("stores", "add", str(reviewed))
        assert added.returncode == 0, added.stderr
        take_in_everybody(service, bottlecrm)
        yield Job(service, bottlecrm, contact, lead)


def edited(proposal: str) -> str:
    """The proposal with the lines changed that a reviewer changes."""
    lines = proposal.splitlines()
    edits = yaml.safe_load(EDITS.read_text())
    assert len(edits) <= MOST_EDITS
    for edit in edits:
        place = lines.index(edit["line"])
        lines[place : place + 1] = [edit["becomes"]] if "becomes" in edit else []
    return "\n".join(lines)


def take_in_everybody(service: Living, url: str) -> None:
    """Leads and contacts of the CRM, by the import."""
    found = [row for table in ("lead", "contacts") for row in rows_of(url, PEOPLE.format(table=table))]
    lines = [
        line(str(email), profile={"first_name": first, "last_name": last}) for email, first, last in found
    ]
    *results, last = service.call("POST", "/v1/leads/import", ndjson(lines), kind=NDJSON).lines
    assert len(results) == len(found) > 1000
    assert last["summary"]["refused"] == 0


def carried_out(service: Living, kind: str, person: Person) -> tuple[str, Any]:
    """A request from its creation to its end: its path, and how it ended."""
    made = service.ask("POST", "/v1/privacy-requests", request_of(person.email, type=kind))
    path = f"/v1/privacy-requests/{made['id']}"
    service.ask("POST", f"{path}/verify", {"method": "document_seen", "result": "verified"})
    service.ask("POST", f"{path}/approve", {})
    until = time.monotonic() + PATIENCE_SECONDS
    while (request := service.ask("GET", path))["status"] == "in_progress":
        assert time.monotonic() < until, request
        time.sleep(PAUSE_SECONDS)
    return path, request


def mentions(tables: dict[str, list[str]], words: tuple[str, ...]) -> dict[str, int]:
    """In which tables any of the words stands, and in how many rows."""
    found = {
        name: sum(any(word in row.lower() for word in words) for row in rows) for name, rows in tables.items()
    }
    return {name: count for name, count in found.items() if count}


def test_an_access_request_hands_out_what_the_crm_holds(job: Job) -> None:
    """The zip can be opened; all of the person's rows are in it, and nobody else's address."""
    path, request = carried_out(job.service, "access", job.contact)
    reply = job.service.call("GET", f"{path}/package")
    archive = zipfile.ZipFile(io.BytesIO(reply.raw))
    everybody = {
        str(row[0]).lower()
        for row in rows_of(job.url, "SELECT email FROM contacts UNION SELECT email FROM lead")
    }
    told = {name: archive.read(name).decode().lower() for name in archive.namelist()}

    assert (request["status"], reply.kind) == ("completed", "application/zip")
    assert set(told) == {"index.html", "data.json", "article-15.json", "bottlecrm.csv", "leadwarden.csv"}
    assert archive.testzip() is None
    stores = json.loads(archive.read("data.json"))["stores"]
    tables = {row["table"] for row in stores["bottlecrm"]}
    assert {"contacts", "invoice", "opportunity_contacts", "case_contacts"} <= tables
    assert job.contact.email in json.dumps(stores["leadwarden"]).lower()
    assert [name for name, text in told.items() if job.contact.email not in text] == ["article-15.json"]
    assert [other for other in everybody - {job.contact.email} if other in told["data.json"]] == []
    about = json.loads(archive.read("article-15.json"))
    assert "BottleCRM Ltd" in json.dumps(about)


@pytest.mark.parametrize("which", ["contact", "lead"])
def test_an_erasure_leaves_nothing_of_the_person_and_touches_nobody_else(job: Job, which: str) -> None:
    """Read back by the service, certified, and looked for by the test in every row of every table."""
    person: Person = getattr(job, which)
    before = everything(job.url)
    assert mentions(before, person.words)
    path, request = carried_out(job.service, "erasure", person)
    after = everything(job.url)
    [step] = [step for step in request["steps"] if step["store"] == "bottlecrm"]
    lost = sum(len(rows) - len(after[name]) for name, rows in before.items())
    changed = sum(len(set(rows) - set(after[name])) for name, rows in before.items()) - lost

    assert request["status"] == "completed"
    assert mentions(after, person.words) == {}
    assert step["found"] == step["changed"] > 0
    assert step["remaining"] == 0
    assert lost > 0
    assert lost + changed <= step["found"]
    assert_certified(job.service, path, step)
    assert_refused_from_now_on(job.service, person)


def assert_certified(service: Living, path: str, step: dict[str, Any]) -> None:
    """The certificate says the same as the request, is signed, and names nobody."""
    reply = service.call("GET", f"{path}/certificate")
    assert b"@example.com" not in reply.raw
    [jws] = [value for value in strings(reply.body) if value.count(".") == 2 and value.startswith("eyJ")]
    payload = jws.split(".")[1]
    signed = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    lines = {each["store"]: each for each in signed["steps"]}
    assert {name: lines["bottlecrm"][name] for name in ("found", "changed", "remaining")} == {
        name: step[name] for name in ("found", "changed", "remaining")
    }


def strings(document: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for each in document.values() if isinstance(document, dict) else document:
            yield from strings(each)


def assert_refused_from_now_on(service: Living, person: Person) -> None:
    """The next check says no, and the next import turns the person away."""
    answer = service.ask("POST", "/v1/decisions", question_of(person.email))
    assert (answer["effect"], answer["reasons"][0]) == ("deny", "SUPPRESSED_AFTER_ERASURE")
    again = service.call(
        "POST", "/v1/leads", line(person.email, source={"key": "x", "kind": "event", "obtained_at": SINCE})
    )
    assert again.said == (409, PROBLEM, "suppressed_after_erasure")


def test_the_trail_of_it_all_verifies(job: Job) -> None:
    """After access and erasures, by the auditor's program."""
    entry = job.service.ask("POST", "/v1/decisions", question_of(job.lead.email))["audit"]["entry_id"]
    exported = trail.export(job.service, [entry])

    assert trail.verified(exported) == len(trail.entries(exported))
    assert b"@example.com" not in exported.read_bytes()
