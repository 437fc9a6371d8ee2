"""What a store document says, read: frozen values that the rest of the package takes. Source: contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from consent.vocabulary import IdentifierKind
from governance.stores.files.description import Layout, OldVersions
from governance.stores.http.description import HttpDescription
from governance.stores.periods import Retention

SECRET_PREFIX = "env:LEADWARDEN_STORE_"  # noqa: S105 - a reference's prefix, not a secret


class StoreKind(StrEnum):
    """What a store is made of."""

    SQL = "sql"
    HTTP = "http"
    FILE = "file"
    MANUAL = "manual"


class Category(StrEnum):
    """Kinds of data: the lead field's own five, then those of everybody."""

    CONTACT_DETAILS = "contact_details"
    FIRMOGRAPHIC = "firmographic"
    BEHAVIOURAL = "behavioural"
    TECHNOGRAPHIC = "technographic"
    INTENT = "intent"
    CONSENT_PROOF = "consent_proof"
    INFERRED = "inferred"
    FREE_TEXT = "free_text"
    FINANCIAL = "financial"
    SPECIAL = "special"


class TableErase(StrEnum):
    """What happens to a person's row of a table."""

    DELETE = "delete"
    REDACT = "redact"
    CASCADE = "cascade"
    KEEP = "keep"


class ColumnErase(StrEnum):
    """What happens to a column of a redacted row."""

    NULL = "null"
    KEEP = "keep"
    SET = "set"
    REDACT = "redact"


@dataclass(frozen=True, slots=True)
class Condition:
    """A row counts only where `column` holds `value`, compared as text."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class IdentityColumn:
    """A column that identifies a person.

    `when` narrows a key-value table. The person is the row that this one belongs to, unless `of_row`: then
    the identity says nothing of the parent (an invoice's copy of an address that may be a colleague's).
    """

    column: str
    kind: IdentifierKind
    when: tuple[Condition, ...] = ()
    system: str | None = None
    of_row: bool = False


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A column's category, and what becomes of it where its row is redacted.

    `holds` names what it says of the person (`first_name`), where its own name does not.
    """

    name: str
    category: Category | None
    erase: ColumnErase
    value: str | int | bool | None = None
    because: str | None = None
    holds: str | None = None


@dataclass(frozen=True, slots=True)
class Restriction:
    """The column that marks a row as restricted, and what it holds then and otherwise."""

    column: str
    on: str | int | bool = True
    off: str | int | bool = False


@dataclass(frozen=True, slots=True)
class Parent:
    """`column` of this table holds values of `table.parent_column`: the row goes with that row."""

    column: str
    table: str
    parent_column: str
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class TableMapping:
    """One mapped table; of files, `layout` says how they are read. `retention` is what is declared of it."""

    name: str
    erase: TableErase
    identity: tuple[IdentityColumn, ...] = ()
    columns: Mapping[str, ColumnMapping] = field(default_factory=dict)
    parents: tuple[Parent, ...] = ()
    because: str | None = None
    layout: Layout | None = None
    restriction: Restriction | None = None
    retention: Retention | None = None

    @property
    def deletes(self) -> bool:
        """Whether a person's rows of this table go altogether."""
        return self.erase in {TableErase.DELETE, TableErase.CASCADE}

    @property
    def keeps(self) -> bool:
        """Whether a person's rows of this table stay as they are."""
        return self.erase is TableErase.KEEP

    @property
    def climbs(self) -> bool:
        """Whether an identity found here stands for the row that this one belongs to."""
        return any(not identity.of_row for identity in self.identity)

    def erased_columns(self) -> dict[str, ColumnMapping]:
        """What redaction changes: the declared columns that are not kept, and every identity column.

        An identity column of which nothing is said is emptied: to leave it would be not to erase.
        """
        declared = dict(self.columns)
        for identity in self.identity:
            declared.setdefault(identity.column, ColumnMapping(identity.column, None, ColumnErase.NULL))
        return {name: column for name, column in declared.items() if column.erase is not ColumnErase.KEEP}

    def contact_columns(self) -> tuple[str, ...]:
        """The columns whose values name the person, identities among them."""
        own = [c.name for c in self.columns.values() if c.category is Category.CONTACT_DETAILS]
        return tuple(dict.fromkeys([*own, *(identity.column for identity in self.identity)]))

    def named_columns(self) -> tuple[str, ...]:
        """Every column of this table that the mapping names."""
        names = [*self.columns, *(one.column for one in self.identity), *(one.column for one in self.parents)]
        conditions = [one.when for one in self.identity] + [one.when for one in self.parents]
        names += [condition.column for when in conditions for condition in when]
        names += [self.restriction.column] if self.restriction is not None else []
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives the data in this store, as the Article 30 register and the letters name them.

    `contact` is the mail address of one without an interface: they are written to, and their answer awaited.
    """

    name: str
    role: str
    country: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class StoreDocument:
    """A whole store document. `url` is a reference to a secret, never a value; `http` says how to ask.

    `old_versions` says what becomes of what a bucket keeps of a file that was replaced; `retention` how long
    data are kept, by purpose; `approvals` how many persons approve a request that goes there.
    """

    store: str
    kind: StoreKind
    url: str | None = None
    active: bool = False
    purposes: tuple[str, ...] = ()
    recipient: Recipient | None = None
    tables: Mapping[str, TableMapping] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()
    instructions: str | None = None
    http: HttpDescription | None = None
    old_versions: OldVersions | None = None
    retention: Mapping[str, Retention] = field(default_factory=dict)
    approvals: int = 1
