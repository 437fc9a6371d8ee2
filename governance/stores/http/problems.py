"""Why an `http` section can not find, erase or read back a person. Pure.

Each problem is one sentence that begins with the place it is about.
"""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from consent.vocabulary import IdentifierKind
from governance.stores.http.description import (
    OWN_HEADERS,
    AuthKind,
    Call,
    Find,
    HttpDescription,
    Job,
    TableCalls,
)
from governance.stores.http.templates import VALUE_NAMES, is_of_change, names_in, names_in_url
from governance.stores.mapping import ColumnErase, StoreDocument, TableErase, TableMapping

PERSONAL = (IdentifierKind.EMAIL, IdentifierKind.PHONE)


@dataclass(frozen=True, slots=True)
class Asked:
    """One table: what it is, and how it is asked."""

    mapping: TableMapping
    calls: TableCalls
    described: HttpDescription

    @property
    def row(self) -> frozenset[str]:
        """The names that a row's key gives."""
        return frozenset(f"row.{column}" for column in self.calls.key)


def http_problems(document: StoreDocument) -> Iterator[str]:
    """What stands against the section and its fit with the tables; nothing when it is well."""
    described = document.http
    if described is None:
        yield "http: must say how the store is asked"
        return
    yield from _of_hosts(described)
    for name in sorted(set(described.tables) - set(document.tables)):
        yield f"http.tables.{name}: is not among the tables"
    for name, mapping in document.tables.items():
        calls = described.tables.get(name)
        if calls is None:
            yield f"tables.{name}: http.tables does not say how it is asked"
        else:
            found = _of_table(Asked(mapping, calls, described))
            yield from (f"http.tables.{name}{problem}" for problem in found)
    for number, suppress in enumerate(described.suppress):
        place = f"http.suppress.{number}"
        yield from _at(place, _of_call(suppress.call, VALUE_NAMES))
        yield from _at(place, _of_url(suppress.call, suppress.by))


def _of_hosts(described: HttpDescription) -> Iterator[str]:
    for name in sorted(described.headers):
        if name.casefold() in OWN_HEADERS:
            yield f"http.headers.{name}: is not a document's to say"
    if urlsplit(described.base).path:
        yield "http.base: must have no path; begin the paths of the calls with it"
    listed = {host.lower() for host in described.hosts}
    yield from _of_address("base", described.base, listed)
    if described.auth.kind is AuthKind.OAUTH2:
        yield from _of_address("auth.token_url", described.auth.token_url or "", listed)


def _of_address(place: str, url: str, listed: Container[str]) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or "{" in url:
        yield f"http.{place}: must be a literal address that begins with https://"
    elif parts.netloc.lower() not in listed:
        yield f"http.{place}: its host is not listed in http.hosts"


def _of_table(asked: Asked) -> Iterator[str]:
    for check in CHECKS:
        yield from check(asked)


def _of_finds(asked: Asked) -> Iterator[str]:
    if not asked.calls.find:
        yield ".find: nothing says how rows are found"


def _of_reading(asked: Asked) -> Iterator[str]:
    read = asked.calls.read
    if read is None:
        yield ".read: without it nothing can be exported or read back"
    else:
        yield from _at(".read", _of_call(read.call, asked.row))


def _of_proof(asked: Asked) -> Iterator[str]:
    """A status that says that nothing is there is what a wrong path and a wrong host answer, too."""
    known = () if asked.calls.read is None else asked.calls.read.known
    if known and len(known) != len(asked.calls.key):
        yield ".read.known: must have as many parts as the key"
    finds = asked.calls.find
    ends = any(find.call.gone for find in finds)
    if ends and not known and not any(find.by is not None and not find.call.gone for find in finds):
        yield ".read.known: no other find tells whether gone is true; name a record that is always there"


def _of_each_find(asked: Asked) -> Iterator[str]:
    for number, find in enumerate(asked.calls.find):
        yield from _at(f".find.{number}", _of_find(asked.mapping, find, asked.described))


def _of_erasure(asked: Asked) -> Iterator[str]:
    mapping = asked.mapping
    silent = mapping.keeps or (mapping.erase is TableErase.CASCADE and mapping.parents)
    if not asked.calls.erase and not silent:
        yield ".erase: nothing says how a row is erased"
    known = asked.row | {"erased"} | _names_of_job(asked.calls.job)
    for number, call in enumerate(asked.calls.erase):
        yield from _at(f".erase.{number}", _of_call(call, known))


def _of_job(asked: Asked) -> Iterator[str]:
    job = asked.calls.job
    if job is None:
        return
    if len(asked.calls.erase) != 1:
        yield ".job: goes with exactly one call of erase"
    if job.poll is not None:
        yield from _at(".job.poll", _of_call(job.poll, {"job"}))
    if job.callback is not None and not any("callback" in names_in(call) for call in asked.calls.erase):
        yield ".job.callback: the call of erase does not tell the store {callback}"


def _names_of_job(job: Job | None) -> set[str]:
    """The names that the call that begins work may use."""
    if job is None:
        return set()
    return {"ours"} if job.callback is None else {"ours", "callback"}


def _of_redaction(asked: Asked) -> Iterator[str]:
    if asked.mapping.erase is TableErase.REDACT:
        for name, column in asked.mapping.erased_columns().items():
            if column.erase is ColumnErase.REDACT:
                yield f": column {name} can not be redacted inside; use null or {{set: VALUE}}"


def _of_change(asked: Asked) -> Iterator[str]:
    change = asked.calls.change
    if change is not None:
        named = {name for name in names_in(change) if is_of_change(name)}
        yield from _at(".change", _of_call(change, asked.row | named))
    elif asked.mapping.restriction is not None:
        yield ".change: nothing says how the mark of a restriction is set"


def _of_climbing(asked: Asked) -> Iterator[str]:
    if asked.mapping.parents and asked.mapping.climbs:
        yield ": has identities and belongs to another table; say stands_for: row"


CHECKS: tuple[Callable[[Asked], Iterator[str]], ...] = (
    _of_finds,
    _of_reading,
    _of_proof,
    _of_each_find,
    _of_erasure,
    _of_job,
    _of_redaction,
    _of_change,
    _of_climbing,
)


def _of_find(mapping: TableMapping, find: Find, described: HttpDescription) -> Iterator[str]:
    if find.by is not None:
        yield from _of_call(find.call, VALUE_NAMES)
        yield from _of_url(find.call, find.by)
        if not any(one.kind is find.by for one in mapping.identity):
            yield f"the table has no identity of kind {find.by} by which the answer could be checked"
        return
    parent = described.tables.get(find.parent or "")
    if parent is None or not any(one.table == find.parent for one in mapping.parents):
        yield f"by must be email, phone, external or a table that this one belongs to, not {find.parent}"
    else:
        yield from _of_call(find.call, {f"row.{column}" for column in parent.key})


def _at(place: str, found: Iterator[str]) -> Iterator[str]:
    return (f"{place}: {one}" for one in found)


def _of_call(call: Call, known: set[str] | frozenset[str]) -> Iterator[str]:
    for name in sorted(names_in(call) - known):
        yield f"{{{name}}} is not known here; known are " + ", ".join(sorted(known))
    if call.form and not _is_flat(call.body):
        yield "a form must be a flat map"


def _of_url(call: Call, by: IdentifierKind) -> Iterator[str]:
    if by in PERSONAL and names_in_url(call) and call.in_url is None:
        yield "personal data would stand in the address; use a body, or say in_url why the store forces it"


def _is_flat(body: object) -> bool:
    return isinstance(body, dict) and not any(isinstance(value, dict | list) for value in body.values())
