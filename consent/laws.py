"""From tables to laws: inheritance between jurisdictions; no cell is empty, none is answered twice.

A jurisdiction takes every cell (channel or data use, and kind of recipient) that it does not name from the
one that it extends. Rows are read in the scope of the jurisdiction that uses them, so a state may change the
hours or the caps of a federal row by their name alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consent import tablesyntax as syntax
from consent.calendars import Calendar
from consent.cells import check_cell
from consent.policies import read_policies
from consent.reasons import Reason
from consent.rows import Cell, Law, Period, Refusal, Retention, Row
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
NAMED = ("registers", "hours", "caps", "duties", "consent", "refusals")
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
    drafting = _Drafting(tables, document, shared, faults)
    for code in tables:
        drafting.draft(code)
    laws = {code: _law(draft, shared, faults) for code, draft in drafting.drafts.items()}
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


@dataclass(frozen=True, slots=True)
class _Drafting:
    """The jurisdictions on their way from tables to drafts, those above before those below."""

    tables: Mapping[str, Table]
    document: Table
    shared: Shared
    faults: Faults
    drafts: dict[str, Draft] = field(default_factory=dict)

    def draft(self, code: str, below: tuple[str, ...] = ()) -> Draft | None:
        """The jurisdiction over the one that it extends; None when there is none, or the way is a circle."""
        if code in self.drafts:
            return self.drafts[code]
        table = self.tables.get(code)
        if table is None or code in below:
            place = f"jurisdictions.{below[-1]}.extends"
            self.faults.add(place, "must name another jurisdiction, and not in a circle")
            return None
        extends = table.get("extends")
        above = None if extends is None else self.draft(str(extends), (*below, code))
        self.drafts[code] = self._over(above, code, table)
        return self.drafts[code]

    def _over(self, above: Draft | None, code: str, table: Table) -> Draft:
        """What the table says, and where it says nothing what stands above it."""
        place = f"jurisdictions.{code}"
        return Draft(
            code=code,
            name=str(table.get("name")),
            gdpr=syntax.flag(table.get("gdpr", above.gdpr if above else None), f"{place}.gdpr", self.faults),
            named={
                key: {
                    **(above.named[key] if above else syntax.named(self.document.get(key), key, self.faults)),
                    **syntax.named(table.get(key), f"{place}.{key}", self.faults),
                }
                for key in NAMED
            },
            signals=table.get("signals", above.signals if above else None),
            stops_together=table.get("stops_together", above.stops_together if above else None),
            retention=table.get("retention", above.retention if above else self.document.get("retention")),
            cells={**(above.cells if above else {}), **_own_cells(table, place, self.shared, self.faults)},
        )


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
    policies = read_policies(shared.policies, draft.code, scope, faults)
    for what, kind in ((what, kind) for what in (*CHANNELS, *USES) for kind in KINDS):
        spelled = draft.cells.get((what, kind), ())
        for here, row in spelled:
            if id(row) not in rows:
                rows[id(row)] = read_row(row, here, faults, scope)
        cell = tuple(rows[id(row)] for _, row in spelled)
        check_cell(cell, f"{place}.{what}.{kind}", faults)
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
    """One cell a known kind; for an unknown one those of both kinds of individuals, once if the same."""
    found: dict[tuple[str, str | None], tuple[Cell, ...]] = {key: (cell,) for key, cell in cells.items()}
    for what in (*CHANNELS, *USES):
        both = [cells[what, kind] for kind in INDIVIDUALS]
        found[what, None] = tuple(both[:1]) if both[0] == both[1] else tuple(both)
    return found


def _refusals(value: Table, place: str, faults: Faults) -> dict[Reason, Refusal]:
    """Rules and duties of reasons, by code."""
    found: dict[Reason, Refusal] = {}
    for code, entry in value.items():
        here = f"{place}.{code}"
        if code not in frozenset(Reason):
            faults.add(here, "is not a known reason")
            continue
        table = syntax.mapping(entry, here, faults, ("id", "version", "citation", "obligations"))
        duties = syntax.texts(table.get("obligations"), f"{here}.obligations", faults)
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


def _members(tables: Mapping[str, Table], laws: Mapping[str, Law], faults: Faults) -> dict[str, Law]:
    """Members of a union that have no table of their own have the union's law."""
    found: dict[str, Law] = {}
    for union, table in tables.items():
        members = syntax.texts(table.get("members"), f"jurisdictions.{union}.members", faults)
        for member in members:
            if member not in laws and union in laws:
                found[member] = replace(laws[union], code=member)
    return found
