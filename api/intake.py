"""Taking leads in, around the two commits that it needs: keys first, then leads.

    1. survey: who would be new, who is known (a read)
    2. mint the new ones' keys and commit; read the known ones' keys (key store)
    3. take in and commit (main database)
    4. keys that nobody needed after all are dropped; what a crash leaves of them is swept later; and the key
       store learns of which fields there is a newer version now

Two intakes of one person at once meet at a unique index, or find each other's commit in step 3; the later one
begins again and merges.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeAlias, TypeVar

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from api.context import Service
from api.idempotency import Answer
from api.marking import mark
from audit.ids import random_id
from governance import intake
from governance.errors import KeysNeededError
from governance.leads import NewLead
from governance.placement import Placed
from governance.vault.keys import discard, load, mint
from governance.vault.sealing import DataKey
from governance.vault.tables import KeyKind

TRIES = 5

T = TypeVar("T")
Work: TypeAlias = Callable[[Session], list[Placed]]


def take_in(service: Service, leads: Sequence[NewLead], *, actor: str) -> list[Placed]:
    """Take the leads in, all in one transaction; answers stand in their order.

    Raises:
        KeysNeededError, IntegrityError: The leads changed under our hands time and again.
    """
    return _attempt(
        service,
        leads,
        service.main.write,
        lambda placed: {one.lead_id for one in placed},
        now=service.clock(),
        actor=actor,
    )


def take_in_one(
    service: Service, lead: NewLead, *, now: datetime, actor: str, commit: Callable[[Work], Answer]
) -> Answer:
    """Take one lead in; `commit` runs the work in a transaction and makes its result the caller's answer.

    Raises:
        KeysNeededError, IntegrityError: as above; and what `commit` raises.
    """
    return _attempt(service, [lead], commit, lambda answer: {answer[0]["lead_id"]}, now=now, actor=actor)


def take_in_each(service: Service, leads: Sequence[NewLead], *, actor: str) -> list[Placed | None]:
    """`take_in` of a chunk; where the database refuses it whole, line by line, and None for the bad one."""
    try:
        return list(take_in(service, leads, actor=actor))
    except (IntegrityError, DataError):
        return [_alone(service, lead, actor) for lead in leads]


def _alone(service: Service, lead: NewLead, actor: str) -> Placed | None:
    try:
        [placed] = take_in(service, [lead], actor=actor)
    except (IntegrityError, DataError):
        return None
    return placed


def _attempt(
    service: Service,
    leads: Sequence[NewLead],
    commit: Callable[[Work], T],
    used: Callable[[T], set[str | None]],
    *,
    now: datetime,
    actor: str,
) -> T:
    """Steps 1 to 4, again from the start when the leads changed; `used` names the leads of a result."""
    fresh = [random_id() for _ in leads]
    minted: set[str] = set()
    for tries_left in reversed(range(TRIES)):
        keys = _keys(service, leads, fresh, now)
        minted |= keys.keys() & set(fresh)
        try:
            result = commit(
                partial(
                    intake.take_in,
                    keyring=service.keyring,
                    keys=keys,
                    leads=leads,
                    fresh_ids=fresh,
                    now=now,
                    actor=actor,
                )
            )
        except (KeysNeededError, IntegrityError):
            if not tries_left:
                raise
        else:
            _drop(service, sorted(minted - {str(lead_id) for lead_id in used(result)}))
            if any(lead.profile for lead in leads):
                mark(service, sorted(keys.keys() - set(fresh)))
            return result
    raise AssertionError("the last try returns or raises")


def _keys(
    service: Service, leads: Sequence[NewLead], fresh: Sequence[str], now: datetime
) -> dict[str, DataKey]:
    """The keys of all leads concerned, those of new ones minted and committed."""
    with service.main.read() as session:
        surveyed = intake.survey(session, service.keyring, leads, fresh)
    concerned = {one.lead_id for one in surveyed if one.lead_id is not None}
    new = [lead_id for lead_id in fresh if lead_id in concerned]
    keys: dict[str, DataKey] = {}
    if new:
        keys |= service.keys.write(
            lambda session: mint(session, service.keyring, new, kind=KeyKind.LEAD, now=now)
        )
    if known := sorted(concerned - set(new)):
        with service.keys.read() as session:
            keys |= load(session, service.keyring, known)
    return keys


def _drop(service: Service, unused: Sequence[str]) -> None:
    """Drop the keys of those who turned out to be known."""
    if unused:
        service.keys.write(lambda session: discard(session, unused))
