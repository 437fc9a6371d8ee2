"""Builds a small CRM to show things with: nine linked tables of made-up people; the same seed, the same CRM.

It has what makes real ones hard: phones shared by a whole company, the same person twice, addresses in a
key-value table, free text that names people, references that no foreign key declares.
"""

import json
import random
import sqlite3
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.demo.people import COMPANIES, COUNTRIES, TITLES, Country

MAPPING = Path(__file__).with_name("crm.yaml")
"""The CRM's store document."""
LEADS = 500
DUPLICATE_EVERY = 25
SHARED_PHONE_EVERY = 3
DEAL_EVERY = 4
COMPANIES_EACH = 4
STAR = 312
STAR_NAME = ("Ottilie", "Brandvold")
"""The person of the story: in Germany, with a deal, a duplicate, a company's phone, and an own name."""

SCHEMA = """
CREATE TABLE companies (id INTEGER PRIMARY KEY, name TEXT NOT NULL, domain TEXT, phone TEXT, country TEXT);
CREATE TABLE contacts (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL REFERENCES companies (id), first_name TEXT NOT NULL,
  last_name TEXT NOT NULL, job_title TEXT, email TEXT, phone TEXT, city TEXT, country TEXT, region TEXT,
  time_zone TEXT, lead_score INTEGER, created_at TEXT NOT NULL);
CREATE TABLE contact_points (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts (id), type TEXT NOT NULL,
  value TEXT NOT NULL);
CREATE TABLE activities (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts (id), kind TEXT NOT NULL,
  subject TEXT, happened_at TEXT NOT NULL);
CREATE TABLE notes (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts (id), body TEXT NOT NULL);
CREATE TABLE deals (
  id INTEGER PRIMARY KEY, company_id INTEGER NOT NULL REFERENCES companies (id),
  contact_id INTEGER REFERENCES contacts (id), name TEXT NOT NULL, amount INTEGER NOT NULL, remarks TEXT);
CREATE TABLE tasks (
  id INTEGER PRIMARY KEY, deal_id INTEGER REFERENCES deals (id), contact_id INTEGER REFERENCES contacts (id),
  title TEXT NOT NULL);
CREATE TABLE campaign_members (
  campaign TEXT NOT NULL, contact_id INTEGER NOT NULL REFERENCES contacts (id), status TEXT NOT NULL,
  PRIMARY KEY (campaign, contact_id));
CREATE TABLE history (
  id INTEGER PRIMARY KEY, entity TEXT NOT NULL, entity_id INTEGER NOT NULL, change TEXT NOT NULL);
CREATE INDEX contacts_email ON contacts (email);
CREATE INDEX contact_points_contact ON contact_points (contact_id);
CREATE INDEX activities_contact ON activities (contact_id);
CREATE INDEX notes_contact ON notes (contact_id);
CREATE INDEX deals_contact ON deals (contact_id);
CREATE INDEX tasks_contact ON tasks (contact_id);
CREATE INDEX campaign_members_contact ON campaign_members (contact_id);
CREATE INDEX history_entity ON history (entity_id, entity);
"""


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: how many, and somebody in the middle of it all to tell the story of."""

    leads: int
    rows: int
    countries: int
    contact_id: int
    first_name: str
    last_name: str
    email: str
    phone: str


def build(path: Path, *, seed: int = 7, leads: int = LEADS) -> Built:
    """Makes the CRM at `path`, which must not be there yet.

    Raises:
        FileExistsError: it is; a demo does not write into somebody's database.
    """
    path.touch(exist_ok=False)
    chance = random.Random(seed)  # noqa: S311 - made-up people, not secrets
    connection = sqlite3.connect(path)
    try:
        connection.executescript(SCHEMA)
        for number in range(1, leads + 1):
            _add_lead(connection, chance, number)
        connection.commit()
        return _summary(connection)
    finally:
        connection.close()


def import_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The CRM's contacts as lines of `POST /v1/leads/import`, in the order of their ids."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        for row in connection.execute("SELECT * FROM contacts ORDER BY id"):
            yield _import_line(row)
    finally:
        connection.close()


def count_mentions(path: Path, words: tuple[str, ...]) -> int:
    """How many cells of the whole CRM hold one of `words`, whatever their case."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.text_factory = str
    wanted = [word.casefold() for word in words]
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return sum(
            1
            for name in names
            for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - names of this schema
            for cell in row
            if any(word in str(cell).casefold() for word in wanted)
        )
    finally:
        connection.close()


def _add_lead(connection: sqlite3.Connection, chance: random.Random, number: int) -> None:
    """One lead with everything around it; now and then the same person once more."""
    country = COUNTRIES[number % len(COUNTRIES)]
    company_id, domain, switchboard = _company(connection, chance, country)
    first, last = chance.choice(country.first_names), chance.choice(country.last_names)
    first, last = STAR_NAME if number == STAR else (first, last)
    email = f"{_plain(first)}.{_plain(last)}{number}@{domain}"
    mobile = _number(country.mobile, number)
    shown = switchboard if number % SHARED_PHONE_EVERY == 0 else _spaced(mobile)
    contact = _contact(connection, chance, company_id, country, (first, last, email, shown))
    _insert(connection, "contact_points", contact, "mobile", mobile)
    _insert(
        connection,
        "contact_points",
        contact,
        "email",
        f"{_plain(first)[0]}{_plain(last)}{number}@mail.example",
    )
    _dealings(connection, chance, contact, (first, last, email, shown))
    if number % DEAL_EVERY == 0:
        _deal(connection, chance, company_id, contact, (first, last, mobile))
    if number % DUPLICATE_EVERY == 0 or number == STAR:
        twin = (first, last, email.upper(), None)
        _dealings(connection, chance, _contact(connection, chance, company_id, country, twin), twin)


def _company(connection: sqlite3.Connection, chance: random.Random, country: Country) -> tuple[int, str, str]:
    """One of the country's companies: its id, domain and switchboard."""
    place = (3 * COUNTRIES.index(country) + chance.randrange(COMPANIES_EACH)) % len(COMPANIES)
    name = COMPANIES[place]
    where = (country.region or country.code).lower()
    domain = f"{_plain(name).replace(' ', '-')}.{where}.example"
    switchboard = _number(country.landline, 100 + place)
    found = connection.execute("SELECT id FROM companies WHERE domain = ?", (domain,)).fetchone()
    if found is None:
        return _insert(connection, "companies", name, domain, switchboard, country.code), domain, switchboard
    return int(found[0]), domain, switchboard


def _contact(
    connection: sqlite3.Connection,
    chance: random.Random,
    company_id: int,
    country: Country,
    who: tuple[str, str, str, str | None],
) -> int:
    first, last, email, phone = who
    day = f"2026-{chance.randint(1, 9):02d}-{chance.randint(1, 28):02d}T09:00:00+00:00"
    place = (country.city, country.code, country.region, country.time_zone)
    titled = (first, last, chance.choice(TITLES), email, phone)
    return _insert(connection, "contacts", company_id, *titled, *place, chance.randint(1, 100), day)


def _dealings(
    connection: sqlite3.Connection,
    chance: random.Random,
    contact: int,
    who: tuple[str, str, str, str | None],
) -> None:
    first, last, email, phone = who
    day = f"2026-{chance.randint(1, 10):02d}-{chance.randint(1, 28):02d}"
    _insert(connection, "activities", contact, "call", f"Call with {first} {last}", day)
    _insert(connection, "activities", contact, "email", f"Mail to {email}", day)
    _insert(
        connection, "notes", contact, f"{last}, {first}: prefers {phone or email}; ask for Ms or Mr {last}."
    )
    campaign = chance.choice(("spring", "summer", "autumn"))
    connection.execute("INSERT INTO campaign_members VALUES (?, ?, 'sent')", (campaign, contact))
    _insert(
        connection, "history", "contact", contact, json.dumps({"email": email, "name": f"{first} {last}"})
    )


def _deal(
    connection: sqlite3.Connection,
    chance: random.Random,
    company: int,
    contact: int,
    who: tuple[str, str, str],
) -> None:
    first, last, mobile = who
    remarks = f"{first} signs; call {last} on {_spaced(mobile)} before Friday."
    name = f"Renewal ({last})"
    deal = _insert(connection, "deals", company, contact, name, chance.randint(5, 90) * 1000, remarks)
    _insert(connection, "tasks", deal, contact, f"Send {first} {last} the offer")
    _insert(connection, "history", "deal", deal, json.dumps({"stage": "offer"}))


def _insert(connection: sqlite3.Connection, table: str, *values: object) -> int:
    """Inserts a row after an id of its own; the id."""
    places = ", ".join("?" for _ in values)
    cursor = connection.execute(f"INSERT INTO {table} VALUES (NULL, {places})", values)  # noqa: S608 - our tables
    return int(cursor.lastrowid or 0)


def _summary(connection: sqlite3.Connection) -> Built:
    """Counts, and the person of the story; in a smaller CRM, its first."""
    star = connection.execute(
        "SELECT id, first_name, last_name, email, phone FROM contacts"
        " ORDER BY last_name = ? DESC, id LIMIT 1",
        STAR_NAME[1:],
    ).fetchone()
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = sum(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables)  # noqa: S608
    leads = connection.execute("SELECT count(DISTINCT lower(email)) FROM contacts").fetchone()[0]
    countries = connection.execute("SELECT count(DISTINCT country) FROM contacts").fetchone()[0]
    return Built(leads, rows, countries, *star)


def _import_line(row: sqlite3.Row) -> dict[str, Any]:
    identifiers = [{"type": "email", "value": row["email"]}]
    if row["phone"]:
        identifiers.append({"type": "phone", "value": row["phone"]})
    line = {
        "identifiers": identifiers,
        "country": row["country"],
        "region": row["region"],
        "time_zone": row["time_zone"],
        "profile": {
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "job_title": row["job_title"],
        },
        "source": {"key": "crm", "kind": "web_form", "obtained_at": row["created_at"]},
    }
    return {name: value for name, value in line.items() if value is not None}


def _plain(text: str) -> str:
    """A name as it stands in an address: lower-case ASCII."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return "".join(letter for letter in bare if letter.isascii()).replace(" ", "-") or "x"


def _number(pattern: str, count: int) -> str:
    """A number of a pattern such as `+4915112######`."""
    places = pattern.count("#")
    return pattern.rstrip("#") + f"{count:0{places}d}"


def _spaced(number: str) -> str:
    """A number as people type it: `+49 151 120 0001`."""
    return " ".join([number[:3], *(number[place : place + 3] for place in range(3, len(number), 3))])
