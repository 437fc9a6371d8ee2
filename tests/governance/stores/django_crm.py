"""A CRM as Django's applications keep one: content types, generic links, an administrators' log."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine

from tests.governance.stores.conftest import driven, ways

SCHEMA = """
CREATE TABLE auth_user (id INTEGER PRIMARY KEY, password VARCHAR(128) NOT NULL, last_login TEXT,
  is_superuser BOOLEAN, username VARCHAR(150) NOT NULL, first_name VARCHAR(150),
  last_name VARCHAR(150), email VARCHAR(254));
CREATE TABLE django_content_type (id INTEGER PRIMARY KEY, app_label VARCHAR(100), model VARCHAR(100));
CREATE TABLE crm_company (id INTEGER PRIMARY KEY, full_name VARCHAR(200), website VARCHAR(200),
  email VARCHAR(254), phone VARCHAR(100), city_name VARCHAR(50), industry VARCHAR(50),
  owner_id INTEGER REFERENCES auth_user (id));
CREATE TABLE crm_contact (id INTEGER PRIMARY KEY, first_name VARCHAR(100) NOT NULL,
  middle_name VARCHAR(100), last_name VARCHAR(100), title VARCHAR(100), sex VARCHAR(1),
  birth_date DATE, email VARCHAR(254), secondary_email VARCHAR(254), phone VARCHAR(100),
  mobile VARCHAR(100), skype VARCHAR(100), description TEXT, disqualified BOOLEAN, massmail BOOLEAN,
  company_id INTEGER NOT NULL REFERENCES crm_company (id), owner_id INTEGER REFERENCES auth_user (id),
  token VARCHAR(36));
CREATE TABLE crm_lead (id INTEGER PRIMARY KEY, first_name VARCHAR(100) NOT NULL,
  last_name VARCHAR(100), email VARCHAR(254), phone VARCHAR(100), company_name VARCHAR(200),
  website VARCHAR(200), description TEXT, contact_id INTEGER REFERENCES crm_contact (id),
  owner_id INTEGER REFERENCES auth_user (id));
CREATE TABLE crm_deal (id INTEGER PRIMARY KEY, name VARCHAR(250) NOT NULL, amount NUMERIC(10, 2),
  description TEXT, workflow TEXT, contact_id INTEGER REFERENCES crm_contact (id),
  lead_id INTEGER REFERENCES crm_lead (id), company_id INTEGER REFERENCES crm_company (id),
  owner_id INTEGER REFERENCES auth_user (id));
CREATE TABLE crm_request (id INTEGER PRIMARY KEY, request_for VARCHAR(200), first_name VARCHAR(100),
  last_name VARCHAR(100), email VARCHAR(254), phone VARCHAR(100), company_name VARCHAR(200),
  description TEXT, contact_id INTEGER REFERENCES crm_contact (id),
  lead_id INTEGER REFERENCES crm_lead (id), deal_id INTEGER REFERENCES crm_deal (id));
CREATE TABLE crm_crmemail (id INTEGER PRIMARY KEY, from_field VARCHAR(254), "to" VARCHAR(300),
  cc VARCHAR(300), subject VARCHAR(250), content TEXT, contact_id INTEGER REFERENCES crm_contact (id),
  lead_id INTEGER REFERENCES crm_lead (id), deal_id INTEGER REFERENCES crm_deal (id));
CREATE TABLE crm_payment (id INTEGER PRIMARY KEY, amount NUMERIC(10, 2), payer VARCHAR(200),
  deal_id INTEGER NOT NULL REFERENCES crm_deal (id));
CREATE TABLE tasks_memo (id INTEGER PRIMARY KEY, name VARCHAR(250), description TEXT, note TEXT,
  deal_id INTEGER REFERENCES crm_deal (id), owner_id INTEGER REFERENCES auth_user (id));
CREATE TABLE crm_tag (id INTEGER PRIMARY KEY, name VARCHAR(70));
CREATE TABLE crm_contact_tags (id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES crm_contact (id),
  tag_id INTEGER NOT NULL REFERENCES crm_tag (id));
CREATE TABLE massmail_emlmessage_recipients (id INTEGER PRIMARY KEY, message VARCHAR(50),
  contact_id INTEGER NOT NULL REFERENCES crm_contact (id));
CREATE TABLE common_thefile (id INTEGER PRIMARY KEY, file VARCHAR(250), object_id INTEGER,
  content_type_id INTEGER REFERENCES django_content_type (id));
CREATE TABLE chat_chatmessage (id INTEGER PRIMARY KEY, content TEXT, object_id INTEGER,
  content_type_id INTEGER REFERENCES django_content_type (id),
  owner_id INTEGER REFERENCES auth_user (id));
CREATE TABLE django_admin_log (id INTEGER PRIMARY KEY, action_time TEXT, object_id TEXT,
  object_repr VARCHAR(200), change_message TEXT,
  content_type_id INTEGER REFERENCES django_content_type (id),
  user_id INTEGER NOT NULL REFERENCES auth_user (id))
"""
FIRST = (
    "Ottilie",
    "Maren",
    "Jendrik",
    "Philippa",
    "Ansgar",
    "Wenzel",
    "Rosalie",
    "Benedikt",
    "Thekla",
    "Henrike",
)
LAST = ("Brandvold", "Quistorp", "Hollenbach", "Tessmer", "Wiegand", "Szymanski", "Fairweather", "Lindqvist")
MODELS = ("contact", "lead", "deal", "company", "crmemail")
FIRMS = 20


@dataclass(frozen=True)
class Person:
    """Somebody in the CRM."""

    number: int
    first: str
    last: str

    @property
    def email(self) -> str:
        """The address at work."""
        return f"{self.first}.{self.last}@c{self.number % FIRMS + 1}.example".lower()

    @property
    def phone(self) -> str:
        """A number of their own."""
        return f"+49 170 {1000000 + self.number * 37}"

    def marks(self) -> tuple[str, ...]:
        """What must not be found anywhere once they are erased."""
        return (self.email, self.phone, f"{self.first} {self.last}", f"p{self.number}@private.example")


PEOPLE = tuple(
    Person(number, first, last)
    for number, (first, last) in enumerate(itertools.product(FIRST, LAST), start=1)
)


def build(url: str, schema: str = SCHEMA) -> None:
    """Makes the CRM in an empty database, and fills it."""
    engine = create_engine(driven(url), connect_args=ways(url))
    with engine.begin() as connection:
        for statement in schema.strip().split(";\n"):
            connection.exec_driver_sql(statement)
        mark = "%s" if engine.dialect.paramstyle in {"format", "pyformat"} else "?"
        for table, rows in _rows():
            marks = ", ".join([mark] * len(rows[0]))
            connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - names of the tests' own
    engine.dispose()


def _rows() -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    staff = [
        (n, "pbkdf2$x", "2026-01-01", False, f"user{n}", "Sta", "Ff", f"staff{n}@vendor.example")
        for n in (1, 2)
    ]
    yield "auth_user", staff
    yield "django_content_type", [(n, "crm", model) for n, model in enumerate(MODELS, start=1)]
    yield "crm_tag", [(1, "vip")]
    yield "crm_company", [_firm(n) for n in range(1, FIRMS + 1)]
    yield "crm_contact", [_contact(one) for one in PEOPLE]
    yield "crm_lead", [_lead(one) for one in PEOPLE if one.number % 2]
    deals = [one for one in PEOPLE if one.number % 3 == 0]
    yield "crm_deal", [_deal(one) for one in deals]
    yield "crm_request", [_request(one) for one in PEOPLE]
    yield "crm_crmemail", [_mail(one) for one in PEOPLE]
    yield "crm_payment", [(n, 1000, f"{one.first} {one.last}", one.number) for n, one in enumerate(deals)]
    yield (
        "tasks_memo",
        [(n, "Memo", f"{one.last} wants less", None, one.number, 1) for n, one in enumerate(deals)],
    )
    for n, one in enumerate(PEOPLE):
        yield "crm_contact_tags", [(n, one.number, 1)]
        yield "massmail_emlmessage_recipients", [(n, "spring", one.number)]
        yield "common_thefile", [(n, f"docs/cv_{one.last}.pdf", one.number, 1)]
        yield "chat_chatmessage", [(n, f"ask {one.first} {one.last} about it", one.number, 1, 1)]
        yield "django_admin_log", [(n, "2026", str(one.number), f"{one.first} {one.last}", "[]", 1, 1)]


def _firm(n: int) -> tuple[Any, ...]:
    site, phone = f"https://c{n}.example", f"+49 30 55500{n:02d}"
    return (n, f"Company {n} GmbH", site, f"info@c{n}.example", phone, "Berlin", "Software", 1)


def _contact(one: Person) -> tuple[Any, ...]:
    names, met = (one.first, None, one.last), f"Met {one.first} at the fair"
    private, mobile, firm = (
        f"p{one.number}@private.example",
        one.phone.replace("170", "171"),
        one.number % FIRMS + 1,
    )
    reached = (one.email, private, one.phone, mobile, f"skype.{one.number}")
    return (
        one.number,
        *names,
        "Head",
        "F",
        "1980-01-02",
        *reached,
        met,
        False,
        True,
        firm,
        1,
        f"t{one.number}",
    )


def _lead(one: Person) -> tuple[Any, ...]:
    told = ("Company", "https://x.example", f"{one.first} {one.last} asked")
    return (one.number, one.first, one.last, one.email, one.phone, *told, one.number, 1)


def _deal(one: Person) -> tuple[Any, ...]:
    remark = f"{one.first} decides, call {one.phone}"
    return (
        one.number,
        f"Licences for {one.last}",
        1000,
        remark,
        "Made",
        one.number,
        None,
        one.number % FIRMS + 1,
        1,
    )


def _request(one: Person) -> tuple[Any, ...]:
    told = ("Company", f"I am {one.first}", one.number, None, None)
    return (one.number, "Demo", one.first, one.last, one.email, one.phone, *told)


def _mail(one: Person) -> tuple[Any, ...]:
    body = f"Hello, {one.first} here. Regards {one.first} {one.last}, {one.phone}"
    return (
        one.number,
        one.email,
        "sales@vendor.example",
        None,
        f"Re: {one.last}",
        body,
        one.number,
        None,
        None,
    )
