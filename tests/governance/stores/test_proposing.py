"""A first draft of a mapping, from a schema alone."""

from typing import Any

from governance.stores.census import take_census
from governance.stores.opening import open_store, probe
from governance.stores.proposing import propose
from governance.stores.protocol import PersonTerms
from governance.stores.reading import parse
from tests.governance.stores.conftest import rows_of, run_script
from tests.governance.stores.factories import PEOPLE, SCHEMA, VARIABLE, email


def proposed(url: str) -> dict[str, Any]:
    """What is proposed for the small CRM."""
    run_script(url, SCHEMA)
    run_script(url, PEOPLE)
    return propose(take_census(url), store="crm", url=f"env:{VARIABLE}")


def test_people_points_dealings_and_copies_are_told_apart(empty_url: str) -> None:
    """And links that no foreign key declares are found: the history, by its pair of entity and id."""
    tables = proposed(empty_url)["tables"]
    assert tables["contacts"]["identity"] == {"email": "email", "phone": "phone"}
    assert tables["contacts"]["erase"] == "delete"
    assert tables["contact_points"]["identity"] == {
        "value": [{"kind": "email", "when": {"type": "email"}}, {"kind": "phone", "when": {"type": "phone"}}]
    }
    assert tables["contact_points"]["belongs_to"] == {"contact_id": "contacts.id"}
    assert tables["activities"]["erase"] == "cascade"
    assert tables["comments"] == tables["comments"] | {"belongs_to": {"activity_id": "activities.id"}}
    assert tables["orders"]["erase"] == "redact"
    assert tables["orders"]["identity"] == {"buyer_email": {"kind": "email", "stands_for": "row"}}
    assert tables["history"]["belongs_to"]["entity_id"] == [
        {"to": "contacts.id", "when": {"entity": "contact"}},
        {"to": "orders.id", "when": {"entity": "order"}},
    ]


def test_the_proposal_finds_and_erases_a_person_once_reviewed(empty_url: str) -> None:
    """Only what is undecided stands against it; taken out, the person goes."""
    proposal = proposed(empty_url)
    assert proposal["active"] is False
    assert proposal["undecided"] == ["companies: phone"]
    reviewed = parse({**proposal, "undecided": []})
    assert probe(reviewed, {VARIABLE: empty_url}).problems == ()
    store = open_store(reviewed, {VARIABLE: empty_url})
    found = store.find([email("jane.doe@acme.example")])
    store.erase(found, PersonTerms())
    assert store.remaining(found, [email("jane.doe@acme.example")]) == {}
    assert rows_of(empty_url, "SELECT count(*) FROM contacts WHERE id = 1") == [(0,)]
    assert rows_of(empty_url, "SELECT buyer_email, total FROM orders ORDER BY id") == [
        ("", 900),
        ("bob.stone@acme.example", 100),
    ]
    store.close()


def test_the_systems_own_users_are_kept_and_said_to_be(sqlite_url: str) -> None:
    """With a reason; what hangs on nobody and looks personal is for a person to place."""
    run_script(
        sqlite_url,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, password TEXT);\n"
        "CREATE TABLE leads (id INTEGER PRIMARY KEY, last_name TEXT, email TEXT);\n"
        "CREATE TABLE sign_ins (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id),"
        " ip_address TEXT);\n"
        "CREATE TABLE parcels (id INTEGER PRIMARY KEY, street TEXT, city TEXT)",
    )
    proposal = propose(take_census(sqlite_url), store="crm", url=f"env:{VARIABLE}")
    assert {name for name, table in proposal["tables"].items() if table["erase"] == "keep"} == {
        "users",
        "sign_ins",
    }
    assert proposal["undecided"] == ["parcels: street, city"]


def test_how_sure_a_guess_is_stands_with_it(empty_url: str) -> None:
    """High where names and values agree, low where there were no rows to look at."""
    tables = proposed(empty_url)["tables"]
    assert tables["contacts"]["sure"] == "high"
    assert {table["sure"] for table in tables.values()} <= {"high", "medium", "low"}
