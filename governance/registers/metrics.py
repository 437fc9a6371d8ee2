"""How requests of a year were answered, as California asks businesses to publish (11 CCR § 7102(a)).

For each kind of request: received, complied with in whole, in part, denied, and the median and mean number of
days to the answer. A request belongs to the year in which it was received.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from governance.requests.tables import CertificateRow, RequestRow
from governance.requests.vocabulary import Regime, RequestType, Status

KINDS = {
    RequestType.ERASURE: "delete",
    RequestType.RECTIFICATION: "correct",
    RequestType.ACCESS: "know",
    RequestType.PORTABILITY: "know",
    RequestType.OPT_OUT_SALE_SHARING: "opt_out_sale_sharing",
    RequestType.LIMIT_SENSITIVE: "limit",
}
"""Which of the regulation's kinds a type is; it has none for the others."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One request: what was asked, how it stands, and after how many days it was answered, if it was."""

    kind: str
    status: Status
    days: int | None = None
    ground: str | None = None


def metrics(session: Session, year: int, *, regime: Regime | None = Regime.CCPA) -> dict[str, Any]:
    """The year's numbers; of every law where `regime` is None."""
    return {"year": year, "regime": regime, "kinds": summed(_answered(session, year, regime))}


def summed(requests: Iterable[Answered]) -> dict[str, dict[str, Any]]:
    """The numbers of each kind, whether there were any or not. Pure."""
    by_kind: dict[str, list[Answered]] = defaultdict(list)
    for request in requests:
        by_kind[request.kind].append(request)
    return {kind: _sum(by_kind[kind]) for kind in dict.fromkeys(KINDS.values())}


def _sum(requests: list[Answered]) -> dict[str, Any]:
    held = Counter(request.status for request in requests)
    days = [request.days for request in requests if request.days is not None]
    done = held[Status.COMPLETED] + held[Status.COMPLETED_WITH_EXEMPTIONS] + held[Status.REFUSED]
    return {
        "received": len(requests),
        "complied_in_whole": held[Status.COMPLETED],
        "complied_in_part": held[Status.COMPLETED_WITH_EXEMPTIONS],
        "denied": held[Status.REFUSED],
        "denied_by_ground": dict(sorted(Counter(one.ground for one in requests if one.ground).items())),
        "withdrawn": held[Status.CANCELLED],
        "open": len(requests) - done - held[Status.CANCELLED],
        "median_days": _tenths(Fraction(median(days))) if days else None,
        "mean_days": _tenths(Fraction(sum(days), len(days))) if days else None,
    }


def _tenths(number: Fraction) -> float:
    """To one decimal, halves upward."""
    return int(number * 10 + Fraction(1, 2)) / 10


def _answered(session: Session, year: int, regime: Regime | None) -> list[Answered]:
    """The requests that were received in the year, on the clock of each."""
    first = (
        select(CertificateRow.request_id, func.min(CertificateRow.issued_at).label("at"))
        .group_by(CertificateRow.request_id)
        .subquery()
    )
    query = (
        select(RequestRow, first.c.at)
        .outerjoin(first, first.c.request_id == RequestRow.id)
        .where(RequestRow.type.in_(list(KINDS)))
        .where(
            RequestRow.received_at >= datetime(year - 1, 12, 30, tzinfo=UTC),
            RequestRow.received_at < datetime(year + 1, 1, 3, tzinfo=UTC),
        )
    )
    if regime is not None:
        query = query.where(RequestRow.regime == regime)
    return [
        _one(row, certified)
        for row, certified in session.execute(query)
        if row.received_at.astimezone(ZoneInfo(row.time_zone)).year == year
    ]


def _one(row: RequestRow, certified: datetime | None) -> Answered:
    """A request that the look-back opened again was answered when it was first completed."""
    status = Status(row.status)
    if certified is not None and status not in {Status.COMPLETED, Status.COMPLETED_WITH_EXEMPTIONS}:
        status = Status.COMPLETED
    refused = status is Status.REFUSED
    answered = certified or (row.finished_at if refused else None)
    place = ZoneInfo(row.time_zone)
    days = None
    if answered is not None:
        days = (answered.astimezone(place).date() - row.received_at.astimezone(place).date()).days
    return Answered(KINDS[RequestType(row.type)], status, days, row.reason if refused else None)


def as_markdown(found: Mapping[str, Any]) -> str:
    """The numbers as a table to publish."""
    law = str(found["regime"]).upper() if found["regime"] else "all laws"
    head = "| Request | Received | In whole | In part | Denied | Median days | Mean days |"
    lines = [f"# Requests of {found['year']} ({law})", "", head, "|---|--:|--:|--:|--:|--:|--:|"]
    for kind, row in found["kinds"].items():
        counts = [row[name] for name in ("received", "complied_in_whole", "complied_in_part", "denied")]
        days = ["-" if row[name] is None else row[name] for name in ("median_days", "mean_days")]
        cells = " | ".join(str(cell) for cell in (kind.replace("_", " "), *counts, *days))
        lines.append(f"| {cells} |")
    return "\n".join(lines) + "\n"
