"""Which stored decisions another rulebook would have answered otherwise."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consent.decision import Decision, decide
from consent.errors import RulebookError, RulebookUnknownError
from consent.facts import trusted
from consent.publishing import rulebook_of
from consent.question import facts_for, question_of
from consent.rulebook import Rulebook
from consent.tables import DecisionRow

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Flip:
    """One decision, and its answer by the rules of then and by those that are tried."""

    decision_id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Tried:
    """How many stored decisions could be made again, and which would flip."""

    decisions: int
    flips: tuple[Flip, ...]


def flips(session: Session, rulebook: Rulebook, *, since: datetime) -> Tried:
    """The decisions since then, made again by their own rulebook and by `rulebook`.

    Both are pure, so what differs is the rules' doing alone. Decisions about nobody known, of erased leads,
    or by a rulebook that is not here any more are left out.
    """
    books: dict[str, Rulebook | None] = {rulebook.hash: rulebook}
    count, found = 0, []
    for row in _rows(session, since):
        if row.rulebook not in books:
            books[row.rulebook] = _book(session, row.rulebook)
        own = books[row.rulebook]
        if own is None or row.facts is None or row.answer is None or row.decided_at is None:
            continue
        question = question_of(json.loads(row.answer)["question"])
        facts = trusted(facts_for(question, json.loads(row.facts), row.decided_at))
        before, after = decide(own, facts, stored=True), decide(rulebook, facts, stored=True)
        count += 1
        if before.effect is not after.effect:
            found.append(Flip(row.id, _told(before), _told(after)))
    return Tried(count, tuple(found))


def _rows(session: Session, since: datetime) -> Iterator[DecisionRow]:
    """Decisions about known people that are still whole, a few hundred at once."""
    chosen = (
        select(DecisionRow)
        .where(DecisionRow.decided_at >= since, DecisionRow.lead_id.is_not(None))
        .order_by(DecisionRow.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    yield from session.scalars(chosen)


def _book(session: Session, content: str) -> Rulebook | None:
    try:
        return rulebook_of(session, content)
    except (RulebookError, RulebookUnknownError):
        return None


def _told(decision: Decision) -> str:
    return f"{decision.effect.value} {decision.reasons[0]}"
