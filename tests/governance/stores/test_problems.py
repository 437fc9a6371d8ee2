"""A mapping that can not find or erase a person says so when it is made active, not when a request fails."""

from copy import deepcopy
from typing import Any

import pytest

from governance.stores.opening import probe
from governance.stores.problems import problems, reachable_tables, shortcomings
from governance.stores.reading import parse
from tests.governance.stores.conftest import run_script
from tests.governance.stores.factories import PEOPLE, SCHEMA, VARIABLE, document, mapped


def changed(table: str, **fields: Any) -> dict[str, Any]:
    """The small CRM's tables with some fields of one replaced."""
    tables = deepcopy(document()["tables"])
    tables.setdefault(table, {"erase": "delete"}).update(fields)
    return tables  # type: ignore[no-any-return]  # a document is plain JSON


def test_the_small_crm_has_no_problems() -> None:
    """Else the rest would prove nothing."""
    assert problems(mapped()) == ()


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, "nobody can be found"),
        ({"t": {"erase": "delete"}}, "nobody can be found"),
        ({"t": {"erase": "keep", "because": "law", "identity": {"e": "email"}}}, "nobody can be erased"),
        (changed("consents_log", because=None), "tables.consents_log: is kept without saying why"),
        (changed("orders", columns={"total": {"erase": "keep"}}), "column total is kept without saying why"),
        (changed("orders", columns={}, identity={}), "says of no column how"),
        (
            changed("activities", belongs_to={"x": "elsewhere.id"}),
            "belongs to elsewhere, which is not mapped",
        ),
        (changed("comments", belongs_to={"x": "consents_log.id"}), "goes with consents_log, which is kept"),
        (changed("contacts", belongs_to={"reports_to": "contacts.id"}), "one person would lead to another"),
        (changed("contacts", erase="redact", columns={"id": {"erase": None}}), "column id is erased, but"),
    ],
)
def test_what_stands_against_a_document_by_itself(tables: dict[str, Any], said: str) -> None:
    """Each named by its place."""
    assert any(said in problem for problem in problems(mapped(tables=tables)))


def test_what_is_undecided_stands_against_it() -> None:
    """A person has to say first."""
    assert problems(mapped(undecided=["t.c"])) == ("undecided: t.c has not been decided",)


def test_a_manual_store_should_have_instructions() -> None:
    """Whoever does the work may know it; so they are advised, not asked for."""
    bare = parse({"store": "paper", "kind": "manual"})
    told = parse({"store": "paper", "kind": "manual", "instructions": "Look."})

    assert (problems(bare), problems(told)) == ((), ())
    assert (len(shortcomings(bare)), shortcomings(told)) == (1, ())


def test_reachable_are_identities_their_parents_and_what_belongs_to_them() -> None:
    """By declared links alone: comments are reached by a foreign key of the live schema."""
    reached = reachable_tables(mapped().tables.values())
    assert reached == {"contacts", "contact_points", "activities", "orders", "history", "consents_log"}


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (changed("ghosts"), "tables.ghosts: there is no such table"),
        (changed("contacts", identity={"mail": "email"}), "tables.contacts.mail: there is no such column"),
        (
            changed("activities", belongs_to={"contact_id": "contacts.nr"}),
            "tables.contacts.nr: there is no such",
        ),
        (changed("companies"), "tables.companies: is not reached from any identity"),
        (changed("companies", erase="cascade"), "goes with its parent, but belongs to none"),
        (changed("orders", columns={"buyer": {"erase": None}}), "tables.orders.buyer: can not be null"),
        (changed("orders", columns={"id": {"erase": {"set": 1}}}), "id: is part of the primary key"),
        (
            {name: table for name, table in changed("contacts").items() if name != "comments"},
            "tables.activities: can not be deleted while comments.activity_id points at it",
        ),
    ],
)
def test_what_the_live_schema_says_against_it(empty_url: str, tables: dict[str, Any], said: str) -> None:
    """On both kinds of database."""
    run_script(empty_url, SCHEMA)
    run_script(empty_url, PEOPLE)
    found = probe(mapped(tables=tables), {VARIABLE: empty_url})
    assert found.reachable
    assert any(said in problem for problem in found.problems), found.problems


def test_the_small_crm_fits_its_schema(empty_url: str) -> None:
    """No problems; but links without an index are pointed out."""
    run_script(empty_url, SCHEMA)
    found = probe(mapped(), {VARIABLE: empty_url})
    assert found.problems == ()
    assert "tables.history.entity_id: an index would make following faster" in found.advice


def test_a_link_by_half_of_a_key_is_a_problem(empty_url: str) -> None:
    """A number that is unique to a tenant leads to another tenant's person."""
    run_script(
        empty_url,
        "CREATE TABLE people (tenant INTEGER, id INTEGER, email TEXT, PRIMARY KEY (tenant, id));\n"
        "CREATE TABLE calls (nr INTEGER PRIMARY KEY, tenant INTEGER, person INTEGER,"
        " FOREIGN KEY (tenant, person) REFERENCES people (tenant, id))",
    )
    tables = {
        "people": {"identity": {"email": "email"}, "erase": "delete"},
        "calls": {"belongs_to": {"person": "people.id"}, "erase": "cascade"},
    }
    found = probe(mapped(tables=tables), {VARIABLE: empty_url})
    place = "tables.calls.person: is one of the columns tenant, person that point at people together;"
    assert found.problems == (f"{place} id alone may be another's",)
