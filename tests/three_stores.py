"""Three lead stores of one company in three SQLite files: what erasing many people at once is tried on.

Everybody stands in all three; who they are is spread over linked tables, free text and an event log.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PARTS = ("crm", "mailer", "desk")
SCHEMAS = {
    "crm": """
        CREATE TABLE contacts (
            id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, phone TEXT);
        CREATE TABLE contact_points (
            id INTEGER PRIMARY KEY, contact_id INTEGER REFERENCES contacts (id), type TEXT, value TEXT);
        CREATE TABLE activities (
            id INTEGER PRIMARY KEY, contact_id INTEGER REFERENCES contacts (id), subject TEXT);
        CREATE TABLE deals (
            id INTEGER PRIMARY KEY, contact_id INTEGER REFERENCES contacts (id), amount INTEGER,
            remarks TEXT);
        CREATE INDEX contact_points_contact ON contact_points (contact_id);
        CREATE INDEX activities_contact ON activities (contact_id);
        CREATE INDEX deals_contact ON deals (contact_id);
    """,
    "mailer": """
        CREATE TABLE subscribers (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
        CREATE TABLE sends (
            id INTEGER PRIMARY KEY, subscriber_id INTEGER REFERENCES subscribers (id), subject TEXT);
        CREATE INDEX sends_subscriber ON sends (subscriber_id);
    """,
    "desk": """
        CREATE TABLE requesters (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
        CREATE TABLE tickets (
            id INTEGER PRIMARY KEY, requester_id INTEGER REFERENCES requesters (id), subject TEXT, body TEXT);
        CREATE INDEX tickets_requester ON tickets (requester_id);
    """,
}
TABLES = {
    "crm": """
        contacts:
          identity: {email: email, phone: phone}
          columns: {first_name: {category: contact_details}, last_name: {category: contact_details}}
          erase: delete
        contact_points:
          identity: {value: [{kind: email, when: {type: email}}, {kind: phone, when: {type: mobile}}]}
          belongs_to: {contact_id: contacts.id}
          erase: cascade
        activities:
          belongs_to: {contact_id: contacts.id}
          columns: {subject: {category: behavioural}}
          erase: cascade
        deals:
          belongs_to: {contact_id: contacts.id}
          columns:
            contact_id: {erase: null}
            remarks: {category: free_text, erase: redact}
            amount: {category: financial, erase: keep, because: "commercial records"}
          erase: redact
    """,
    "mailer": """
        subscribers:
          identity: {email: email}
          columns: {name: {category: contact_details}}
          erase: delete
        sends:
          belongs_to: {subscriber_id: subscribers.id}
          columns: {subject: {category: behavioural}}
          erase: cascade
    """,
    "desk": """
        requesters:
          identity: {email: email}
          columns: {name: {category: contact_details}}
          erase: redact
        tickets:
          belongs_to: {requester_id: requesters.id}
          columns:
            subject: {category: free_text, erase: redact}
            body: {category: free_text, erase: redact}
          erase: redact
    """,
}
NAMES = {
    "crm": ("contacts", "contact_points", "activities", "deals"),
    "mailer": ("subscribers", "sends"),
    "desk": ("requesters", "tickets"),
}
"""The tables of each."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of the people; `words` are theirs alone."""

    number: int

    @property
    def name(self) -> tuple[str, str]:
        """First and last name."""
        return f"Vor{_letters(self.number)}", f"Nach{_letters(self.number)}"

    @property
    def email(self) -> str:
        """Their address at work."""
        return f"{self.name[0]}.{self.name[1]}@firm{self.number % 50}.example".lower()

    @property
    def private(self) -> str:
        """The second address, which only the CRM knows."""
        return f"{self.name[1]}{self.number}@mail.example".lower()

    @property
    def phone(self) -> str:
        """Their own number."""
        return f"+49151{self.number:08d}"

    @property
    def words(self) -> tuple[str, ...]:
        """What must be nowhere afterwards."""
        return (*(name.lower() for name in self.name), self.email, self.private, self.phone[4:])


def build(folder: Path, people: int) -> dict[str, str]:
    """Makes the three; the variables of their addresses, by the names that `documents` uses."""
    variables = {}
    for part in PARTS:
        path = folder / f"{part}.db"
        with sqlite3.connect(path) as connection:
            connection.executescript("PRAGMA journal_mode=WAL;" + SCHEMAS[part])
            for number in range(1, people + 1):
                _add(connection, part, Somebody(number))
        connection.close()
        variables[f"LEADWARDEN_STORE_{part.upper()}"] = f"sqlite:///{path}"
    return variables


def documents() -> Iterator[dict[str, Any]]:
    """The store documents."""
    for part in PARTS:
        yield {
            "store": part,
            "kind": "sql",
            "url": f"env:LEADWARDEN_STORE_{part.upper()}",
            "active": True,
            "purposes": ["direct_marketing"],
            "recipient": {"name": f"Example {part.title()} Ltd", "role": "processor", "country": "DE"},
            "tables": yaml.safe_load(TABLES[part]),
        }


def cells(folder: Path, *parts: str) -> str:
    """Every cell of all three, or of some, in lower case, one a line: to look for people in."""
    found: list[str] = []
    for part in parts or PARTS:
        connection = sqlite3.connect(folder / f"{part}.db")
        for table in NAMES[part]:
            rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of this schema
            found.extend(str(cell).lower() for row in rows for cell in row)
        connection.close()
    return "\n".join(found)


def lead_line(somebody: Somebody, since: str = "2026-09-01T09:00:00+00:00") -> dict[str, Any]:
    """The person as a line of the import of leads."""
    return {
        "identifiers": [
            {"type": "email", "value": somebody.email},
            {"type": "phone", "value": somebody.phone},
        ],
        "country": "DE",
        "profile": {"first_name": somebody.name[0], "last_name": somebody.name[1]},
        "source": {"key": "crm", "kind": "web_form", "obtained_at": since},
    }


def _add(connection: sqlite3.Connection, part: str, one: Somebody) -> None:
    """Everything of one person in one of the three."""
    first, last = one.name
    rows: list[tuple[str, tuple[object, ...]]] = []
    if part == "crm":
        spaced = f"+49 151 {one.phone[6:]}"
        rows = [
            ("contacts", (one.number, first, last, one.email, spaced)),
            ("contact_points", (None, one.number, "email", one.private)),
            ("activities", (None, one.number, f"Call with {first} {last}")),
            ("activities", (None, one.number, f"Mail to {one.email}")),
        ]
        if one.number % 4 == 0:
            rows.append(("deals", (None, one.number, 100, f"{last} signs; call {spaced} before Friday")))
    elif part == "mailer":
        rows = [("subscribers", (one.number, one.email.upper(), f"{first} {last}"))]
        rows += [("sends", (None, one.number, f"Hello {first}, news {n}")) for n in range(3)]
    else:
        ticket = (
            None,
            one.number,
            f"Question of {last}",
            f"{first} {last} <{one.private}> asks for a quote.",
        )
        rows = [("requesters", (one.number, one.email, f"{first} {last}")), ("tickets", ticket)]
    for table, values in rows:
        places = ", ".join("?" for _ in values)
        connection.execute(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608 - our own tables


def _letters(number: int) -> str:
    """A number as letters, so that it reads as a name: 0 is `aaaa`."""
    letters = ""
    for _ in range(4):
        number, place = divmod(number, 26)
        letters = chr(ord("a") + place) + letters
    return letters
