"""A company's own rules, as data: frequency caps and quiet hours on top of every law."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from consent import tablesyntax as syntax
from consent.rows import Cap, Hours, Row
from consent.rowsyntax import Scope, read_cap
from consent.tablesyntax import Faults


@dataclass(frozen=True, slots=True)
class Policies:
    """The company's own caps and quiet hours, which come on top of every law's."""

    caps: tuple[Cap, ...]
    hours: tuple[tuple[frozenset[str], Hours], ...]

    def on(self, row: Row, what: str) -> Row:
        """The row with the policies that concern a channel."""
        caps = tuple(cap for cap in self.caps if what in cap.channels)
        hours = tuple(hours for channels, hours in self.hours if what in channels)
        return replace(row, caps=row.caps + caps, hours=row.hours + hours) if caps or hours else row


def read_policies(policies: Mapping[str, Any], code: str, scope: Scope, faults: Faults) -> Policies:
    """The policies that concern a jurisdiction; a country's concern its subdivisions."""
    caps: list[Cap] = []
    hours: list[tuple[frozenset[str], Hours]] = []
    for number, entry in enumerate(syntax.listed(policies.get("caps"), "policies.caps", faults)):
        cap = read_cap(entry, f"policies.caps.{number}", faults, scope.channels)
        if cap is not None and _concerns(entry, code):
            caps.append(cap)
    for number, entry in enumerate(
        syntax.listed(policies.get("quiet_hours"), "policies.quiet_hours", faults)
    ):
        here = f"policies.quiet_hours.{number}"
        table = syntax.named(entry, here, faults)
        limits = syntax.hours(entry, here, faults, scope.calendars)
        channels = syntax.grouped(table.get("channels") or [], f"{here}.channels", faults, scope.channels)
        if limits is not None and _concerns(table, code):
            hours.append((frozenset(channels), limits))
    return Policies(tuple(caps), tuple(hours))


def _concerns(entry: Mapping[str, Any], code: str) -> bool:
    """Without a list of jurisdictions a policy holds everywhere."""
    places = entry.get("jurisdictions") if isinstance(entry, Mapping) else None
    return not isinstance(places, list) or code in places or code.partition("-")[0] in places
