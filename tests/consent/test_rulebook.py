"""The rulebook: complete, named by its content, and refused with every fault by place."""

import contextlib
import copy
import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from consent.contacts import CONTACTS_KEPT
from consent.errors import RulebookError
from consent.laws import CHANNELS, FALLBACK, KINDS, USES
from consent.rulebook import as_json, content_hash, parse_rulebook, starting_document, starting_rulebook

MISPLACED: tuple[Any, ...] = (None, 7, -1, 1.5, "", "x", [], {}, [[]], {"x": 1}, True, ["email", "email"])


@pytest.fixture
def document() -> dict[str, Any]:
    """A copy of the starting rulebook to spoil."""
    copied: dict[str, Any] = as_json(starting_document())
    return copied


def of(document: dict[str, Any], code: str) -> dict[str, Any]:
    """The table of a jurisdiction."""
    found: dict[str, Any] = next(one for one in document["jurisdictions"] if one["jurisdiction"] == code)
    return found


def faults(document: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with it."""
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(document)
    return refused.value.errors


def test_every_cell_of_every_law_has_an_answer() -> None:
    """For each channel, data use and kind of recipient, the unknown kind too; nothing is left to chance."""
    for law in starting_rulebook().laws.values():
        for what in (*CHANNELS, *USES):
            for kind in (*KINDS, None):
                assert law.cells[what, kind]


def test_every_rule_names_its_source() -> None:
    """No rule without a citation, an id and a confidence."""
    for law in starting_rulebook().laws.values():
        for cells in law.cells.values():
            for row in (row for cell in cells for row in cell):
                assert row.rule.id
                assert row.rule.citation.strip()
                assert row.confidence in {"high", "medium", "low", "contested"}


def test_each_jurisdiction_finds_its_law() -> None:
    """Its own, its country's, the union's, or the fallback."""
    rulebook = starting_rulebook()
    found = {code: rulebook.law(code) for code in ("DE", "DE-BY", "US-CA", "US-OH", "HU", "ZA", "ZA-WC")}

    assert {code: law.name for code, law in found.items() if law} == {
        "DE": "Germany",
        "DE-BY": "Germany",
        "US-CA": "California",
        "US-OH": "United States (federal)",
        "HU": "European Union (baseline)",
        "ZA": "Everywhere else",
        "ZA-WC": "Everywhere else",
    }


def test_the_hash_names_the_content(document: dict[str, Any]) -> None:
    """Order of keys and the way it was read do not matter; a changed word does."""
    shuffled = dict(reversed(list(document.items())))

    assert parse_rulebook(shuffled).hash == starting_rulebook().hash == content_hash(starting_document())

    document["rulebook"]["title"] = "Another"
    assert parse_rulebook(document).hash != starting_rulebook().hash


def test_days_are_text_in_json() -> None:
    """YAML knows days, JSON does not."""
    assert as_json({"from": date(2026, 8, 11), "all": (1, [date(2026, 1, 1)])}) == {
        "from": "2026-08-11",
        "all": [1, ["2026-01-01"]],
    }


def _spoil_word(document: dict[str, Any]) -> None:
    of(document, "PL")["rows"][0]["regime"] = "opt_maybe"


def _spoil_gap(document: dict[str, Any]) -> None:
    of(document, FALLBACK)["rows"][0]["recipients"] = ["consumer"]


def _spoil_overlap(document: dict[str, Any]) -> None:
    rows = of(document, "PL")["rows"]
    rows.append(rows[0] | {"id": "PL-AGAIN"})


def _spoil_days(document: dict[str, Any]) -> None:
    of(document, "IN")["rows"][-1]["from"] = "2027-05-15"


def _spoil_reach(document: dict[str, Any]) -> None:
    rows = of(document, "CH")["rows"]
    rows[0], rows[1] = rows[1], rows[0]


def _spoil_register(document: dict[str, Any]) -> None:
    of(document, "GB")["rows"][2]["registers"] = ["XTPS"]


def _spoil_circle(document: dict[str, Any]) -> None:
    of(document, FALLBACK)["extends"] = "EU"


def _spoil_citation(document: dict[str, Any]) -> None:
    del of(document, "PL")["rows"][0]["citation"]


def _spoil_hours(document: dict[str, Any]) -> None:
    of(document, "DE")["hours"]["calling"]["monday_to_friday"] = "20:00-08:00"


def _spoil_zone(document: dict[str, Any]) -> None:
    document["zones"]["DE"] = ["Europe/Bonn"]


def _spoil_clock(document: dict[str, Any]) -> None:
    document["deadlines"]["gdpr"]["request_received"][0]["period"] = "one month"


def _spoil_reason(document: dict[str, Any]) -> None:
    document["refusals"]["BECAUSE"] = {"id": "X-1", "citation": {"law": "a", "article": "b"}}


def _spoil_cap(document: dict[str, Any]) -> None:
    of(document, "US-FL")["caps"]["calling"]["most"] = CONTACTS_KEPT + 1


def _spoil_policy(document: dict[str, Any]) -> None:
    document["policies"]["caps"][0]["most"] = 10 * CONTACTS_KEPT


@pytest.mark.parametrize(
    ("spoil", "place", "message"),
    [
        (_spoil_word, "jurisdictions.PL.rows.PL-PKE-398.regime", "must be one of"),
        (_spoil_gap, "jurisdictions.*.email.corporate_subscriber", "is a gap"),
        (_spoil_overlap, "jurisdictions.PL.email.consumer", "is an overlap of PL-PKE-398 and PL-AGAIN"),
        (_spoil_days, "jurisdictions.IN.email.consumer", "is a gap between IN-EMAIL and IN-DPDP-EMAIL"),
        (_spoil_reach, "jurisdictions.CH.email.consumer", "can never reach CH-UCA-3-1-O-SINGLE"),
        (_spoil_register, "jurisdictions.GB.rows.GB-PECR-21.registers.0", "is not a known word"),
        (_spoil_circle, "jurisdictions.*.extends", "not in a circle"),
        (_spoil_citation, "jurisdictions.PL.rows.PL-PKE-398.citation", "must name law and article"),
        (_spoil_hours, "jurisdictions.DE.hours.calling.monday_to_friday", "in order"),
        (_spoil_zone, "zones.DE.0", "is not a known word"),
        (_spoil_clock, "deadlines.gdpr.request_received.0.period", "business_days"),
        (_spoil_cap, "jurisdictions.US-FL.caps.calling.most", "from 1 to 200"),
        (_spoil_policy, "policies.caps.0.most", "from 1 to 200"),
        (_spoil_reason, "jurisdictions.DE.refusals.BECAUSE", "is not a known reason"),
    ],
)
def test_a_fault_is_named_by_its_place(
    document: dict[str, Any], spoil: Callable[[dict[str, Any]], None], place: str, message: str
) -> None:
    """Unknown word, gap, overlap, dead row, unknown register, circle, missing source and the like."""
    spoil(document)
    found = faults(document)

    assert place in found, found
    assert message in " ".join(found[place])


def nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every node of a document."""
    yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, entry in entries:
        yield from nodes(entry, (*path, key))


def test_whatever_stands_where_it_should_not_is_a_fault_and_not_a_crash(document: dict[str, Any]) -> None:
    """A few hundred misplaced values; each is either harmless or refused."""
    dice = random.Random(7)  # noqa: S311 - chooses what to spoil
    places = [path for path in nodes(document) if path]
    for path in dice.sample(places, 250):
        spoiled = copy.deepcopy(document)
        at: Any = spoiled
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = dice.choice(MISPLACED)
        with contextlib.suppress(RulebookError):
            parse_rulebook(spoiled)


@pytest.mark.parametrize(
    "broken", [{"rulebook": {"version": "\ud800"}}, {"x": 10**400}, {"x": float("nan")}, {"x": object()}]
)
def test_what_json_can_not_hold_is_refused(broken: dict[str, Any]) -> None:
    """Half a character, a number without end, not a number, an object."""
    assert faults(broken)


def test_what_is_nested_without_end_is_refused() -> None:
    """Before it costs anything."""
    deep: Any = {}
    for _ in range(2000):
        deep = {"x": deep}

    assert "nested" in faults(deep)["document"][0]
