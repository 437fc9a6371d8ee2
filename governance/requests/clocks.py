"""Until when a request is to be answered: its dates from the rulebook's clocks, anew after every change.

Of several pauses for one reason the last counts: that never gives the controller more days than the law does.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from consent.deadlines import DeadlineCall, deadlines
from consent.rulebook import Rulebook
from governance.requests import records
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import PauseReason, Regime, RequestType

EVENTS = {
    RequestType.COMPLAINT: "complaint_received",
    RequestType.OBJECTION: "opt_out_received",
    RequestType.OPT_OUT_SALE_SHARING: "opt_out_received",
    RequestType.LIMIT_SENSITIVE: "opt_out_received",
}
"""What a type starts, where the regime has a clock for it; every other is a `request_received`."""

REQUEST = "request_received"
ANSWERS = ("respond", "honour_opt_out", "acknowledge")
"""Which clock of an event is the one to answer by: the first that it has."""


@dataclass(frozen=True, slots=True)
class Pause:
    """What was asked of the person, and when it came; not yet: None."""

    reason: PauseReason
    asked_at: datetime
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Received:
    """What the clocks of a request start from."""

    type: RequestType
    regime: Regime
    received_at: datetime
    time_zone: str
    calendar: str | None
    extended: bool = False
    pauses: Sequence[Pause] = ()


def dates_of(rulebook: Rulebook, received: Received) -> dict[str, str]:
    """The dates as the contract names them, RFC 3339 full-dates; `safe_by` is the earliest defensible one."""
    found = {each.name: each for each in deadlines(rulebook, _call(rulebook, received))}
    names = ("respond_extended", *ANSWERS) if received.extended else ANSWERS
    answer = next(found[name] for name in names if name in found)
    dates = {"respond_by": answer.due, "safe_by": answer.safe}
    if "acknowledge" in found:
        dates["acknowledge_by"] = found["acknowledge"].due
    if "extension_notice" in found and not received.extended:
        dates["extension_notice_by"] = found["extension_notice"].due
    return {name: day.isoformat() for name, day in dates.items()}


def _call(rulebook: Rulebook, received: Received) -> DeadlineCall:
    """The question to the rulebook."""
    event = EVENTS.get(received.type, REQUEST)
    if (received.regime.value, event) not in rulebook.clocks:
        event = REQUEST
    place = ZoneInfo(received.time_zone)
    identity = _last(received.pauses, PauseReason.IDENTITY, place)
    clarification = _last(received.pauses, PauseReason.CLARIFICATION, place)
    return DeadlineCall(
        regime=received.regime.value,
        event=event,
        occurred_at=received.received_at,
        time_zone=received.time_zone,
        calendar=received.calendar,
        extended=received.extended,
        identity_asked=identity[0],
        identity_received=identity[1],
        clarification_asked=clarification[0],
        clarification_received=clarification[1],
    )


def _last(
    pauses: Sequence[Pause], reason: PauseReason, place: ZoneInfo
) -> tuple[date, date] | tuple[None, None]:
    """When the last pause for a reason began and ended, on the controller's clock.

    One that still runs moves nothing yet.
    """
    ended = [
        (pause.asked_at.astimezone(place).date(), pause.received_at.astimezone(place).date())
        for pause in pauses
        if pause.reason is reason and pause.received_at is not None
    ]
    return ended[-1] if ended else (None, None)


def set_deadlines(session: Session, row: RequestRow, rulebook: Rulebook, *, calendar: str | None) -> None:
    """Writes the dates of a request, after it came in and whenever its clocks moved."""
    pauses = [
        Pause(PauseReason(each.reason), each.asked_at, each.received_at)
        for each in records.pauses_of(session, row.id)
    ]
    received = Received(
        type=RequestType(row.type),
        regime=Regime(row.regime),
        received_at=row.received_at,
        time_zone=row.time_zone,
        calendar=calendar,
        extended=row.extended_at is not None,
        pauses=pauses,
    )
    dates = dates_of(rulebook, received)
    row.deadlines, row.safe_by = json.dumps(dates), dates["safe_by"]
