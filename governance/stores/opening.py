"""Opens a store from its document, and says beforehand what stands against it."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from governance.stores.advice import advise
from governance.stores.engine import open_engine
from governance.stores.errors import StoreCode, StoreError
from governance.stores.faults import translated
from governance.stores.files.formats import UnreadableError
from governance.stores.files.probing import probe_files
from governance.stores.files.store import FileStore, open_place
from governance.stores.http.store import HttpStore
from governance.stores.manual import ManualStore
from governance.stores.mapping import SECRET_PREFIX, StoreDocument, StoreKind
from governance.stores.problems import live_problems, problems, shortcomings
from governance.stores.schema import reflect
from governance.stores.sql import SqlStore

OpenStore = SqlStore | FileStore | HttpStore | ManualStore


@dataclass(frozen=True, slots=True)
class Probed:
    """Whether a store answers, what stands against its mapping, and what would make it faster.

    `hopeless` says that what stands against it will not pass by waiting, though the store was not reached.
    """

    reachable: bool
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    hopeless: bool = False

    @property
    def refuses(self) -> bool:
        """Whether the store must not be made active; one that is only away may be."""
        return bool(self.problems) and (self.reachable or self.hopeless)


def open_store(document: StoreDocument, secrets: Mapping[str, str]) -> OpenStore:
    """The store of `document`; keep it open, for opening looks at the live schema.

    Args:
        document: what describes the store.
        secrets: variables of the prefix `LEADWARDEN_STORE_`, by name.

    Raises:
        StoreError: unreachable, or its tables and columns are not those of the document.
    """
    if document.kind is StoreKind.MANUAL:
        return ManualStore(document)
    if document.kind is StoreKind.HTTP:
        return HttpStore(document, secrets)
    if document.kind is StoreKind.FILE:
        return FileStore(document, open_place(address(document, secrets)))
    return SqlStore(document, open_engine(address(document, secrets)))


def address(document: StoreDocument, secrets: Mapping[str, str]) -> str:
    """The URL behind a document's reference.

    Raises:
        StoreError: `unreachable` where the variable is not set.
    """
    name = (document.url or "").removeprefix("env:")
    if name not in secrets or not name.startswith(SECRET_PREFIX.removeprefix("env:")):
        raise StoreError(StoreCode.UNREACHABLE)
    return secrets[name]


def probe(document: StoreDocument, secrets: Mapping[str, str]) -> Probed:
    """Tries the store: connects, looks at the schema, changes nothing."""
    found = problems(document)
    if document.kind is StoreKind.MANUAL:
        return Probed(reachable=True, problems=found, advice=shortcomings(document))
    if document.kind is StoreKind.HTTP:
        return _probe_http(document, secrets, found)
    if document.kind is StoreKind.FILE:
        return _probe_files(document, secrets, found)
    try:
        with _connected(address(document, secrets)) as connection:
            schema = reflect(connection, document)
            gaps = bool(schema.missing) or any(schema.missing_columns())
            advice = () if gaps else advise(connection, schema)
    except StoreError as error:
        return Probed(reachable=False, problems=(*found, f"url: {error.reason.value}"))
    return Probed(reachable=True, problems=(*found, *live_problems(schema)), advice=advice)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A connection for once; it is let go, also when it was of no use."""
    engine = open_engine(url)
    try:
        with translated(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _probe_http(document: StoreDocument, secrets: Mapping[str, str], found: tuple[str, ...]) -> Probed:
    """Asks for nobody: it shows that we may ask, and that the answers are what the document says."""
    if found:
        return Probed(reachable=False, problems=found, hopeless=True)
    try:
        with closing(HttpStore(document, secrets)) as store:
            store.try_out()
    except StoreError as error:
        problem = f"http: {error.reason.value}" + (f" ({error.table})" if error.table else "")
        silent = error.passes or error.reason is StoreCode.HOST_FORBIDDEN
        return Probed(reachable=not silent, problems=(problem,), hopeless=not error.passes)
    return Probed(reachable=True)


def _probe_files(document: StoreDocument, secrets: Mapping[str, str], found: tuple[str, ...]) -> Probed:
    """Looks at headings, and at whether the place keeps what is replaced."""
    try:
        with closing(open_place(address(document, secrets))) as place:
            live = probe_files(place, document)
    except UnreadableError as error:
        return Probed(reachable=True, problems=(*found, f"url: {error.said}"))
    except StoreError as error:
        return Probed(reachable=False, problems=(*found, f"url: {error.reason.value}"))
    return Probed(reachable=True, problems=(*found, *live))


class Shelf:
    """Stores held open, each until its document or address changes. Thread-safe enough: the last one wins."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.secrets = secrets
        self._open: dict[str, tuple[StoreDocument, str | None, OpenStore]] = {}

    def take(self, document: StoreDocument) -> OpenStore:
        """The open store of `document`.

        Raises:
            StoreError: as `open_store`.
        """
        where = None if document.url is None else address(document, self.secrets)
        held = self._open.get(document.store)
        if held is not None and held[:2] == (document, where):
            return held[2]
        store = open_store(document, self.secrets)
        self._open[document.store] = (document, where, store)
        if held is not None:
            held[2].close()
        return store

    def drop(self, key: str) -> None:
        """Closes a store, so that it is looked at anew: after an error, its schema may have changed."""
        held = self._open.pop(key, None)
        if held is not None:
            held[2].close()
