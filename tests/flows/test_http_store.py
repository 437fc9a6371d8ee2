"""Requests through the running service with a store behind an HTTP interface beside one in a database."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import calling, enrichment, plain
from tests.fakes.serving import answer, served
from tests.flows.clients import lead_of, problem, wait_for
from tests.flows.living import ADMINISTRATOR, Living, living
from tests.flows.people import request_of
from tests.governance.stores.http.vendors import described

SCHEMA = """
CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT, first_name TEXT);
INSERT INTO contacts VALUES (1, 'ada@firm.example', 'Ada'), (2, 'ada@private.example', 'Ada'),
                            (3, 'other@firm.example', 'Otto'), (4, 'late@firm.example', 'Lara');
"""
SQL: dict[str, Any] = {
    "store": "crm",
    "kind": "sql",
    "url": "env:LEADWARDEN_STORE_CRM",
    "active": True,
    "purposes": ["direct_marketing"],
    "recipient": {"name": "Example CRM Ltd", "role": "processor", "country": "DE"},
    "tables": {
        "contacts": {
            "identity": {"email": "email"},
            "columns": {"first_name": {"category": "contact_details"}},
            "erase": "delete",
        }
    },
}
ADA, LARA, BELA = "ada@firm.example", "late@firm.example", "bela@firm.example"
MIA = "mia@firm.example"


@pytest.fixture(scope="module")
def vendor() -> Iterator[plain.PlainCrm]:
    """The interface: it alone knows that Ada has a second address, by which the database knows her too."""
    fake = plain.PlainCrm()
    fake.add("Ada Byron", None, ADA, "ada@private.example", notes=("Ada called", "Ada wrote", "Ada came"))
    fake.add("Otto Other", None, "other@firm.example", notes=("Otto",))
    fake.add("Lara Late", None, LARA)
    with served(fake):
        yield fake


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database."""
    path = tmp_path_factory.mktemp("crm") / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
    connection.close()
    return path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, vendor: plain.PlainCrm, crm: Path) -> Iterator[Living]:
    """A service with both, made active by an officer."""
    secrets = {
        "LEADWARDEN_STORE_CRM": f"sqlite:///{crm}",
        "LEADWARDEN_STORE_PLAIN": plain.TOKEN,
        "LEADWARDEN_STORE_ENRICHMENT": enrichment.KEY,
        "LEADWARDEN_STORE_PRIVATE_HOSTS": "127.0.0.1",
    }
    with living(tmp_path_factory.mktemp("http") / "home", **secrets) as started:
        started.ask("PUT", "/v1/stores/crm", SQL)
        started.ask("PUT", "/v1/stores/plain", plain.document(vendor.base) | {"store": "plain"})
        yield started


def test_an_access_request_has_the_rows_of_both(service: Living) -> None:
    """Also of the row that only the other store's address leads to."""
    lead_of(service, ADA)
    done = ended(service, approved(service, ADA, type="access"))
    assert done["status"] == "completed", done
    reply = service.call("GET", f"/v1/privacy-requests/{done['id']}/package")
    assert reply.status == 200, reply
    with zipfile.ZipFile(io.BytesIO(reply.raw)) as package:
        data = json.loads(package.read("data.json"))
    text = json.dumps(data)
    assert "Byron" in text
    assert "Ada wrote" in text
    assert "ada@private.example" in text
    assert "Otto" not in text


def test_an_erasure_is_carried_out_in_both(service: Living, vendor: plain.PlainCrm, crm: Path) -> None:
    """What one store learns the other is searched with; counted, read back, certified, and told to nobody."""
    vendor.asked.clear()
    path = approved(service, ADA)
    done = ended(service, path)
    assert done["status"] == "completed", done
    steps = {step["store"]: step for step in done["steps"]}
    counted = {
        name: tuple(steps[name][count] for count in ("found", "changed", "remaining"))
        for name in ("crm", "plain")
    }
    assert counted == {"crm": (2, 2, 0), "plain": (4, 4, 0)}
    assert not vendor.holds("ada")
    assert vendor.holds("otto")
    assert emails_of(crm) == ["other@firm.example", LARA]
    certificate = json.dumps(service.ask("GET", f"{path}/certificate"))
    assert "plain" in certificate
    for told in ("\n".join(vendor.asked), service.log.read_text(), certificate):
        assert "ada@" not in told.replace("%40", "@")


def test_what_is_written_while_somebody_goes_goes_as_well_and_is_counted(
    service: Living, vendor: plain.PlainCrm
) -> None:
    """Nothing leads to it but the key of a contact who is gone; it is in the history."""
    vendor.add("Mia Meanwhile", None, MIA, notes=("Mia asked",))
    vendor.meanwhile = ["Mia's last words"]
    lead_of(service, MIA)
    path = approved(service, MIA)
    done = ended(service, path)
    assert done["status"] == "completed", done
    [step] = [one for one in done["steps"] if one["store"] == "plain"]
    assert (step["found"], step["changed"], step["remaining"]) == (3, 3, 0)
    history = service.ask("GET", f"{path}/history")["items"]
    assert [line["found"] for line in history if line.get("error") == "rows_came"] == [3]
    assert not vendor.holds("mia")


def test_a_store_that_is_down_keeps_the_request_open_and_stops_no_other(
    service: Living, vendor: plain.PlainCrm, crm: Path
) -> None:
    """Tried again by itself, then for a person; nothing is called done, and a retry brings it to its end."""
    lead_of(service, LARA)
    vendor.faults = [answer({"error": LARA}, 500)] * 500
    path = approved(service, LARA)
    waiting = wait_for(lambda: service.ask("GET", path), lambda one: error_in(one, "plain") == "server_error")
    assert waiting["status"] in {"in_progress", "needs_attention"}
    problem(service.call("GET", f"{path}/certificate"), 404)
    wait_for(lambda: emails_of(crm), lambda emails: LARA not in emails)
    vendor.faults = []
    done = wait_for(lambda: retried(service, path), lambda one: one["status"] == "completed")
    assert {step["store"]: step["remaining"] for step in done["steps"] if step["store"] != "leadwarden"} == {
        "crm": 0,
        "plain": 0,
    }
    assert LARA not in service.log.read_text()


def test_work_that_a_vendor_finishes_later_is_waited_for(service: Living) -> None:
    """The step waits as long as it takes, without a failed try, and the vendor is asked once."""
    fake = enrichment.Enrichment()
    fake.add(emails=[BELA], full_name="Bela Bought")
    fake.patience = 7
    with served(fake) as base:
        document = described("enrichment", base) | {"store": "bought"}
        document["http"]["tables"]["people"]["job"]["every"] = 1
        document["http"]["auth"]["secret"] = "env:LEADWARDEN_STORE_ENRICHMENT"
        service.ask("PUT", "/v1/stores/bought", document)
        lead_of(service, BELA)
        path = approved(service, BELA)
        wait_for(lambda: service.ask("GET", path), lambda one: error_in(one, "bought") == "not_done_yet")
        done = ended(service, path)
        assert done["status"] == "completed", done
        [step] = [one for one in done["steps"] if one["store"] == "bought"]
        assert (step["found"], step["changed"], step["remaining"]) == (1, 1, 0)
        assert len(fake.requests) == 1
        assert len(fake.suppressed) == 1
        service.ask("PUT", "/v1/stores/bought", document | {"active": False})


def test_work_that_a_vendor_has_begun_outlives_the_service(tmp_path: Path) -> None:
    """Killed while it waits: the vendor is asked about the same work afterwards, calls, and is read back."""
    fake = calling.Calling()
    fake.add(emails=[BELA], full_name="Bela Bought")
    secrets = {
        "LEADWARDEN_STORE_ENRICHMENT_KEY": enrichment.KEY,
        "LEADWARDEN_STORE_SIGNATURE": calling.SECRET,
        "LEADWARDEN_STORE_PRIVATE_HOSTS": "127.0.0.1",
    }
    with served(fake) as base, living(tmp_path / "home", **secrets) as service:
        document = calling.document(base)
        document["http"]["tables"]["people"]["job"]["every"] = 1
        service.ask("PUT", "/v1/stores/enrichment", document)
        lead_of(service, BELA)
        path = approved(service, BELA)
        wait_for(lambda: service.ask("GET", path), lambda one: error_in(one, "enrichment") == "not_done_yet")
        service.kill()
        service.start()
        before = fake.polled
        wait_for(lambda: fake.polled, lambda polled: polled > before + 1)
        for held in fake.work.values():  # the service has another port by now, which a public address has not
            held["urls"] = [
                url.replace(url.split("/")[2], f"127.0.0.1:{service.port}") for url in held["urls"]
            ]
        assert fake.finish() == [202]
        done = ended(service, path)
        assert done["status"] == "completed", done
        assert fake.begun == 1
        token = next(iter(fake.work.values()))["urls"][0].rpartition("/")[2]
        assert token not in service.log.read_text()


def test_whom_a_store_asks_is_an_officers_matter(service: Living, vendor: plain.PlainCrm) -> None:
    """An administrator could otherwise have a secret sent anywhere, or people looked up by it."""
    draft = plain.document(vendor.base) | {"store": "draft", "active": False}
    problem(service.call("PUT", "/v1/stores/draft", draft, key=ADMINISTRATOR), 403)
    service.ask("PUT", "/v1/stores/draft", draft)
    elsewhere = plain.document("https://evil.example") | {"store": "draft", "active": False}
    problem(service.call("PUT", "/v1/stores/draft", elsewhere, key=ADMINISTRATOR), 403)
    again = service.call("PUT", "/v1/stores/draft", draft | {"purposes": ["research"]}, key=ADMINISTRATOR)
    assert again.status == 200


@pytest.mark.parametrize("host", ["127.0.0.2:80", "169.254.169.254", "localhost"])
def test_machines_inside_are_refused_when_a_store_is_made_active(service: Living, host: str) -> None:
    """They are not among those that the operator named."""
    document = plain.document(f"https://{host}") | {"store": "inside"}
    reply = service.call("PUT", "/v1/stores/inside", document)
    assert "host_forbidden" in json.dumps(problem(reply, 409 if reply.status == 409 else 422))


def approved(service: Living, email: str, **more: Any) -> str:
    """The path of a request that was verified and approved."""
    asked = service.ask("POST", "/v1/privacy-requests", request_of(email, **more))
    path = f"/v1/privacy-requests/{asked['id']}"
    service.ask("POST", f"{path}/verify", {"method": "code", "result": "verified"})
    service.ask("POST", f"{path}/approve", {})
    return path


def ended(service: Living, path: str) -> Any:
    """The request once nothing runs any more."""
    return wait_for(lambda: service.ask("GET", path), lambda one: one["status"] != "in_progress")


def retried(service: Living, path: str) -> Any:
    """The request, after an officer had it tried again where that was due."""
    seen = service.ask("GET", path)
    if seen["status"] == "needs_attention":
        service.call("POST", f"{path}/retry", {})
    return seen


def error_in(request: Any, store: str) -> str | None:
    """The last error of a store's step."""
    [error] = [step.get("last_error") for step in request["steps"] if step["store"] == store]
    found: str | None = error
    return found


def emails_of(crm: Path) -> list[str]:
    """Who is left in the database."""
    connection = sqlite3.connect(crm)
    found = [row[0] for row in connection.execute("SELECT email FROM contacts ORDER BY id")]
    connection.close()
    return found
