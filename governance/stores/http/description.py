"""What the `http` section of a store document says, read: frozen values. Source: ADR 16."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from consent.vocabulary import IdentifierKind

DEFAULT_SETTLE = 0
MOST_SETTLE = 30
DEFAULT_WITHIN = 14 * 24 * 60 * 60
"""Two weeks: it leaves a person as long again of the month that the law gives."""
OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""What a document may not say: another Host would reach another site at the same address."""


class AuthKind(StrEnum):
    """How a store knows who is asking."""

    NONE = "none"
    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    OAUTH2 = "oauth2"


class Grant(StrEnum):
    """How an OAuth 2 token is got. Source: RFC 6749, sections 4.4 and 6."""

    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a grant's name, not a secret


@dataclass(frozen=True, slots=True)
class Auth:
    """The credentials, all of them references to secrets; `name` is a header's, `user` a literal name."""

    kind: AuthKind = AuthKind.NONE
    secret: str | None = None
    name: str | None = None
    user: str | None = None
    grant: Grant | None = None
    token_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    refresh_token: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call: a template, and how its answer is to be taken.

    Attributes:
        query: of the URL; a value that is exactly one name is left out where it is null.
        body: JSON in any shape, or a flat map where `form` says so; None sends nothing.
        ok: statuses of success; any 2xx where empty.
        gone: statuses that say: there is nothing (any more).
        accept: where given, one of these maps of path -> values has to be in the answer.
        in_url: why personal data have to stand in the URL, where they do.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: bool = False
    ok: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    accept: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    in_url: str | None = None


class PageKind(StrEnum):
    """How the next page is asked for."""

    CURSOR = "cursor"
    LINK = "link"
    OFFSET = "offset"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Paging:
    """Pages: `next` is a path to the cursor or the link; `into` is `query.NAME` or `body.NAME`.

    With `offset` and `number`, `first` is its first value and `size` what is asked for. A page may have fewer
    rows and still not be the last: that is said by `more`, a path to whether there are more, or by the total
    of the call; else by a page without rows.
    """

    kind: PageKind
    next: str | None = None
    into: str | None = None
    size: int = 0
    first: int = 0
    more: str | None = None

    @property
    def counts(self) -> bool:
        """Whether pages are asked for by counting."""
        return self.kind in {PageKind.OFFSET, PageKind.NUMBER}


@dataclass(frozen=True, slots=True)
class Find:
    """A call that looks for people by one kind of identity, or for what belongs to a row of `parent`.

    `rows` is the path to the list (or the one row) in the answer, `total` to how many there are in all pages.
    `exact` says that every row of the answer has to hold the identity: one that does not is an error, for
    then the mapping does not show what the store searched in, or the store did not search at all.
    """

    call: Call
    by: IdentifierKind | None = None
    parent: str | None = None
    system: str | None = None
    rows: str = ""
    total: str | None = None
    page: Paging | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Read:
    """The call that reads one row by its key; `row` is the path to it in the answer.

    `known` is the key of a record that is always there and nobody's: what reads it can tell who is not.
    """

    call: Call
    row: str = ""
    known: tuple[str | int, ...] = ()


class Encoding(StrEnum):
    """How the bytes of a signature are written."""

    HEX = "hex"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True)
class Signature:
    """An HMAC-SHA-256 in `header`, behind `prefix`, over `text`: `{body}`, and `{header.NAME}` where told."""

    header: str
    secret: str
    text: str = "{body}"
    encoding: Encoding = Encoding.HEX
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Callback:
    """The store calls when the work is over: `state` is a path in what it sends; absent, any call says so."""

    state: str | None = None
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Work that the store finishes later.

    Attributes:
        id: the path to its name or link; absent, it is known by the id that we gave it.
        poll: asks for its state, at the path `state`.
        done: states in which it is done; `failed`, in which it will not be.
        every: seconds after which it is asked again.
        within: seconds after which it is not waited for any more.
        callback: what the store sends when it calls; without `poll` it is waited for.
    """

    done: tuple[str, ...]
    id: str | None = None
    poll: Call | None = None
    state: str | None = None
    failed: tuple[str, ...] = ()
    every: int = 60
    within: int = DEFAULT_WITHIN
    callback: Callback | None = None


@dataclass(frozen=True, slots=True)
class TableCalls:
    """How the rows of one table are found, read, erased and changed; `key` are the paths that name a row."""

    key: tuple[str, ...]
    find: tuple[Find, ...] = ()
    read: Read | None = None
    erase: tuple[Call, ...] = ()
    job: Job | None = None
    change: Call | None = None


@dataclass(frozen=True, slots=True)
class Suppress:
    """A call that keeps an identity from coming back in."""

    by: IdentifierKind
    call: Call


@dataclass(frozen=True, slots=True)
class Troubles:
    """Errors that an answer tells in its body, whatever its status: `at` is the path to their code."""

    at: str
    busy: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HttpDescription:
    """The whole section. `hosts` are all that is spoken to; `settle` is how long erasure may take to show."""

    base: str
    hosts: tuple[str, ...]
    auth: Auth = Auth()
    headers: Mapping[str, str] = field(default_factory=dict)
    troubles: Troubles | None = None
    tables: Mapping[str, TableCalls] = field(default_factory=dict)
    suppress: tuple[Suppress, ...] = ()
    settle: int = DEFAULT_SETTLE
