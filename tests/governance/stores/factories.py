"""A small CRM of the tests' own, its mapping, and shorthand for identities."""

from typing import Any

from consent.vocabulary import IdentifierKind
from governance.stores.mapping import StoreDocument
from governance.stores.opening import open_store
from governance.stores.protocol import Identity, RowRef
from governance.stores.reading import parse
from governance.stores.sql import SqlStore
from tests.governance.stores.conftest import run_script

VARIABLE = "LEADWARDEN_STORE_CRM"

SCHEMA = """
CREATE TABLE companies (id INTEGER PRIMARY KEY, name TEXT, phone TEXT);
CREATE TABLE contacts (
  id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, phone TEXT,
  company_id INTEGER REFERENCES companies (id), reports_to INTEGER REFERENCES contacts (id), score INTEGER);
CREATE TABLE contact_points (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts (id), type TEXT, value TEXT);
CREATE TABLE activities (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts (id), note TEXT,
  parent_id INTEGER REFERENCES activities (id));
CREATE TABLE comments (
  id INTEGER PRIMARY KEY, activity_id INTEGER NOT NULL REFERENCES activities (id), body TEXT);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, contact_id INTEGER REFERENCES contacts (id), buyer VARCHAR(40) NOT NULL,
  buyer_email TEXT NOT NULL, note TEXT, meta TEXT, total INTEGER);
CREATE TABLE tickets (id INTEGER PRIMARY KEY, title TEXT, requester_id INTEGER REFERENCES contacts (id));
CREATE TABLE history (id INTEGER PRIMARY KEY, entity TEXT, entity_id INTEGER, changes TEXT);
CREATE TABLE consents_log (id INTEGER PRIMARY KEY, contact_id INTEGER, said TEXT)
"""

PEOPLE = """
INSERT INTO companies VALUES (1, 'Acme GmbH', '+49 30 5550000'), (2, 'Globex', '+44 20 79460000');
INSERT INTO contacts VALUES
 (1, 'Jane', 'Doe', 'Jane.Doe@Acme.example', '+49 30 1111111', 1, NULL, 70),
 (2, 'Bob', 'Stone', 'bob.stone@acme.example', '+49 (30) 555-0000', 1, 1, 20),
 (3, 'Carol', 'Reed', 'carol.reed@acme.example', '0049 30 5550000', 1, NULL, 30),
 (4, 'Jane', 'Doe', NULL, '+49 30 1111111', NULL, NULL, 10),
 (5, 'Müller', 'Zoë', 'zoë@müller.example', NULL, 2, NULL, 10);
INSERT INTO contact_points VALUES
 (1, 1, 'email', 'jd@private.example'), (2, 1, 'phone', '+49 170 2222222'),
 (3, 2, 'email', 'bob@home.example'),
 (4, 1, 'twitter', '@jane_d_official');
INSERT INTO activities VALUES
 (1, 1, 'Called Jane', NULL), (2, 1, 'Reply', 1), (3, 2, 'Bob says Jane will sign', NULL);
INSERT INTO comments VALUES (1, 1, 'ok'), (2, 3, 'ok');
INSERT INTO orders VALUES
 (1, 1, 'Jane Doe', 'jane.doe@acme.example', 'Ms Doe, call 030-111 11 11', '{"by": ["JANE DOE", 5]}', 900),
 (2, 2, 'Bob Stone', 'bob.stone@acme.example', NULL, NULL, 100);
INSERT INTO tickets VALUES (1, 'Printer', 1), (2, 'Screen', 2);
INSERT INTO history VALUES (1, 'contact', 1, 'name: Jane'), (2, 'contact', 2, 'name: Bob'),
 (3, 'order', 1, 'x');
INSERT INTO consents_log VALUES (1, 1, 'yes'), (2, 2, 'yes')
"""


def document(**changes: Any) -> dict[str, Any]:
    """The mapping of the small CRM as a document; `changes` replace its fields."""
    tables: dict[str, Any] = {
        "contacts": {
            "identity": {"email": "email", "phone": "phone"},
            "columns": {
                "first_name": {"category": "contact_details"},
                "last_name": {"category": "contact_details"},
                "email": {"category": "contact_details"},
                "phone": {"category": "contact_details"},
                "score": {"category": "inferred"},
            },
            "erase": "delete",
        },
        "contact_points": {
            "identity": {
                "value": [
                    {"kind": "email", "when": {"type": "email"}},
                    {"kind": "phone", "when": {"type": "phone"}},
                ]
            },
            "columns": {"value": {"category": "contact_details"}},
            "belongs_to": {"contact_id": "contacts.id"},
            "erase": "cascade",
        },
        "activities": {
            "belongs_to": {"contact_id": "contacts.id", "parent_id": "activities.id"},
            "columns": {"note": {"category": "free_text"}},
            "erase": "cascade",
        },
        "comments": {"erase": "cascade"},
        "orders": {
            "belongs_to": {"contact_id": "contacts.id"},
            "identity": {"buyer_email": {"kind": "email", "stands_for": "row"}},
            "columns": {
                "contact_id": {"erase": None},
                "buyer": {"category": "contact_details", "erase": {"set": "erased"}},
                "buyer_email": {"category": "contact_details", "erase": {"set": ""}},
                "note": {"category": "free_text", "erase": "redact"},
                "meta": {"category": "free_text", "erase": "redact"},
                "total": {"category": "financial", "erase": "keep", "because": "tax law, ten years"},
            },
            "erase": "redact",
        },
        "history": {
            "belongs_to": {"entity_id": {"to": "contacts.id", "when": {"entity": "contact"}}},
            "erase": "cascade",
        },
        "consents_log": {
            "belongs_to": {"contact_id": "contacts.id"},
            "erase": "keep",
            "because": "proof of consent",
        },
    }
    base: dict[str, Any] = {
        "store": "crm",
        "kind": "sql",
        "url": f"env:{VARIABLE}",
        "active": True,
        "purposes": ["direct_marketing"],
        "recipient": {"name": "Example CRM Ltd", "role": "processor", "country": "DE"},
        "tables": tables,
    }
    return base | changes


def mapped(**changes: Any) -> StoreDocument:
    """The same, read."""
    return parse(document(**changes))


def crm(url: str, **changes: Any) -> SqlStore:
    """The small CRM in the database at `url`, filled and open."""
    run_script(url, SCHEMA)
    run_script(url, PEOPLE)
    store = open_store(mapped(**changes), {VARIABLE: url})
    assert isinstance(store, SqlStore)
    return store


def email(value: str, *, shared: bool = False) -> Identity:
    """An e-mail address in normal form."""
    return Identity(IdentifierKind.EMAIL, value, shared=shared)


def phone(value: str, *, shared: bool = False) -> Identity:
    """A number in E.164."""
    return Identity(IdentifierKind.PHONE, value, shared=shared)


def row(table: str, *key: str | int) -> RowRef:
    """A row's name."""
    return RowRef(table, key)
