"""How long data are kept, and why, as a store's document declares it: read, and in words. Pure.

Declared, not carried out: what is due, its owner erases. It is told to people (GDPR art. 15(1)(d)), stands in
the record of processing (art. 30(1)(f)), and in the plan beside what an erasure leaves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.stores.reader import Reader

FIELDS = {"kept", "from", "because"}
UNITS = ("year", "month", "week", "day")
DURATION = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,5})D)?")


@dataclass(frozen=True, slots=True)
class Retention:
    """`kept` is an ISO 8601 duration, counted from what `since` names; `because` a law or a reason."""

    kept: str
    since: str
    because: str

    @property
    def in_words(self) -> str:
        """As people read it: 2 years from the last contact (our assessment)."""
        return f"{_spelled(self.kept)} from {self.since} ({self.because})"


def read_retention(reader: Reader, value: Any, place: str) -> Retention | None:
    """`{kept: P2Y, from: the last contact, because: LAW OR REASON}`; None where nothing is declared."""
    if value is None:
        return None
    fields = reader.mapping(value, place, FIELDS)
    kept = reader.text(fields.get("kept"), f"{place}.kept")
    since = reader.text(fields.get("from"), f"{place}.from")
    because = reader.text(fields.get("because"), f"{place}.because")
    if kept is not None and not _spelled(kept):
        reader.wrong(f"{place}.kept", "must be a duration such as P10Y, P18M or P90D")
    return Retention(kept, since, because) if kept and since and because else None


def read_retentions(reader: Reader, value: Any, purposes: tuple[str, ...]) -> Mapping[str, Retention]:
    """The store's periods, by purpose."""
    found: dict[str, Retention] = {}
    for purpose, item in reader.mapping(value, "retention").items():
        place = f"retention.{purpose}"
        if purpose not in purposes:
            reader.wrong(place, "is not among the purposes of this store")
        one = read_retention(reader, {} if item is None else item, place)
        found |= {} if one is None else {purpose: one}
    return found


def _spelled(duration: str) -> str:
    """A duration in words; empty where it is none, or none at all."""
    match = DURATION.fullmatch(duration)
    counts = [int(count or 0) for count in match.groups()] if match else []
    each = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in zip(counts, UNITS, strict=False)
        if count
    ]
    return " and ".join(each)
