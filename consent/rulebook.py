"""The rulebook: all laws of one version, parsed, and named by the hash of its content.

A rulebook is one document (see `consent/rulebooks`, where each jurisdiction has a file of its own). Parsing
finds every fault at once; what parses answers for every jurisdiction, channel and kind of recipient.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import rfc8785
import yaml

from consent import tablesyntax as syntax
from consent.calendars import Calendar
from consent.clocks import Clock, read_clocks
from consent.errors import RulebookError
from consent.laws import FALLBACK, read_laws
from consent.rows import Law
from consent.tablesyntax import Faults

FOLDER = Path(__file__).parent / "rulebooks"
KEYS = frozenset(
    {"rulebook", "groups", "duties", "consent", "reply_within", "notice_within", "retention", "policies"}
    | {"refusals", "registers", "hours", "caps", "calendars", "zones", "deadlines", "jurisdictions"}
)
DEEPEST = 20
ABOUT = ("version", "title", "effective_from", "checked_on", "owner")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One version of all rules. `document` is what was published; `hash` names it."""

    version: str
    title: str
    hash: str
    effective_from: date
    laws: Mapping[str, Law] = field(repr=False)
    calendars: Mapping[str, Calendar] = field(repr=False)
    clocks: Mapping[tuple[str, str], tuple[Clock, ...]] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False, compare=False)

    def law(self, code: str) -> Law | None:
        """The law of a jurisdiction: its own, its country's, or the fallback; None in an empty rulebook."""
        laws = self.laws
        return laws.get(code) or laws.get(code[:2]) or laws.get(FALLBACK)


NO_RULEBOOK = Rulebook("", "no rulebook", "", date.min, {}, {}, {}, {})
"""Stands in where none is valid: every answer on it is no."""


def parse_rulebook(document: Mapping[str, Any]) -> Rulebook:
    """The rulebook of a document.

    Raises:
        RulebookError: with every fault by its place: unknown words, gaps, overlaps.
    """
    faults = Faults()
    plain = as_json(document)
    table = syntax.mapping(plain, "document", faults, KEYS)
    about = syntax.mapping(table.get("rulebook"), "rulebook", faults, ABOUT)
    effective_from = syntax.day(about.get("effective_from"), "rulebook.effective_from", faults)
    if effective_from is None or not isinstance(about.get("version"), str):
        faults.add("rulebook", "needs a version and the day from which it is effective")
    calendars = syntax.calendars(table.get("calendars"), "calendars", faults)
    laws = read_laws(table, calendars, faults)
    zoned = _with_zones(laws, table.get("zones"), faults)
    clocks = read_clocks(table.get("deadlines"), faults)
    if faults.found or effective_from is None:
        raise RulebookError(faults.found)
    return Rulebook(
        str(about["version"]),
        str(about.get("title", "")),
        content_hash(plain),
        effective_from,
        zoned,
        calendars,
        clocks,
        plain,
    )


def content_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of a document: the same content has the same name.

    Raises:
        RulebookError: it holds what JSON can not.
    """
    return hashlib.sha256(canonical(as_json(document))).hexdigest()


def canonical(document: Any) -> bytes:
    """The one spelling of a document in JSON.

    Raises:
        RulebookError: it holds what JSON can not: other types, numbers too large, broken text.
    """
    try:
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise RulebookError({"document": ["holds a value that JSON can not hold"]}) from error


def as_json(value: Any, depth: int = 0) -> Any:
    """The same with days as text: YAML reads `2026-08-11` as a day, JSON has none.

    Raises:
        RulebookError: it is nested deeper than any rulebook.
    """
    if depth > DEEPEST:
        raise RulebookError({"document": [f"is nested deeper than {DEEPEST} levels"]})
    if isinstance(value, Mapping):
        return {str(key): as_json(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(entry, depth + 1) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def starting_rulebook() -> Rulebook:
    """The rulebook that a new service begins with."""
    return parse_rulebook(starting_document())


def starting_document() -> dict[str, Any]:
    """The files of `consent/rulebooks` as one document; a file with a jurisdiction is that jurisdiction."""
    document: dict[str, Any] = {}
    jurisdictions: list[Any] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        part = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "jurisdiction" in part:
            jurisdictions.append(part)
        else:
            document |= part
    return document | {"jurisdictions": jurisdictions}


def _with_zones(laws: Mapping[str, Law], value: Any, faults: Faults) -> dict[str, Law]:
    """Each law with its clocks; a subdivision that only has clocks of its own has its country's law."""
    known = available_timezones()
    zoned = dict(laws)
    for code, names in syntax.named(value, "zones", faults).items():
        zones = syntax.words(names, f"zones.{code}", faults, known)
        law = laws.get(code) or laws.get(code[:2])
        if law is None:
            faults.add(f"zones.{code}", "is the clock of no jurisdiction")
        else:
            zoned[code] = replace(law, code=code, zones=zones)
    for code, law in zoned.items():
        if not law.zones and code[:2] in zoned:
            zoned[code] = replace(law, zones=zoned[code[:2]].zones)
    return zoned
