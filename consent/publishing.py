"""Which rulebook is in force: every version stays, one person publishes it, another confirms it.

A publishing may be dated ahead. The one in force is the confirmed one that became effective last; going back
is publishing the older content again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.ids import new_id
from audit.log import Appended, append
from consent.errors import (
    RulebookConfirmedError,
    RulebookError,
    RulebookUnknownError,
    SecondPersonNeededError,
)
from consent.rulebook import NO_RULEBOOK, Rulebook, canonical, parse_rulebook, starting_rulebook
from consent.tables import PublicationRow, RulebookRow

OURSELVES = "leadwarden"
LONGEST_VERSION = 80
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Publication:
    """One publishing of a rulebook, and whether it counts yet; `appended` where it was just done."""

    id: str
    hash: str
    version: str
    title: str
    effective_at: datetime
    published_by: str
    published_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    appended: Appended | None = field(default=None, compare=False)

    @property
    def is_confirmed(self) -> bool:
        """A second person agreed."""
        return self.confirmed_at is not None


def active_hash(session: Session, now: datetime) -> str | None:
    """The content in force at `now`; None when nothing was ever confirmed for it."""
    found = (
        select(PublicationRow.hash)
        .where(PublicationRow.confirmed_at.is_not(None), PublicationRow.effective_at <= now)
        .order_by(
            PublicationRow.effective_at.desc(), PublicationRow.confirmed_at.desc(), PublicationRow.id.desc()
        )
        .limit(1)
    )
    return session.scalars(found).first()


def active(session: Session, now: datetime) -> Rulebook:
    """The rulebook in force at `now`; without a valid one an empty rulebook, on which every answer is no.

    A database in which nothing was published yet begins with the starting rulebook; see `ensure_starting`.
    """
    found = active_hash(session, now)
    if found is None:
        return NO_RULEBOOK if _was_published(session) else starting_rulebook()
    try:
        return rulebook_of(session, found)
    except (RulebookError, RulebookUnknownError):
        return NO_RULEBOOK


def rulebook_of(session: Session, content: str) -> Rulebook:
    """The rulebook of that hash.

    Raises:
        RulebookUnknownError: there is none.
        RulebookError: it was valid once, and is not for this version of the service.
    """
    starting = starting_rulebook()
    if content == starting.hash:
        return starting
    row = session.get(RulebookRow, content)
    if row is None:
        raise RulebookUnknownError("there is no rulebook of that hash")
    return _parsed(content, row.document)


@lru_cache(maxsize=16)
def _parsed(content: str, text: str) -> Rulebook:
    """Parsed once a process; the same hash is the same content."""
    found = parse_rulebook(json.loads(text))
    if found.hash != content:
        raise RulebookError({"document": ["is not the content that its hash names"]})
    return found


def publish(
    session: Session,
    document: Mapping[str, Any],
    *,
    effective_at: datetime | None,
    actor: str,
    now: datetime,
    person: str | None = None,
) -> Publication:
    """Store a rulebook that passes, to be confirmed by somebody else. Writes to the trail.

    `actor` stands in the trail; `person` is whose key it is, if it is somebody's: two keys of one person are
    not two persons.

    It becomes effective at the latest of `effective_at`, its own first day, and its confirmation.

    Raises:
        RulebookError: it does not pass; by place.
    """
    rulebook = parse_rulebook(document)
    _keep(session, rulebook, now)
    begin = datetime.combine(rulebook.effective_from, time(), UTC)
    row = PublicationRow(
        id=new_id(now),
        hash=rulebook.hash,
        effective_at=max(begin, effective_at or now),
        published_by=person or actor,
        published_at=now,
        confirmed_by=None,
        confirmed_at=None,
    )
    session.add(row)
    session.flush()
    appended = _append(session, Action.RULEBOOK_PUBLISHED, row, actor, now)
    return replace(_shown(row, rulebook.version, rulebook.title), appended=appended)


def confirm(
    session: Session, publication_id: str, *, actor: str, now: datetime, person: str | None = None
) -> Publication:
    """Let a published rulebook count, as a second person. Writes to the trail.

    Raises:
        RulebookUnknownError: nothing of that id was published.
        RulebookConfirmedError: somebody confirmed it before.
        SecondPersonNeededError: the same person published it.
        RulebookError: it no longer passes.
    """
    row = session.scalars(
        select(PublicationRow).where(PublicationRow.id == publication_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise RulebookUnknownError("nothing of that id was published")
    if row.confirmed_at is not None:
        raise RulebookConfirmedError("this rulebook was confirmed before")
    if row.published_by in {actor, person}:
        raise SecondPersonNeededError("whoever published a rulebook can not confirm it")
    rulebook = rulebook_of(session, row.hash)
    row.confirmed_by, row.confirmed_at = person or actor, now
    row.effective_at = max(row.effective_at, now)
    session.flush()
    appended = _append(session, Action.RULEBOOK_CONFIRMED, row, actor, now)
    return replace(_shown(row, rulebook.version, rulebook.title), appended=appended)


def ensure_starting(session: Session, now: datetime) -> None:
    """Publish the starting rulebook where nothing was published yet. Writes to the trail."""
    if _was_published(session):
        return
    rulebook = starting_rulebook()
    _keep(session, rulebook, now)
    row = PublicationRow(
        id=new_id(now),
        hash=rulebook.hash,
        effective_at=datetime.combine(rulebook.effective_from, time(), UTC),
        published_by=OURSELVES,
        published_at=now,
        confirmed_by=OURSELVES,
        confirmed_at=now,
    )
    session.add(row)
    session.flush()
    _append(session, Action.RULEBOOK_PUBLISHED, row, OURSELVES, now)


def publications(session: Session, *, limit: int, after: str | None = None) -> list[Publication]:
    """What was published, the newest first."""
    chosen = (
        select(PublicationRow, RulebookRow.version, RulebookRow.title)
        .join(RulebookRow, RulebookRow.hash == PublicationRow.hash)
        .order_by(PublicationRow.id.desc())
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(PublicationRow.id < after)
    return [_shown(row, version, title) for row, version, title in session.execute(chosen)]


def state_of(publication: Publication, active_content: str | None, now: datetime) -> str:
    """`waiting` for the second person, `scheduled`, `active`, or `superseded`."""
    if not publication.is_confirmed:
        return "waiting"
    if publication.effective_at > now:
        return "scheduled"
    return "active" if publication.hash == active_content else "superseded"


def document_of(session: Session, content: str) -> dict[str, Any]:
    """The content of a rulebook, as it was published.

    Raises:
        RulebookUnknownError: there is none of that hash.
    """
    row = session.get(RulebookRow, content)
    if row is None:
        raise RulebookUnknownError("there is no rulebook of that hash")
    found: dict[str, Any] = json.loads(row.document)
    return found


def _was_published(session: Session) -> bool:
    return session.scalars(select(PublicationRow.id).limit(1)).first() is not None


def _keep(session: Session, rulebook: Rulebook, now: datetime) -> None:
    """The content, once.

    Raises:
        RulebookError: another content has this version's name.
    """
    if session.get(RulebookRow, rulebook.hash) is not None:
        return
    version = rulebook.version[:LONGEST_VERSION]
    if session.scalars(select(RulebookRow.hash).where(RulebookRow.version == version).limit(1)).first():
        raise RulebookError({"version": ["names another rulebook; give this one a version of its own"]})
    session.add(
        RulebookRow(
            hash=rulebook.hash,
            version=version,
            title=rulebook.title[:LONGEST_TITLE],
            document=canonical(rulebook.document).decode(),
            recorded_at=now,
        )
    )


def _append(session: Session, action: Action, row: PublicationRow, actor: str, now: datetime) -> Appended:
    """What was published or confirmed, and from when it counts."""
    facts = {"rulebook": row.hash, "effective_at": row.effective_at.isoformat()}
    return append(session, action, actor=actor, now=now, object_id=row.id, facts=facts)


def _shown(row: PublicationRow, version: str, title: str) -> Publication:
    return Publication(
        row.id,
        row.hash,
        version,
        title,
        row.effective_at,
        row.published_by,
        row.published_at,
        row.confirmed_by,
        row.confirmed_at,
    )
