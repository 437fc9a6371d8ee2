"""Sorts tables: which hold people, what belongs to them, the system's own users, or none of it. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from governance.stores.census import Family, TableFacts, bare_name
from governance.stores.guessing import Guess, Meaning, Sure, guess, looks_like_people, mentions, of_values


class Role(StrEnum):
    """What a table is for, as far as people are concerned."""

    STAFF = "staff"
    PERSON = "person"
    POINTS = "points"
    COMPANY = "company"
    COPY = "copy"
    TOKEN = "token"  # noqa: S105 - a kind of table
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Sorted:
    """A table, what its columns mean, and what it is for.

    `naming` are the texts whose values name the people of other tables, whatever they are called.
    """

    facts: TableFacts
    guesses: Mapping[str, Guess]
    role: Role = Role.PLAIN
    naming: tuple[str, ...] = ()

    def meaning(self, *meanings: Meaning) -> list[str]:
        """The columns that hold one of `meanings`."""
        return [name for name, one in self.guesses.items() if one.meaning in meanings]


SHORTEST_NAME = 4
IDENTIFYING = (Meaning.EMAIL, Meaning.PHONE)
STAFF_COLUMNS = re.compile(r"^(is_staff|is_superuser|last_login|password(_hash)?|encrypted_password)$")
STAFF_TABLE = re.compile(r"^(auth_)?users?$|^(employee|staff|agent|operator|administrator)s?$", re.IGNORECASE)
COMPANY_COLUMNS = re.compile(
    r"^(industry|number_of_employees|employees|annual_revenue|revenue|vat(_id|_number)?|tax_number|domain|company_name|website)$"
)
COMPANY_TABLE = re.compile(r"compan|account|organi[sz]ation|firm|customer_org|supplier|vendor", re.IGNORECASE)
TOKEN_TABLE = re.compile(
    r"token|black_?list|suppress|unsubscri|subscri|newsletter|opt_?(in|out)|submission|registration|invite|visitor|bounce",
    re.IGNORECASE,
)
COPY_COLUMNS = re.compile(r"amount|total|price|subtotal|invoice|currency|quantity", re.IGNORECASE)
WHOLE_NAMES = ("first_name", "last_name", "surname", "full_name")
TYPE_COLUMN = re.compile(r"(^|_)(type|kind|label|channel|medium|key|field)$", re.IGNORECASE)
VALUE_COLUMN = re.compile(r"(^|_)(value|data|contact|detail|address|content)$", re.IGNORECASE)


def sort_tables(census: Mapping[str, TableFacts]) -> dict[str, Sorted]:
    """Every table with its role."""
    found: dict[str, Sorted] = {}
    for name, facts in census.items():
        guesses = {column: guess(facts, one) for column, one in facts.columns.items()}
        found[name] = Sorted(facts, guesses)
    staff = {name for name, table in found.items() if _is_staff(table)}
    tables = {
        name: Sorted(
            table.facts, _with_plain_name(table), Role.STAFF if name in staff else _role(table, staff)
        )
        for name, table in found.items()
    }
    names = _names_in(table for table in tables.values() if table.role is Role.PERSON)
    return {name: _with_mentions(table, names) for name, table in tables.items()}


def _names_in(people: Iterable[Sorted]) -> frozenset[str]:
    """The words of the people's names that were looked at; short ones are words of every language, too."""
    words = {
        word
        for table in people
        for column in table.meaning(Meaning.NAME)
        for value in table.facts.values(column)
        for word in re.findall(r"[^\W\d_]+", value.casefold())
    }
    return frozenset(word for word in words if len(word) >= SHORTEST_NAME)


def _with_mentions(table: Sorted, names: frozenset[str]) -> Sorted:
    """A text that names the people is prose, whatever it is called: a deal's title, the payer of a bill.

    Of people, staff and companies the names are their own.
    """
    if table.role in {Role.PERSON, Role.STAFF, Role.COMPANY}:
        return table
    naming = tuple(
        name
        for name, guessed in table.guesses.items()
        if guessed.meaning in {Meaning.OTHER, Meaning.PROSE}
        and table.facts.columns[name].family is Family.TEXT
        and mentions(table.facts.values(name), names)
    )
    unknown = [name for name in naming if table.guesses[name].meaning is Meaning.OTHER]
    found = dict.fromkeys(unknown, Guess(Meaning.PROSE, Sure.MEDIUM))
    return replace(table, guesses={**table.guesses, **found}, naming=naming)


def kinds_by_type(facts: TableFacts) -> dict[str, tuple[str, dict[str, Meaning]]]:
    """The value columns of a key-value table: the column of their type, and what each type holds."""
    types = [n for n, c in facts.columns.items() if c.family is Family.TEXT and TYPE_COLUMN.search(n)]
    values = [n for n, c in facts.columns.items() if c.family is Family.TEXT and VALUE_COLUMN.search(n)]
    found: dict[str, tuple[str, dict[str, Meaning]]] = {}
    for value in values:
        for kind in types:
            held = _by_type(facts, kind, value)
            if held:
                found[value] = (kind, held)
    return found


def _by_type(facts: TableFacts, kind: str, value: str) -> dict[str, Meaning]:
    groups: dict[str, list[str]] = {}
    for row in facts.rows:
        if row.get(kind) and row.get(value):
            groups.setdefault(str(row[kind]), []).append(str(row[value]))
    seen = {name: of_values(values) for name, values in groups.items()}
    return {name: meaning for name, meaning in seen.items() if meaning in IDENTIFYING}


def _is_staff(table: Sorted) -> bool:
    """Accounts to sign in with: a password, or what frameworks put beside it."""
    names = table.facts.columns
    return any(STAFF_COLUMNS.match(name) for name in names) or bool(
        STAFF_TABLE.match(bare_name(table.facts.name))
    )


def _with_plain_name(table: Sorted) -> Mapping[str, Guess]:
    """A column that is only called `name` holds a person's where the rest of the table is about one."""
    if "name" not in table.guesses or table.guesses["name"].meaning is not Meaning.OTHER:
        return table.guesses
    values = table.facts.values("name")
    personal = table.meaning(*IDENTIFYING) and not _is_company(table)
    if personal and (looks_like_people(values) or not values):
        return {**table.guesses, "name": Guess(Meaning.NAME, Sure.HIGH if values else Sure.LOW)}
    return table.guesses


def _role(table: Sorted, staff: set[str]) -> Role:
    """The rules in their order; the first that fits decides."""
    facts = table.facts
    whole_names = any(name in facts.columns for name in WHOLE_NAMES)
    rules = (
        (Role.POINTS, bool(kinds_by_type(facts))),
        (Role.PLAIN, not table.meaning(*IDENTIFYING)),
        (Role.STAFF, _of_staff(facts, staff)),
        (Role.COMPANY, _is_company(table)),
        (Role.COPY, not whole_names and any(COPY_COLUMNS.search(name) for name in facts.columns)),
        (Role.PERSON, bool(Sorted(facts, _with_plain_name(table)).meaning(Meaning.NAME))),
        (Role.TOKEN, bool(TOKEN_TABLE.search(facts.name))),
    )
    return next((role for role, fits in rules if fits), Role.PLAIN)


def _of_staff(facts: TableFacts, staff: set[str]) -> bool:
    """A profile: one for each account to sign in with."""
    return any(
        link.table in staff and not link.nullable and link.column.startswith("user") for link in facts.links
    )


def _is_company(table: Sorted) -> bool:
    """No person's name, but a company's columns or a table called so; a firm has a full name, too."""
    called = bool(COMPANY_TABLE.search(table.facts.name))
    if any(name in table.facts.columns for name in WHOLE_NAMES if not called or name != "full_name"):
        return False
    columns = sum(1 for name in table.facts.columns if COMPANY_COLUMNS.match(name))
    return (called and columns > 0) or columns > 1
