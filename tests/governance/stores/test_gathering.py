"""A person is followed through the tables to a fixed point, and nobody else with them."""

from typing import Any

from consent.vocabulary import IdentifierKind
from governance.stores.opening import open_store
from governance.stores.protocol import Identity, PersonTerms
from governance.stores.sql import SqlStore
from tests.governance.stores.conftest import rows_of, run_script
from tests.governance.stores.factories import VARIABLE, email, mapped, phone, row


def opened(url: str, script: str, tables: dict[str, Any]) -> SqlStore:
    """A store made by `script` and mapped by `tables`."""
    run_script(url, script)
    store = open_store(mapped(tables=tables), {VARIABLE: url})
    assert isinstance(store, SqlStore)
    return store


def test_an_identity_several_hops_below_stands_for_the_person(empty_url: str) -> None:
    """Mails -> threads -> people: the person is found from the mail, with everything below."""
    store = opened(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);\n"
        "CREATE TABLE threads (id INTEGER PRIMARY KEY, person INTEGER);\n"
        "CREATE TABLE mails (id INTEGER PRIMARY KEY, thread INTEGER, sender TEXT);\n"
        "INSERT INTO people VALUES (1, 'Ann'), (2, 'Ben');\n"
        "INSERT INTO threads VALUES (1, 1), (2, 1), (3, 2);\n"
        "INSERT INTO mails VALUES (1, 1, 'ann@x.example'), (2, 2, 'ann@y.example'), (3, 3, 'ben@x.example')",
        {
            "people": {"columns": {"name": {"category": "contact_details"}}, "erase": "delete"},
            "threads": {"belongs_to": {"person": "people.id"}, "erase": "cascade"},
            "mails": {
                "belongs_to": {"thread": "threads.id"},
                "identity": {"sender": "email"},
                "erase": "cascade",
            },
        },
    )
    found = store.find([email("ann@x.example")])
    assert found.persons == (row("people", 1),)
    assert found.counts() == {"people": 1, "threads": 2, "mails": 2}
    assert found.learnt == (email("ann@y.example"),)
    store.close()


def test_a_chain_of_identities_is_followed_to_its_end(empty_url: str) -> None:
    """Each row makes another known; circles in the data end it too."""
    store = opened(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, one TEXT, two TEXT);\n"
        "INSERT INTO people VALUES (1, 'a@x.example', 'b@x.example'), (2, 'b@x.example', 'c@x.example'),"
        " (3, 'c@x.example', 'a@x.example'), (4, 'd@x.example', NULL)",
        {"people": {"identity": {"one": "email", "two": "email"}, "erase": "delete"}},
    )
    assert [row("people", n) for n in (1, 2, 3)] == list(store.find([email("c@x.example")]).rows)
    store.close()


def test_trees_in_one_table_are_followed_down(empty_url: str) -> None:
    """Replies to replies, and a circle of them."""
    store = opened(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);\n"
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER, parent INTEGER);\n"
        "INSERT INTO people VALUES (1, 'a@x.example'), (2, 'b@x.example');\n"
        "INSERT INTO posts VALUES (1, 1, 3), (2, NULL, 1), (3, NULL, 2), (4, 2, NULL)",
        {
            "people": {"identity": {"email": "email"}, "erase": "delete"},
            "posts": {"belongs_to": {"author": "people.id", "parent": "posts.id"}, "erase": "cascade"},
        },
    )
    found = store.find([email("a@x.example")])
    assert found.counts() == {"people": 1, "posts": 3}
    store.erase(found, PersonTerms())
    assert rows_of(empty_url, "SELECT id FROM posts") == [(4,)]
    store.close()


def test_a_shared_record_is_redacted_and_its_other_participants_stay(empty_url: str) -> None:
    """Through a link table: the link goes, the record stays, the others' links too."""
    store = opened(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, first_name TEXT, email TEXT);\n"
        "CREATE TABLE deals (id INTEGER PRIMARY KEY, remarks TEXT);\n"
        "CREATE TABLE links (deal INTEGER, person INTEGER, PRIMARY KEY (deal, person));\n"
        "INSERT INTO people VALUES (1, 'Ann', 'a@x.example'), (2, 'Ben', 'b@x.example');\n"
        "INSERT INTO deals VALUES (1, 'Ann and Ben sign');\nINSERT INTO links VALUES (1, 1), (1, 2)",
        {
            "people": {
                "identity": {"email": "email"},
                "columns": {"first_name": {"category": "contact_details"}},
                "erase": "delete",
            },
            "links": {"belongs_to": {"person": "people.id", "deal": "deals.id"}, "erase": "cascade"},
            "deals": {
                "belongs_to": {"id": "links.deal"},
                "columns": {"remarks": {"category": "free_text", "erase": "redact"}},
                "erase": "redact",
            },
        },
    )
    store.erase(store.find([email("a@x.example")]), PersonTerms())
    assert rows_of(empty_url, "SELECT remarks FROM deals") == [("[redacted] and Ben sign",)]
    assert rows_of(empty_url, "SELECT deal, person FROM links") == [(1, 2)]
    store.close()


def test_external_ids_are_of_their_own_system(empty_url: str) -> None:
    """This store's by default, another's where the mapping says so; ids that can not be one match nothing."""
    store = opened(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, hub TEXT);\n"
        "INSERT INTO people VALUES (7, 'H-1'), (8, '7')",
        {
            "people": {
                "identity": {"id": "external", "hub": {"kind": "external", "system": "HubSpot"}},
                "erase": "delete",
            }
        },
    )

    def by(system: str, value: str) -> tuple[Any, ...]:
        return store.find([Identity(IdentifierKind.EXTERNAL, value, system)]).rows

    assert by("crm", "7") == (row("people", 7),)
    assert by("hubspot", "7") == (row("people", 8),)
    assert by("hubspot", "H-1") == (row("people", 7),)
    assert by("crm", "not a number") == ()
    assert by("elsewhere", "7") == ()
    store.close()


def test_numbers_are_found_however_they_are_written(empty_url: str) -> None:
    """Spaces, brackets, no country, a leading double zero; not the end of a longer one."""
    spellings = ["+49 30 1234567", "(030) 123 45-67", "0049301234567", "030/1234567", "+49 (0)30 1234567"]
    values = ", ".join(f"({number}, '{text}')" for number, text in enumerate(spellings, start=1))
    store = opened(
        empty_url,
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, number TEXT);\n"
        f"INSERT INTO calls VALUES {values}, (9, '+49 301 2345 6789'), (10, '+43 30 1234567')",
        {"calls": {"identity": {"number": "phone"}, "erase": "delete"}},
    )
    found = store.find([phone("+49301234567")])
    assert [one.key[0] for one in found.rows] == [1, 2, 3, 4, 5]
    store.close()


def test_many_rows_are_read_in_chunks(empty_url: str) -> None:
    """More children than fit in one statement."""
    values = ", ".join(f"({n}, 1)" for n in range(1, 1301))
    deeper = ", ".join(f"({n}, {n})" for n in range(1, 1301))
    store = opened(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);\n"
        "INSERT INTO people VALUES (1, 'a@x.example');\n"
        "CREATE TABLE visits (id INTEGER PRIMARY KEY, person INTEGER);\n"
        "CREATE TABLE clicks (id INTEGER PRIMARY KEY, visit INTEGER);\n"
        f"INSERT INTO visits VALUES {values};\nINSERT INTO clicks VALUES {deeper}",
        {
            "people": {"identity": {"email": "email"}, "erase": "delete"},
            "visits": {"belongs_to": {"person": "people.id"}, "erase": "cascade"},
            "clicks": {"belongs_to": {"visit": "visits.id"}, "erase": "cascade"},
        },
    )
    found = store.find([email("a@x.example")])
    assert found.counts() == {"people": 1, "visits": 1300, "clicks": 1300}
    assert len(list(store.export(found))) == 2601
    store.erase(found, PersonTerms())
    assert store.remaining(found, [email("a@x.example")]) == {}
    store.close()


def test_rows_of_a_kept_table_are_found_but_lead_nowhere_up(empty_url: str) -> None:
    """A kept company is nobody's parent: its other contacts are not the person's."""
    store = opened(
        empty_url,
        "CREATE TABLE firms (id INTEGER PRIMARY KEY, name TEXT);\n"
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, firm INTEGER);\n"
        "INSERT INTO firms VALUES (1, 'X');\n"
        "INSERT INTO people VALUES (1, 'a@x.example', 1), (2, 'b@x.example', 1)",
        {
            "firms": {"erase": "keep", "because": "no person"},
            "people": {"identity": {"email": "email"}, "belongs_to": {"firm": "firms.id"}, "erase": "delete"},
        },
    )
    assert store.find([email("a@x.example")]).rows == (row("people", 1),)
    store.close()


def test_who_writes_to_somebody_is_not_them(empty_url: str) -> None:
    """A mail holds two addresses: the other one is nobody's that is asked for, and leads to nobody."""
    store = opened(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);\n"
        "CREATE TABLE mails (id INTEGER PRIMARY KEY, sender TEXT, receiver TEXT);\n"
        "INSERT INTO people VALUES (1, 'ann@x.example'), (2, 'ben@x.example');\n"
        "INSERT INTO mails VALUES (1, 'ann@x.example', 'ben@x.example'),"
        " (2, 'ann@x.example', 'sales@x.example'), (3, 'ben@x.example', 'sales@x.example')",
        {
            "people": {"identity": {"email": "email"}, "erase": "delete"},
            "mails": {
                "identity": {
                    "sender": {"kind": "email", "stands_for": "row"},
                    "receiver": {"kind": "email", "stands_for": "row"},
                },
                "erase": "delete",
            },
        },
    )
    found = store.find([email("ann@x.example")])
    assert set(found.rows) == {row("people", 1), row("mails", 1), row("mails", 2)}
    assert (found.learnt, found.candidates) == ((), ())
    store.close()
