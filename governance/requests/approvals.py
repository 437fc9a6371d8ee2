"""Whether one person's approval is enough, and who has given theirs.

Where two must approve, the first approval waits: nothing is restricted, suppressed or searched for it. Only
the second, of another person, lets the steps run.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import SameApproverError
from governance.requests.planning import ACTIONS, OWN_ONLY
from governance.requests.tables import ApprovalRow
from governance.requests.vocabulary import Regime, RequestType
from governance.stores.mapping import StoreDocument

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


def needed(
    named: frozenset[str], kind: RequestType, regime: Regime, stores: Iterable[StoreDocument] = ()
) -> int:
    """How many persons approve a request that goes to these stores: the most that anything asks for. Pure."""
    asked: list[int] = [] if ACTIONS[kind] in OWN_ONLY else [store.approvals for store in stores]
    return max([2 if named & {EVERY, kind.value, regime.value} else 1, *asked])


def given(session: Session, request_id: str) -> list[str]:
    """Who has approved, the first one first."""
    return given_to(session, [request_id]).get(request_id, [])


def given_to(session: Session, request_ids: Sequence[str]) -> dict[str, list[str]]:
    """Who has approved each request; those that nobody has are left out."""
    query = select(ApprovalRow).where(ApprovalRow.request_id.in_(request_ids))
    approved: dict[str, list[str]] = {}
    for row in session.scalars(query.order_by(ApprovalRow.at, ApprovalRow.actor)):
        approved.setdefault(row.request_id, []).append(row.actor)
    return approved


def add(session: Session, request_id: str, *, now: datetime, actor: str) -> int:
    """Keeps an approval; returns how many there are.

    Raises:
        SameApproverError: this person's is there already.
    """
    return add_each(session, [request_id], now=now, actor=actor)[request_id]


def add_each(session: Session, request_ids: Sequence[str], *, now: datetime, actor: str) -> dict[str, int]:
    """`add` for many requests, by id.

    Raises:
        SameApproverError: this person's is there already, for one of them.
    """
    query = select(ApprovalRow.request_id, ApprovalRow.actor).where(ApprovalRow.request_id.in_(request_ids))
    counted = dict.fromkeys(request_ids, 1)
    for request_id, before in session.execute(query):
        if before == actor:
            raise SameApproverError("another person has to approve it too")
        counted[request_id] += 1
    session.add_all(ApprovalRow(request_id=request_id, actor=actor, at=now) for request_id in request_ids)
    return counted
