"""Whether one person's approval is enough, and who has given theirs.

Where two must approve, the first approval waits: nothing is restricted, suppressed or searched for it. Only
the second, of another person, lets the steps run.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import SameApproverError
from governance.requests.tables import ApprovalRow
from governance.requests.vocabulary import Regime, RequestType

EVERY = "all"
KNOWN = frozenset({EVERY, *(kind.value for kind in RequestType), *(regime.value for regime in Regime)})


def words(text: str) -> frozenset[str]:
    """Types and regimes whose requests two persons approve, as in `erasure, ccpa`, or `all`. Pure.

    Raises:
        ValueError: one of them is neither.
    """
    named = frozenset(word.strip() for word in text.split(","))
    if not named <= KNOWN:
        raise ValueError("must be all, or types and regimes of requests, as in erasure, ccpa")
    return named


def needed(named: frozenset[str], kind: RequestType, regime: Regime) -> int:
    """How many persons approve a request. Pure."""
    return 2 if named & {EVERY, kind.value, regime.value} else 1


def given(session: Session, request_id: str) -> list[str]:
    """Who has approved, the first one first."""
    query = select(ApprovalRow.actor).where(ApprovalRow.request_id == request_id)
    return list(session.scalars(query.order_by(ApprovalRow.at, ApprovalRow.actor)))


def add(session: Session, request_id: str, *, now: datetime, actor: str) -> int:
    """Keeps an approval; returns how many there are.

    Raises:
        SameApproverError: this person's is there already.
    """
    before = given(session, request_id)
    if actor in before:
        raise SameApproverError("another person has to approve it too")
    session.add(ApprovalRow(request_id=request_id, actor=actor, at=now))
    return len(before) + 1
