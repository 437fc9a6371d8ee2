"""Guesses what a column means, by its name and by what stands in it. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from governance.stores.census import ColumnFacts, Family, TableFacts
from governance.stores.comparison import normal_phone

ENOUGH = 0.6
"""The share of values that must look alike."""
MENTIONED, FEWEST_MENTIONS = 0.3, 5
"""The share of values in which people are named, and how many values that takes to be told from chance."""
SHORTEST_TEXT = 25
"""Mean length from which texts with blanks in them are prose."""
SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15


class Meaning(StrEnum):
    """What a column holds of a person."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    ADDRESS = "address"
    HANDLE = "handle"
    TRACE = "trace"
    SPECIAL = "special"
    JOB = "job"
    SCORE = "score"
    PROSE = "prose"
    JSON = "json"
    SECRET = "secret"  # noqa: S105 - a kind of column
    OTHER = "other"


class Sure(StrEnum):
    """How sure a guess is: name and values agree; one of them speaks; a faint likeness."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column probably means."""

    meaning: Meaning
    sure: Sure = Sure.HIGH


EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+$")
PHONE = re.compile(r"^[+(]?[\d][\d\s().\-/]{5,}(?:\s*(?:x|ext\.?)\s*\d+)?$", re.IGNORECASE)
PERSON = re.compile(r"^[^\W\d_][\w'\u2019.\-]*(?:\s+[^\W\d_][\w'\u2019.\-]*){1,3}$")
MAIL_TABLE = re.compile(r"e?mail|message", re.IGNORECASE)
SENDER = re.compile(r"^(from|sender|reply_to)(_?(address|addr))?$", re.IGNORECASE)
BY_NAME: tuple[tuple[Meaning, re.Pattern[str]], ...] = tuple(
    (meaning, re.compile(pattern, re.IGNORECASE))
    for meaning, pattern in (
        (Meaning.TRACE, r"(^|_)ip(_?addr(ess)?)?$|user_?agent$"),
        (Meaning.SECRET, r"passw(or)?d|passwort|(^|_)(secret|pwd)"),
        (Meaning.EMAIL, r"(^|_)e?_?mail(_?(address|addr))?\d?$|(^|_)courriel$"),
        (
            Meaning.PHONE,
            r"(^|_)(phone|mobile|telephone|telefon|tel|cell|fax|handy|msisdn|whatsapp)(_?(number|no|e164))?\d?$",
        ),
        (
            Meaning.NAME,
            (
                r"(^|_)(first|last|middle|given|family|full|nick|sur|maiden|contact|client|customer|buyer|person)_?name$|"
                r"^(forename|surname|vorname|nachname|fname|lname|prenom|nom|nachname|name_first|name_last)$|_by_name$"
            ),
        ),
        (
            Meaning.ADDRESS,
            (
                r"(^|_)(street|address(_?line)?\d?|addr\d?|city|town|county|province|zip|post_?code|postal_?code)$"
                r"|(^|_)(plz|ort|strasse)$|_state$"
            ),
        ),
        (
            Meaning.HANDLE,
            r"linkedin|xing|twitter|skype|facebook|instagram|github|(^|_)(user_?name|login|handle)$",
        ),
        (
            Meaning.SPECIAL,
            r"birth|(^|_)(dob|gender|sex|religion|ethnic\w*|health|passport|ssn|tax_?id|national_?id)$",
        ),
        (Meaning.JOB, r"(^|_)(job_?(title|role)?|position|department|abteilung|seniority)$"),
        (Meaning.SCORE, r"(^|_)(score|rating|grade|propensity|likelihood|prediction)$|^lead_?score"),
        (
            Meaning.PROSE,
            (
                r"(^|_)(description|notes?|comments?|body(_\w+)?|message(_\w+)?|subject|details|text|content|remarks?|summary"
                r"|title|repr|bemerkung|notiz|changes?|reason|record_name|entity_name|object_name)$"
            ),
        ),
    )
)

BY_FAMILY = {
    (Meaning.SPECIAL, Family.TIME),
    (Meaning.SCORE, Family.NUMBER),
    (Meaning.SCORE, Family.TEXT),
}
"""What a name tells of columns that are no text, or whatever stands in them."""


def guess(table: TableFacts, column: ColumnFacts) -> Guess:
    """What `column` holds: its name and its values, each asked for itself."""
    named = next((meaning for meaning, pattern in BY_NAME if pattern.search(column.name)), None)
    if column.family is Family.JSON:
        return Guess(Meaning.JSON)
    if named is not None and (named, column.family) in BY_FAMILY:
        return Guess(named, Sure.MEDIUM)
    if column.family is Family.OTHER and named is Meaning.TRACE:
        return Guess(Meaning.TRACE)
    if column.family not in {Family.TEXT, Family.OTHER}:
        return Guess(Meaning.OTHER)
    if MAIL_TABLE.search(table.name) and SENDER.search(column.name):
        return Guess(Meaning.EMAIL, Sure.LOW)
    return _weigh(named, table.values(column.name))


def _weigh(named: Meaning | None, values: list[str]) -> Guess:
    """The name's word against the values': an address that is none is not one, whatever it is called."""
    seen = of_values(values)
    if named is None:
        return Guess(Meaning.OTHER) if seen is None else Guess(seen, Sure.MEDIUM)
    if named in {Meaning.EMAIL, Meaning.PHONE} and values and seen is not named:
        return Guess(seen or Meaning.OTHER, Sure.LOW)
    return Guess(named, Sure.HIGH if seen is named or not values else Sure.MEDIUM)


def of_values(values: Iterable[str]) -> Meaning | None:
    """What most of some values look like."""
    given = list(values)
    if not given:
        return None
    looks: tuple[tuple[Meaning, Callable[[str], bool]], ...] = (
        (Meaning.EMAIL, lambda value: bool(EMAIL.match(value.strip()))),
        (Meaning.PHONE, _is_phone),
        (Meaning.JSON, lambda value: value[:1] in "{[" and value[-1:] in "}]"),
    )
    for meaning, fits in looks:
        if sum(map(fits, given)) >= ENOUGH * len(given):
            return meaning
    prose = [value for value in given if " " in value.strip()]
    if len(prose) >= ENOUGH * len(given) and sum(map(len, prose)) >= SHORTEST_TEXT * len(prose):
        return Meaning.PROSE
    return None


def mentions(values: Iterable[str], names: frozenset[str]) -> bool:
    """Whether enough of some values have one of `names` in them, each a word in lower case."""
    given = list(values)
    found = sum(1 for value in given if not names.isdisjoint(re.findall(r"[^\W\d_]+", value.casefold())))
    return len(given) >= FEWEST_MENTIONS and found >= MENTIONED * len(given)


def looks_like_people(values: Iterable[str]) -> bool:
    """Whether most values are two to four words, as people's names are (and some companies')."""
    given = list(values)
    return sum(1 for value in given if PERSON.match(value.strip())) >= ENOUGH * max(1, len(given))


def _is_phone(value: str) -> bool:
    if not PHONE.match(value.strip()) or not re.search(r"[+\s()\-/]", value.strip()):
        return False
    digits = re.sub(r"\D", "", normal_phone(value) or "")
    return SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER and not re.match(r"^\d{4}-\d\d-\d\d", value)
