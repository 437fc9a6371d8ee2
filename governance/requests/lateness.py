"""Which open requests are due within days, and which are late: said once for each, and listed at any time.

`due_soon` begins three days before the safe date, `late` the day after the legal one, on the clock of the
request's own controller. A date that moved (a pause, an extension) is a new date, and is warned of anew.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, null, select
from sqlalchemy.orm import Session

from audit.canonical import JSON
from governance.messages import queue
from governance.messages.topics import Topic
from governance.requests import machine
from governance.requests.tables import AppealRow, RequestRow, WarningRow

WARNED_BEFORE = timedelta(days=3)
MOST_NAMED = 100
"""So many ids stand in a notice; the count is of all of them."""


class Stage(StrEnum):
    """How late a request is."""

    DUE_SOON = "due_soon"
    LATE = "late"


_COLUMNS = (
    RequestRow.id,
    RequestRow.type,
    RequestRow.regime,
    RequestRow.status,
    RequestRow.time_zone,
    RequestRow.deadlines,
)

TOPICS = {Stage.DUE_SOON: Topic.REQUESTS_DUE_SOON, Stage.LATE: Topic.REQUESTS_LATE}


@dataclass(frozen=True, slots=True)
class Watched:
    """An open request that somebody should look at, and the date that it is measured by."""

    request_id: str
    stage: Stage
    type: str
    regime: str
    status: str
    safe_by: date
    respond_by: date
    appeal: bool = False
    """Not the request is to be answered, but an appeal against its refusal."""

    @property
    def due(self) -> date:
        """The date that the stage is about."""
        return self.respond_by if self.stage is Stage.LATE else self.safe_by


def stage_of(safe_by: date, respond_by: date, today: date) -> Stage | None:
    """Where a request stands on a day of its controller; None while there is time."""
    if today > respond_by:
        return Stage.LATE
    return Stage.DUE_SOON if today >= safe_by - WARNED_BEFORE else None


def watched(session: Session, *, now: datetime) -> list[Watched]:
    """Every open request, and every open appeal, that is due soon or late, the most urgent first."""
    horizon = (
        (now + WARNED_BEFORE + timedelta(days=1)).date().isoformat()
    )  # a day more: it is later elsewhere
    requests = select(*_COLUMNS, null().label("appeal_by")).where(
        RequestRow.status.in_(sorted(machine.OPEN)), RequestRow.safe_by <= horizon
    )
    appeals = (
        select(*_COLUMNS, AppealRow.respond_by.label("appeal_by"))
        .join(AppealRow, AppealRow.request_id == RequestRow.id)
        .where(AppealRow.result.is_(None), AppealRow.respond_by <= horizon)
    )
    found = [_watched(row, now) for query in (requests, appeals) for row in session.execute(query)]
    return sorted(
        (each for each in found if each is not None), key=lambda each: (each.respond_by, each.request_id)
    )


def by_stage(session: Session, *, now: datetime) -> dict[str, int]:
    """How many are due soon, and how many late."""
    counted = Counter(each.stage.value for each in watched(session, now=now))
    return {stage.value: counted[stage.value] for stage in Stage}


def unwarned(session: Session, *, now: datetime) -> list[Watched]:
    """Those of whose stage and date nobody was told yet."""
    found = watched(session, now=now)
    query = select(WarningRow).where(WarningRow.request_id.in_([each.request_id for each in found]))
    told = {(row.request_id, row.stage, row.due) for row in session.scalars(query)}
    return [each for each in found if (each.request_id, each.stage, each.due.isoformat()) not in told]


def warn(session: Session, *, now: datetime) -> int:
    """Tells the operator of those that were not told of yet, one notice a stage; how many they are."""
    fresh = unwarned(session, now=now)
    session.add_all(
        WarningRow(request_id=each.request_id, stage=each.stage, due=each.due.isoformat(), warned_at=now)
        for each in fresh
    )
    for stage in Stage:
        mine = [each for each in fresh if each.stage is stage]
        if mine:
            queue.announce(session, TOPICS[stage], facts=_facts(mine), now=now)
    return len(fresh)


def _facts(found: Sequence[Watched]) -> dict[str, JSON]:
    """What a notice says of the most urgent, and how many they all are."""
    return {
        "count": len(found),
        "first": found[0].due.isoformat(),
        "requests": [each.request_id for each in found[:MOST_NAMED]],
    }


def _watched(row: Row[Any], now: datetime) -> Watched | None:
    """A request, or the appeal against its refusal, if it is due; an appeal has one date only."""
    dates = json.loads(row.deadlines)
    safe_by = date.fromisoformat(row.appeal_by or dates["safe_by"])
    respond_by = date.fromisoformat(row.appeal_by or dates["respond_by"])
    stage = stage_of(safe_by, respond_by, now.astimezone(ZoneInfo(row.time_zone)).date())
    if stage is None:
        return None
    return Watched(
        request_id=row.id,
        stage=stage,
        type=row.type,
        regime=row.regime,
        status=row.status,
        safe_by=safe_by,
        respond_by=respond_by,
        appeal=row.appeal_by is not None,
    )
