"""The case table: questions with the answers that the starting rulebook gives, to try a new rulebook on.

A company may change any outcome by publishing another rulebook; what it must not do is change one unawares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from consent.deadlines import Deadline, DeadlineCall, deadlines
from consent.decision import Decision, decide
from consent.errors import DeadlineError
from consent.facts import parse
from consent.rulebook import Rulebook, as_json

FOLDER = Path(__file__).parent / "rulebooks" / "cases"
INSTANTS = frozenset({"occurred_at", "identity_received_at"})
WORDS = frozenset({"regime", "event", "time_zone", "calendar", "extended"})


@dataclass(frozen=True, slots=True)
class DecisionCase:
    """A question, and what must be in the answer; `more` holds obligations, needs_review, retry."""

    id: str
    title: str
    facts: Mapping[str, Any]
    effect: str
    reasons: Sequence[str]
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeadlineCase:
    """A call, and the dates that must be in the answer."""

    id: str
    call: Mapping[str, Any]
    due: Mapping[str, str]
    safe: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A case that a rulebook answers otherwise than its table says."""

    id: str
    title: str
    expected: str
    given: str


@cache
def decision_cases() -> tuple[DecisionCase, ...]:
    """The table of decisions."""
    table = as_json(yaml.safe_load((FOLDER / "decisions.yaml").read_text(encoding="utf-8")))
    return tuple(
        DecisionCase(name, title, table["base"] | facts, effect, reasons, more[0] if more else {})
        for name, title, facts, effect, reasons, *more in table["cases"]
    )


@cache
def deadline_cases() -> tuple[DeadlineCase, ...]:
    """The table of deadlines."""
    table = yaml.safe_load((FOLDER / "deadlines.yaml").read_text(encoding="utf-8"))
    return tuple(
        DeadlineCase(name, call, due, safe[0] if safe else {}) for name, call, due, *safe in table["cases"]
    )


def differences(rulebook: Rulebook) -> list[Difference]:
    """The cases that `rulebook` answers otherwise."""
    found = [_difference(rulebook, case) for case in decision_cases()]
    found += [_late(rulebook, case) for case in deadline_cases()]
    return [one for one in found if one is not None]


def meets(decision: Decision, case: DecisionCase) -> bool:
    """The first reason first, all reasons and obligations contained, the rest exactly."""
    retry = decision.retry_not_before
    return (
        decision.effect == case.effect
        and decision.reasons[0] == case.reasons[0]
        and set(case.reasons) <= set(decision.reasons)
        and set(case.more.get("obligations", ())) <= set(decision.obligations)
        and decision.needs_review == case.more.get("needs_review", False)
        and ("retry" not in case.more or (retry is not None and retry.isoformat() == case.more["retry"]))
    )


def call_of(document: Mapping[str, Any]) -> DeadlineCall:
    """The call of a document in the words of the contract."""
    values: dict[str, Any] = {}
    for key, value in document.items():
        if key in INSTANTS:
            values[key] = datetime.fromisoformat(value)
        else:
            values[key] = value if key in WORDS else date.fromisoformat(value)
    return DeadlineCall(**values)


def _difference(rulebook: Rulebook, case: DecisionCase) -> Difference | None:
    decision = decide(rulebook, parse(dict(case.facts)))
    if meets(decision, case):
        return None
    expected = f"{case.effect} {', '.join(case.reasons)}"
    return Difference(case.id, case.title, expected, f"{decision.effect.value} {', '.join(decision.reasons)}")


def _late(rulebook: Rulebook, case: DeadlineCase) -> Difference | None:
    try:
        given = {one.name: one for one in deadlines(rulebook, call_of(case.call))}
    except DeadlineError:
        given = {}
    if _dates(given, "due", case.due) == case.due and _dates(given, "safe", case.safe) == case.safe:
        return None
    title = f"{case.call['regime']} {case.call['event']}"
    return Difference(case.id, title, _spelled(case.due), _spelled(_dates(given, "due", case.due)))


def _dates(given: Mapping[str, Deadline], which: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """The dates of the wanted names."""
    return {name: getattr(one, which).isoformat() for name, one in given.items() if name in wanted}


def _spelled(dates: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {day}" for name, day in sorted(dates.items())) or "none"
