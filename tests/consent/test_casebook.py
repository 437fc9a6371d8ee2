"""The case tables: the public one, and our own of each row and boundary."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from consent.casebook import (
    DeadlineCase,
    DecisionCase,
    call_of,
    deadline_cases,
    decision_cases,
    differences,
    meets,
)
from consent.deadlines import deadlines
from consent.decision import cases_of, decide
from consent.facts import parse
from consent.rows import Regime
from consent.rulebook import parse_rulebook, starting_document, starting_rulebook

CASES = Path(__file__).resolve().parents[1] / "cases"
# The public tables, and those that somebody wrote from the same sources without seeing the rulebook.
DECISIONS, DEADLINES = (
    [
        case
        for table in (f"{name}.json", f"independent_{name}.json")
        for case in json.loads((CASES / table).read_text(encoding="utf-8"))["cases"]
    ]
    for name in ("decisions", "deadlines")
)


def public_case(document: dict[str, Any]) -> DecisionCase:
    """A public case in the form of our own."""
    expected = document["expected"]
    more = {key: expected[key] for key in ("obligations", "needs_review") if key in expected}
    if "retry_not_before" in expected:
        more["retry"] = expected["retry_not_before"]
    return DecisionCase(
        document["id"], document["title"], document["facts"], expected["effect"], expected["reasons"], more
    )


@pytest.mark.parametrize("document", DECISIONS, ids=lambda case: case["id"])
def test_the_public_decisions(document: dict[str, Any]) -> None:
    """First reason first, obligations contained, review and retry exactly."""
    case = public_case(document)
    decision = decide(starting_rulebook(), parse(document["facts"]))

    assert meets(decision, case), decision
    assert ("retry" in case.more) == (decision.retry_not_before is not None)


@pytest.mark.parametrize("document", DEADLINES, ids=lambda case: case["id"])
def test_the_public_deadlines(document: dict[str, Any]) -> None:
    """Every date that the case names."""
    given = {one.name: one for one in deadlines(starting_rulebook(), call_of(document["call"]))}

    assert {name: given[name].due.isoformat() for name in document["expected"]} == document["expected"]
    assert all(one.safe <= one.due for one in given.values())


@pytest.mark.parametrize("case", decision_cases(), ids=lambda case: case.id)
def test_our_own_decisions(case: DecisionCase) -> None:
    """Each row of the tables, and both sides of its boundary."""
    assert meets(decide(starting_rulebook(), parse(dict(case.facts))), case)


@pytest.mark.parametrize("case", deadline_cases(), ids=lambda case: case.id)
def test_our_own_deadlines(case: DeadlineCase) -> None:
    """The legal date, and the safe one where the case names it."""
    given = {one.name: one for one in deadlines(starting_rulebook(), call_of(case.call))}

    assert {name: given[name].due.isoformat() for name in case.due} == case.due
    assert {name: given[name].safe.isoformat() for name in case.safe} == case.safe


def test_case_ids_are_told_once() -> None:
    """A difference names its case by it."""
    for cases in (decision_cases(), deadline_cases()):
        names = [case.id for case in cases]
        assert len(set(names)) == len(names)


def test_every_row_of_the_starting_rulebook_is_sound_on_its_table() -> None:
    """What ships passes what ships with it."""
    assert differences(starting_rulebook()) == []


def test_a_changed_rule_shows_as_a_difference() -> None:
    """Of a decision with what was expected and given, and of a deadline."""
    document = starting_document()
    poland = next(one for one in document["jurisdictions"] if one["jurisdiction"] == "PL")
    poland["rows"][0] |= {"regime": "opt_out", "allow_as": ["OPT_OUT_REGIME"]}
    document["deadlines"]["lgpd"]["request_received"][0]["period"] = "30 days"
    found = {one.id: one for one in differences(parse_rulebook(document))}

    assert found["PL-01"].expected == "deny CONSENT_REQUIRED"
    assert found["PL-01"].given == "allow OPT_OUT_REGIME"
    assert found["BR-01"].title == "lgpd request_received"


def test_every_row_is_tried_on_both_sides_of_its_boundary() -> None:
    """A yes and a no that come from it, in the tables here; what is prohibited has no yes."""
    rulebook = starting_rulebook()
    sides: dict[str, set[str]] = {}
    tables = [*(dict(case.facts) for case in decision_cases()), *(case["facts"] for case in DECISIONS)]
    for document in tables:
        facts = parse(document)
        effect = decide(rulebook, facts).effect.value
        for case in cases_of(rulebook, facts):
            sides.setdefault(case.row.rule.id, set()).add(effect)
    rows = {
        row.rule.id: {"deny"} if row.regime is Regime.PROHIBITED else {"allow", "deny"}
        for law in rulebook.laws.values()
        for cells in law.cells.values()
        for row in chain(*cells)
    }

    assert {row: lacks for row, wanted in rows.items() if (lacks := wanted - sides.get(row, set()))} == {}
