"""What stands against an `http` section that can be read."""

import copy
from typing import Any

import pytest

from governance.stores.problems import problems
from governance.stores.reading import parse
from tests.fakes import plain
from tests.governance.stores.http.test_reading import DOCUMENT, with_

FIND = "tables.contacts.find.0"


def against(document: dict[str, Any]) -> str:
    """All problems in one text."""
    return "\n".join(problems(parse(document)))


def test_nothing_stands_against_the_plain_document() -> None:
    """Nor against one on a port."""
    assert against(DOCUMENT) == ""
    assert against(plain.document("http://127.0.0.1:8123")) == ""


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        ("hosts", [], "http.base: its host is not listed"),
        ("base", "https://{value}.crm.example", "must be a literal address"),
        ("base", "https://user@crm.example", "must be a literal address"),
        ("base", "ldap://crm.example", "must be a literal address"),
        ("base", "https://crm.example/api", "must have no path"),
        ("headers", {"Host": "x.example"}, "http.headers.Host: is not a document's to say"),
        (f"{FIND}.path", "/api/{value}", "personal data would stand in the address"),
        (f"{FIND}.query", {"q": "{value}"}, "personal data would stand in the address"),
        (f"{FIND}.body", {"q": "{row.id}"}, "{row.id} is not known here"),
        (f"{FIND}.body", {"q": "{value.upper}"}, "{value.upper} is not known here"),
        (f"{FIND}.by", "external", "no identity of kind external"),
        (f"{FIND}.by", "companies", "a table that this one belongs to, not companies"),
        (f"{FIND}.form", True, ""),
        ("tables.contacts.find", [], ".find: nothing says how rows are found"),
        ("tables.contacts.read", None, ".read: without it nothing can be exported or read back"),
        ("tables.contacts.read.path", "/api/{value}", ".read: {value} is not known here"),
        ("tables.contacts.erase", [], ".erase: nothing says how a row is erased"),
        ("tables.contacts.erase.0.path", "/api/{job}", ".erase.0: {job} is not known here"),
        ("tables.notes.erase", [], ""),
        ("tables.other", {"key": "id"}, "http.tables.other: is not among the tables"),
        ("suppress", [{"by": "email", "path": "/x/{value}"}], "http.suppress.0: personal data would stand"),
        (
            "suppress",
            [{"by": "email", "path": "/x/{row.id}", "in_url": "so"}],
            "http.suppress.0: {row.id} is not",
        ),
    ],
)
def test_what_could_not_work_is_said(place: str, value: object, problem: str) -> None:
    """Before a request fails by it."""
    found = against(with_(place, value))
    assert problem in found
    assert bool(found) == bool(problem)


def test_what_is_in_an_address_by_force_says_why() -> None:
    """Then it may."""
    document = with_(f"{FIND}.query", {"q": "{value}"})
    document["http"]["tables"]["contacts"]["find"][0]["in_url"] = "there is no other way"
    assert against(document) == ""


def test_jobs_forms_and_tables_without_calls() -> None:
    """The rest of what goes together."""
    job = {"id": "id", "state": "s", "done": "done", "poll": {"path": "/jobs/{row.id}"}}
    document = with_("tables.contacts.job", job)
    document["http"]["tables"]["contacts"]["erase"] *= 2
    found = against(document)
    assert "goes with exactly one call of erase" in found
    assert "job.poll: {row.id} is not known here" in found
    document["http"]["tables"]["contacts"]["erase"] = [{"path": "/x", "body": {"to": "{callback}"}}]
    assert "{callback} is not known here" in against(document)
    document["http"]["tables"]["contacts"]["job"] = {"callback": {}}
    assert against(document) == ""
    document["http"]["tables"]["contacts"]["erase"][0]["body"] = {"id": "{ours}"}
    assert "the call of erase does not tell the store {callback}" in against(document)
    form = with_(f"{FIND}.form", value=True)
    form["http"]["tables"]["contacts"]["find"][0]["body"] = {"a": ["{value}"]}
    assert "a form must be a flat map" in against(form)
    missing = copy.deepcopy(DOCUMENT)
    del missing["http"]["tables"]["notes"]
    assert "tables.notes: http.tables does not say how it is asked" in against(missing)
    del missing["http"]
    assert "http: must say how the store is asked" in against(missing)


def test_texts_can_not_be_redacted_inside_over_http() -> None:
    """What can not be done is not promised."""
    document = copy.deepcopy(DOCUMENT)
    document["tables"]["contacts"]["erase"] = "redact"
    document["tables"]["contacts"]["columns"]["name.first"]["erase"] = "redact"
    assert "column name.first can not be redacted inside" in against(document)
    document["tables"]["notes"]["identity"] = {"author": "email"}
    assert "has identities and belongs to another table" in against(document)


def test_token_addresses_are_looked_at_as_well() -> None:
    """A secret goes there."""
    auth = {
        "kind": "oauth2",
        "grant": "client_credentials",
        "token_url": "https://elsewhere.example/token",
        "client_id": "env:LEADWARDEN_STORE_ID",
        "client_secret": "env:LEADWARDEN_STORE_SECRET",
    }
    assert "http.auth.token_url: its host is not listed" in against(with_("auth", auth))
