"""What every lead store answers, whatever it is made of: values only, no I/O.

A store is asked in this order: `find` (follows identities to a fixed point inside the store), `plan` (what
would happen), `export` or `erase`, and `remaining` (reads back). All of it may be repeated at any time:
`erase` of what is gone changes nothing and touches no row that it was not told of, and
`changed = found - remaining` is counted from fresh reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from consent.vocabulary import IdentifierKind


@dataclass(frozen=True, slots=True)
class Identity:
    """One identifier of the person asked for.

    `value` is normalised where possible (e-mail: contract's normal form; phone: E.164, else bare digits).
    `system` names the system whose identifier it is, for `EXTERNAL` only. `shared` says that several people
    are known to use it; it takes no part in equality.
    """

    kind: IdentifierKind
    value: str = field(repr=False)
    system: str | None = None
    shared: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class RowRef:
    """One row: its table, and the values of its primary key in the order of the key's columns."""

    table: str
    key: tuple[str | int, ...] = field(repr=False)


class Left(dict[str, int]):
    """What a store read back, a table, and which `rows` they are: of a store that gives keys again.

    Of all others that were deleted the keys mean nothing from then on: by now they may be a stranger's.
    """

    def __init__(self, counted: Mapping[str, int], rows: Sequence[RowRef]) -> None:
        """The counts are those of `rows`."""
        super().__init__(counted)
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True)
class PersonTerms:
    """What names the person inside free text: all of it is looked for by `redaction`."""

    names: frozenset[str] = field(default=frozenset(), repr=False)
    emails: frozenset[str] = field(default=frozenset(), repr=False)
    phones: frozenset[str] = field(default=frozenset(), repr=False)
    others: frozenset[str] = field(default=frozenset(), repr=False)

    def merged(self, other: "PersonTerms") -> "PersonTerms":
        """The terms of both."""
        return PersonTerms(
            names=self.names | other.names,
            emails=self.emails | other.emails,
            phones=self.phones | other.phones,
            others=self.others | other.others,
        )


class CandidateReason(StrEnum):
    """Why a row may or may not be the person's."""

    SHARED_IDENTITY = "shared_identity"
    NEAR_MATCH = "near_match"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be the person: a human decides, side by side with what is `shown`."""

    id: str
    row: RowRef
    reason: CandidateReason
    via: IdentifierKind
    shown: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What a store holds of one person.

    `rows` are theirs; `persons` are those of `rows` that stand for the person (the rest belongs to them).
    `learnt` are identities not asked for; `shared` are those, asked or learnt, that several people use: they
    must widen nothing. `candidates` wait for a human and are in nothing else. `gone` are rows that an earlier
    erasure has dealt with, as was read back: they count, and no store touches them, for by now another
    person's row may have such a key.
    """

    rows: tuple[RowRef, ...] = ()
    persons: tuple[RowRef, ...] = ()
    learnt: tuple[Identity, ...] = ()
    shared: tuple[Identity, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    terms: PersonTerms = PersonTerms()
    gone: tuple[RowRef, ...] = ()

    @property
    def total(self) -> int:
        """How many rows were found in all."""
        return len(self.rows) + len(self.gone)

    def counts(self) -> dict[str, int]:
        """Rows found, a table."""
        counted: dict[str, int] = {}
        for row in self.rows:
            counted[row.table] = counted.get(row.table, 0) + 1
        return counted


class PlannedAction(StrEnum):
    """What will happen to the rows of a table."""

    DELETE = "delete"
    REDACT = "redact"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the plan that an officer approves: so many rows of `table`, and why any are kept.

    `kept_columns` are those of a redacted table that stay, with their reasons; `retention` says how long what
    stays is kept, where that is declared.
    """

    table: str
    action: PlannedAction
    rows: int
    because: str | None = None
    kept_columns: tuple[tuple[str, str], ...] = ()
    retention: str | None = None


@dataclass(frozen=True, slots=True)
class ExportedRow:
    """One row of an access package: JSON-able values and the category of each column that has one."""

    table: str
    columns: Mapping[str, object] = field(repr=False)
    categories: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right from now on (GDPR, Article 16).

    `name` is `email`, `phone`, or what a column of the person's says (`first_name`, `title`). Where `was` is
    given, only what says so now is corrected; an identifier always needs it, for a person may have several.
    """

    name: str
    value: str | None = field(repr=False)
    was: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Propagated:
    """What a correction or restriction came to, read back after it was written.

    `changed` counts the rows, a table, that had to be changed and now say what they should; `remaining` those
    that do not. `unplaced` are the corrections' names, or the tables of the person, for which the store's
    document names no column: a person has to see to them.
    """

    changed: Mapping[str, int] = field(default_factory=dict)
    remaining: Mapping[str, int] = field(default_factory=dict)
    unplaced: tuple[str, ...] = ()


@runtime_checkable
class Rectifying(Protocol):
    """A store that can write corrections; one that is not this leaves them to a person."""

    def rectify(self, found: Found, corrections: Sequence[Correction]) -> Propagated:
        """Writes `corrections` into the person's own rows, in one transaction; again changes nothing."""


@runtime_checkable
class Restricting(Protocol):
    """A store that can mark people as restricted (GDPR, Article 18); else it is left to a person."""

    def restrict(self, found: Found, *, on: bool) -> Propagated:
        """Sets, or lifts, the mark on the person's own rows, in one transaction; again changes nothing."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What `Store.find` is asked for one of many people."""

    identities: tuple[Identity, ...] = field(repr=False)
    known: PersonTerms = field(default_factory=PersonTerms, repr=False)
    same: tuple[RowRef, ...] = field(default=(), repr=False)
    others: tuple[RowRef, ...] = field(default=(), repr=False)


@runtime_checkable
class ForMany(Protocol):
    """A store that does for many people at once what costs it as much for one.

    Each method answers for all of them, in their order, or raises for all of them: then nothing was changed,
    and each is asked for alone, so that what one of them meets is no other's.
    """

    def plan(self, found: Found) -> tuple[Planned, ...]:
        """See `Store.plan`."""

    def find_each(self, sought: Sequence[Sought]) -> list[Found]:
        """`find` for each."""

    def erase_each(self, doomed: Sequence[tuple[Found, PersonTerms]]) -> list[tuple[RowRef, ...]]:
        """`erase` for each, in one transaction."""

    def remaining_each(self, erased: Sequence[tuple[Found, Sequence[Identity]]]) -> list[dict[str, int]]:
        """`remaining` for each."""


class Store(Protocol):
    """One lead store. Every method raises `StoreError`, with a closed code, when it can not answer."""

    @property
    def key(self) -> str:
        """The store's name in this service."""

    @property
    def by_hand(self) -> bool:
        """Whether a person does the work: then nothing here finds or erases, and the step waits for one."""

    def find(
        self,
        identities: Sequence[Identity],
        *,
        known: PersonTerms = PersonTerms(),
        same: Sequence[RowRef] = (),
        others: Sequence[RowRef] = (),
    ) -> Found:
        """Everything of the person with `identities`, to a fixed point within the store.

        Args:
            identities: what is known of the person, from anywhere.
            known: names known from other stores; they tell colleagues behind one phone apart.
            same: candidates that a human called the same person.
            others: candidates that a human called somebody else.
        """

    def plan(self, found: Found) -> tuple[Planned, ...]:
        """What `erase` would do, table by table."""

    def export(self, found: Found) -> Iterator[ExportedRow]:
        """The rows of `found` that still exist."""

    def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:
        """Carries out the plan in one transaction; `terms` of other stores are redacted too.

        Returns:
            What came since `found` to hang on the person's rows, and is still there: to be committed as
            found, and asked for anew. In a database nothing was touched then.
        """

    def remaining(self, found: Found, identities: Sequence[Identity]) -> dict[str, int]:
        """Reads back by keys and identities: rows, a table, that ought to be gone or redacted.

        Returns:
            Where keys may be given again, `Left`.
        """
