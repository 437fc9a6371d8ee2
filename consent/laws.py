"""From tables to laws: inheritance between jurisdictions, and the check that no cell is empty or answered twice.

A jurisdiction takes every cell (channel or data use × kind of recipient) that it does not name from the one that
it extends. Rows are read in the scope of the jurisdiction that uses them, so a state may change the hours or the
caps of a federal row by their name alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from consent import tablesyntax as syntax
from consent.calendars import Calendar
from consent.periods import ONE_DAY
from consent.reasons import Reason
from consent.rows import Cap, Cell, Hours, Law, Period, Refusal, Retention, Row
from consent.rowsyntax import DATA_USES, SOURCES, Scope, read_cap, read_register, read_row
from consent.tablesyntax import Faults
from consent.vocabulary import Channel, RecipientKind

FALLBACK = "*"
USES = tuple(use.value for use in DATA_USES)
CHANNELS = tuple(channel.value for channel in Channel)
KINDS = tuple(kind.value for kind in RecipientKind)
KEYS = frozenset(
    {"jurisdiction", "name", "extends", "members", "gdpr", "signals", "stops_together", "registers", "hours"}
    | {"caps", "duties", "consent", "refusals", "retention", "rows"}
)
INDIVIDUALS = (RecipientKind.INDIVIDUAL_SUBSCRIBER.value, RecipientKind.CONSUMER.value)
RETENTION_KEYS = (
    "id",
    "version",
    "citation",
    "since",
    "period",
    "sources",
    "told_only",
    "opt_out_only",
    "despite_consent",
)
SINCE = ("last_inbound_contact_on", "obtained_on")

Table = Mapping[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A jurisdiction with what it took from above, before its rows are read.

    `cells` maps each cell to the places and spellings of its rows.
    """

    code: str
    name: str
    gdpr: bool
    named: Mapping[str, Mapping[str, Any]]
    signals: Any
    stops_together: Any
    retention: Any
    cells: Mapping[Key, tuple[tuple[str, Table], ...]]


@dataclass(frozen=True, slots=True)
class Shared:
    """What all jurisdictions of a rulebook have in common."""

    channels: Mapping[str, tuple[str, ...]]
    recipients: Mapping[str, tuple[str, ...]]
    calendars: Mapping[str, Calendar]
    reply_within: Period
    notice_within: Period
    policies: Table


def read_laws(document: Table, calendars: Mapping[str, Calendar], faults: Faults) -> dict[str, Law]:
    """The law of every jurisdiction that the document names, the fallback among them."""
    shared = _shared(document, calendars, faults)
    tables = _tables_by_code(document.get("jurisdictions"), faults)
    if FALLBACK not in tables:
        faults.add("jurisdictions", f"needs the fallback {FALLBACK!r}")
    drafts: dict[str, Draft] = {}
    for code in tables:
        _draft(code, tables, drafts, document, shared, faults, ())
    laws = {code: _law(draft, shared, faults) for code, draft in drafts.items()}
    return laws | _members(tables, laws, faults)


def _shared(document: Table, calendars: Mapping[str, Calendar], faults: Faults) -> Shared:
    """Groups of words, common periods, the company's own policies."""
    groups = syntax.mapping(document.get("groups"), "groups", faults, ("channels", "recipients"))
    channels = _groups(groups.get("channels"), "groups.channels", faults, CHANNELS)
    recipients = _groups(groups.get("recipients"), "groups.recipients", faults, KINDS)
    return Shared(
        channels | {"everything": CHANNELS},
        recipients | {"everyone": KINDS},
        calendars,
        syntax.period(document.get("reply_within"), "reply_within", faults),
        syntax.period(document.get("notice_within"), "notice_within", faults),
        syntax.mapping(document.get("policies"), "policies", faults, ("caps", "quiet_hours")),
    )


def _groups(value: Any, place: str, faults: Faults, known: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {
        name: syntax.words(entries, f"{place}.{name}", faults, known)
        for name, entries in syntax.named(value, place, faults).items()
    }


def _tables_by_code(value: Any, faults: Faults) -> dict[str, Table]:
    """The jurisdictions by their codes, each named once."""
    tables: dict[str, Table] = {}
    for number, entry in enumerate(syntax.listed(value, "jurisdictions", faults)):
        table = syntax.mapping(entry, f"jurisdictions.{number}", faults, KEYS)
        code = table.get("jurisdiction")
        if not isinstance(code, str) or code in tables:
            faults.add(f"jurisdictions.{number}.jurisdiction", "must be a code that no other has")
        else:
            tables[code] = table
    return tables


def _draft(
    code: str,
    tables: Mapping[str, Table],
    drafts: dict[str, Draft],
    document: Table,
    shared: Shared,
    faults: Faults,
    below: tuple[str, ...],
) -> Draft | None:
    """The jurisdiction over the one that it extends; kept in `drafts`."""
    if code in drafts:
        return drafts[code]
    place = f"jurisdictions.{code}"
    table = tables.get(code)
    if table is None or code in below:
        faults.add(
            f"jurisdictions.{below[-1]}.extends", "must name another jurisdiction, and not in a circle"
        )
        return None
    extends = table.get("extends")
    above = (
        _draft(extends, tables, drafts, document, shared, faults, (*below, code))
        if extends is not None
        else None
    )
    named = {
        key: {
            **(above.named[key] if above else syntax.named(document.get(key), key, faults)),
            **syntax.named(table.get(key), f"{place}.{key}", faults),
        }
        for key in ("registers", "hours", "caps", "duties", "consent", "refusals")
    }
    drafts[code] = Draft(
        code,
        str(table.get("name")),
        syntax.flag(table.get("gdpr", above.gdpr if above else None), f"{place}.gdpr", faults),
        named,
        table.get("signals", above.signals if above else None),
        table.get("stops_together", above.stops_together if above else None),
        table.get("retention", above.retention if above else document.get("retention")),
        {**(above.cells if above else {}), **_own_cells(table, place, shared, faults)},
    )
    return drafts[code]


def _own_cells(
    table: Table, place: str, shared: Shared, faults: Faults
) -> dict[Key, tuple[tuple[str, Table], ...]]:
    """The cells that a jurisdiction names itself, with the rows of each in order."""
    cells: dict[Key, tuple[tuple[str, Table], ...]] = {}
    for number, entry in enumerate(syntax.listed(table.get("rows"), f"{place}.rows", faults)):
        row = syntax.named(entry, f"{place}.rows.{number}", faults)
        here = f"{place}.rows.{row.get('id', number)}"
        if ("channels" in row) == ("uses" in row):
            faults.add(here, "needs either channels or uses")
        uses = syntax.words(row.get("uses"), f"{here}.uses", faults, USES)
        channels = syntax.grouped(row.get("channels") or [], f"{here}.channels", faults, shared.channels)
        kinds = syntax.grouped(row.get("recipients") or [], f"{here}.recipients", faults, shared.recipients)
        if not kinds:
            faults.add(f"{here}.recipients", "needs at least one kind of recipient")
        for key in ((what, kind) for what in (*channels, *uses) for kind in kinds):
            cells[key] = (*cells.get(key, ()), (here, row))
    return cells


def _law(draft: Draft, shared: Shared, faults: Faults) -> Law:
    """A jurisdiction's rows read in its own scope."""
    scope = _scope(draft, shared, faults)
    rows: dict[int, Row] = {}
    cells: dict[Key, Cell] = {}
    place = f"jurisdictions.{draft.code}"
    policies = _policies(shared, draft.code, faults)
    for what, kind in ((what, kind) for what in (*CHANNELS, *USES) for kind in KINDS):
        spelled = draft.cells.get((what, kind), ())
        cell = tuple(
            rows.setdefault(id(row), read_row(row, here, faults, scope))
            if id(row) not in rows
            else rows[id(row)]
            for here, row in spelled
        )
        _check_cell(cell, f"{place}.{what}.{kind}", faults)
        cells[what, kind] = tuple(policies.on(row, what) for row in cell)
    return Law(
        code=draft.code,
        name=draft.name,
        gdpr=draft.gdpr,
        zones=(),
        cells=_with_unknown_kind(cells),
        refusals=_refusals(draft.named["refusals"], f"{place}.refusals", faults),
        retention=_retention(draft.retention, f"{place}.retention", faults),
        signal_kinds=_signal_kinds(draft.signals, f"{place}.signals", faults, shared),
        stops_together=tuple(
            frozenset(syntax.words(entry, f"{place}.stops_together", faults, CHANNELS))
            for entry in syntax.listed(draft.stops_together, f"{place}.stops_together", faults)
        ),
        reply_within=shared.reply_within,
        notice_within=shared.notice_within,
    )


def _scope(draft: Draft, shared: Shared, faults: Faults) -> Scope:
    """The names that the jurisdiction's rows may use."""
    place = f"jurisdictions.{draft.code}"
    named = draft.named
    return Scope(
        shared.channels,
        shared.recipients,
        named["duties"],
        {
            name: read_register(entry, f"{place}.registers.{name}", faults, shared.recipients)
            for name, entry in named["registers"].items()
        },
        {
            name: syntax.hours(entry, f"{place}.hours.{name}", faults, shared.calendars)
            for name, entry in named["hours"].items()
        },
        {
            name: read_cap(entry, f"{place}.caps.{name}", faults, shared.channels)
            for name, entry in named["caps"].items()
        },
        named["consent"],
        shared.calendars,
    )


def _with_unknown_kind(cells: Mapping[Key, Cell]) -> dict[tuple[str, str | None], tuple[Cell, ...]]:
    """One cell a known kind; for an unknown one those of both kinds of individuals, once if they are the same."""
    found: dict[tuple[str, str | None], tuple[Cell, ...]] = {key: (cell,) for key, cell in cells.items()}
    for what in (*CHANNELS, *USES):
        both = [cells[what, kind] for kind in INDIVIDUALS]
        found[what, None] = tuple(both[:1]) if both[0] == both[1] else tuple(both)
    return found


def _check_cell(cell: Cell, place: str, faults: Faults) -> None:
    """No gap and no overlap: on each day one unconditional row, and no condition twice."""
    unconditional = [row for row in cell if not row.when]
    if not unconditional:
        faults.add(place, "is a gap: no row answers without conditions")
        return
    for number, row in enumerate(cell):
        for other in cell[:number]:
            if other.when == row.when and _meet(other, row):
                faults.add(place, f"is an overlap of {other.rule.id} and {row.rule.id}")
    if cell[-1].when:
        faults.add(place, f"can never reach {cell[-1].rule.id}: a row without conditions stands before it")
    _check_days(sorted(unconditional, key=lambda row: row.effective_from or date.min), place, faults)


def _check_days(rows: Sequence[Row], place: str, faults: Faults) -> None:
    """From the first day to the last, without a hole."""
    if rows[0].effective_from is not None or rows[-1].effective_to is not None:
        faults.add(place, "is a gap before its first day or after its last")
    for before, after in zip(rows, rows[1:], strict=False):
        if before.effective_to is None or after.effective_from != before.effective_to + ONE_DAY:
            faults.add(place, f"is a gap between {before.rule.id} and {after.rule.id}")


def _meet(one: Row, other: Row) -> bool:
    """Whether two rows are in force on a common day."""
    return (one.effective_from or date.min) <= (other.effective_to or date.max) and (
        other.effective_from or date.min
    ) <= (one.effective_to or date.max)


def _refusals(value: Table, place: str, faults: Faults) -> dict[Reason, Refusal]:
    """Rules and duties of reasons, by code."""
    found: dict[Reason, Refusal] = {}
    for code, entry in value.items():
        here = f"{place}.{code}"
        if code not in frozenset(Reason):
            faults.add(here, "is not a known reason")
            continue
        table = syntax.mapping(entry, here, faults, ("id", "version", "citation", "obligations"))
        duties = tuple(map(str, syntax.listed(table.get("obligations"), f"{here}.obligations", faults)))
        found[Reason(code)] = Refusal(syntax.rule(table, here, faults), duties)
    return found


def _retention(value: Any, place: str, faults: Faults) -> tuple[Retention, ...]:
    """How long records are kept."""
    found: list[Retention] = []
    for number, entry in enumerate(syntax.listed(value, place, faults)):
        here = f"{place}.{number}"
        table = syntax.mapping(entry, here, faults, RETENTION_KEYS)
        since = table.get("since")
        if since not in SINCE:
            faults.add(f"{here}.since", "must be one of: " + ", ".join(SINCE))
        sources = table.get("sources")
        found.append(
            Retention(
                syntax.rule(table, here, faults),
                str(since),
                syntax.period(table.get("period"), f"{here}.period", faults),
                None if sources is None else frozenset(syntax.words(sources, here, faults, SOURCES)),
                syntax.flag(table.get("told_only"), f"{here}.told_only", faults),
                syntax.flag(table.get("opt_out_only"), f"{here}.opt_out_only", faults),
                syntax.flag(table.get("despite_consent"), f"{here}.despite_consent", faults),
            )
        )
    return tuple(found)


def _signal_kinds(value: Any, place: str, faults: Faults, shared: Shared) -> frozenset[str | None]:
    """Whose Global Privacy Control is honoured; the unknown are among them wherever anyone is."""
    table = syntax.mapping(value, place, faults, ("gpc",))
    kinds = syntax.grouped(table.get("gpc") or [], f"{place}.gpc", faults, shared.recipients)
    return frozenset((*kinds, None)) if kinds else frozenset()


@dataclass(frozen=True, slots=True)
class _Policies:
    """The company's own caps and quiet hours, which come on top of every law's."""

    caps: tuple[Cap, ...]
    hours: tuple[tuple[frozenset[str], Hours], ...]

    def on(self, row: Row, what: str) -> Row:
        """The row with the policies that concern a channel."""
        caps = tuple(cap for cap in self.caps if what in cap.channels)
        hours = tuple(hours for channels, hours in self.hours if what in channels)
        return replace(row, caps=row.caps + caps, hours=row.hours + hours) if caps or hours else row


def _policies(shared: Shared, code: str, faults: Faults) -> _Policies:
    """The policies that concern a jurisdiction; a country's concern its subdivisions."""
    caps: list[Cap] = []
    hours: list[tuple[frozenset[str], Hours]] = []
    for number, entry in enumerate(syntax.listed(shared.policies.get("caps"), "policies.caps", faults)):
        cap = read_cap(entry, f"policies.caps.{number}", faults, shared.channels)
        if cap is not None and _concerns(entry, code):
            caps.append(cap)
    for number, entry in enumerate(
        syntax.listed(shared.policies.get("quiet_hours"), "policies.quiet_hours", faults)
    ):
        here = f"policies.quiet_hours.{number}"
        table = syntax.named(entry, here, faults)
        limits = syntax.hours(entry, here, faults, shared.calendars)
        channels = syntax.grouped(table.get("channels") or [], f"{here}.channels", faults, shared.channels)
        if limits is not None and _concerns(table, code):
            hours.append((frozenset(channels), limits))
    return _Policies(tuple(caps), tuple(hours))


def _concerns(entry: Table, code: str) -> bool:
    """Without a list of jurisdictions a policy holds everywhere."""
    places = entry.get("jurisdictions")
    return places is None or code in places or code.partition("-")[0] in places


def _members(tables: Mapping[str, Table], laws: Mapping[str, Law], faults: Faults) -> dict[str, Law]:
    """Members of a union that have no table of their own have the union's law."""
    found: dict[str, Law] = {}
    for union, table in tables.items():
        members: Iterable[Any] = syntax.listed(table.get("members"), f"jurisdictions.{union}.members", faults)
        for member in members:
            if member not in laws and union in laws:
                found[str(member)] = replace(laws[union], code=str(member))
    return found
