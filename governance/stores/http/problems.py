"""Why an `http` section can not find, erase or read back a person. Pure.

Each problem is one sentence that begins with the place it is about.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from consent.vocabulary import IdentifierKind
from governance.stores.http.description import OWN_HEADERS, AuthKind, Call, Find, HttpDescription, TableCalls
from governance.stores.http.templates import VALUE_NAMES, is_of_change, names_in, names_in_url
from governance.stores.mapping import ColumnErase, StoreDocument, TableErase, TableMapping

PERSONAL = (IdentifierKind.EMAIL, IdentifierKind.PHONE)


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
            place = f"http.tables.{name}"
            yield from (f"{place}{problem}" for problem in _of_table(mapping, calls, described))
    for number, suppress in enumerate(described.suppress):
        place = f"http.suppress.{number}"
        yield from (f"{place}: {one}" for one in _of_call(suppress.call, VALUE_NAMES))
        yield from (f"{place}: {one}" for one in _of_url(suppress.call, suppress.by))


def _of_hosts(described: HttpDescription) -> Iterator[str]:
    listed = {host.lower() for host in described.hosts}
    for name in sorted(described.headers):
        if name.casefold() in OWN_HEADERS:
            yield f"http.headers.{name}: is not a document's to say"
    if urlsplit(described.base).path:
        yield "http.base: must have no path; begin the paths of the calls with it"
    urls = {"base": described.base}
    if described.auth.kind is AuthKind.OAUTH2:
        urls["auth.token_url"] = described.auth.token_url or ""
    for place, url in urls.items():
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or "{" in url:
            yield f"http.{place}: must be a literal address that begins with https://"
        elif parts.netloc.lower() not in listed:
            yield f"http.{place}: its host is not listed in http.hosts"


def _of_table(mapping: TableMapping, calls: TableCalls, described: HttpDescription) -> Iterator[str]:
    row = {f"row.{column}" for column in calls.key}
    if not calls.find:
        yield ".find: nothing says how rows are found"
    if calls.read is None:
        yield ".read: without it nothing can be exported or read back"
    else:
        yield from (f".read: {one}" for one in _of_call(calls.read.call, row))
        yield from _of_proof(calls)
    for number, find in enumerate(calls.find):
        yield from (f".find.{number}: {one}" for one in _of_find(mapping, find, described))
    yield from _of_erasure(mapping, calls, row)
    if calls.change is not None:
        named = {name for name in names_in(calls.change) if is_of_change(name)}
        yield from (f".change: {one}" for one in _of_call(calls.change, row | named))
    elif mapping.restriction is not None:
        yield ".change: nothing says how the mark of a restriction is set"
    if mapping.parents and mapping.climbs:
        yield ": has identities and belongs to another table; say stands_for: row"


def _of_erasure(mapping: TableMapping, calls: TableCalls, row: set[str]) -> Iterator[str]:
    silent = mapping.keeps or (mapping.erase is TableErase.CASCADE and mapping.parents)
    if not calls.erase and not silent:
        yield ".erase: nothing says how a row is erased"
    for number, call in enumerate(calls.erase):
        yield from (f".erase.{number}: {one}" for one in _of_call(call, row | {"erased"} | _of_job(calls)))
    if calls.job is not None:
        if len(calls.erase) != 1:
            yield ".job: goes with exactly one call of erase"
        if calls.job.poll is not None:
            yield from (f".job.poll: {one}" for one in _of_call(calls.job.poll, {"job"}))
        if calls.job.callback is not None and not any("callback" in names_in(call) for call in calls.erase):
            yield ".job.callback: the call of erase does not tell the store {callback}"
    if mapping.erase is TableErase.REDACT:
        for name, column in mapping.erased_columns().items():
            if column.erase is ColumnErase.REDACT:
                yield f": column {name} can not be redacted inside; use null or {{set: VALUE}}"


def _of_proof(calls: TableCalls) -> Iterator[str]:
    """A status that says that nothing is there is what a wrong path and a wrong host answer, too."""
    known = () if calls.read is None else calls.read.known
    if known and len(known) != len(calls.key):
        yield ".read.known: must have as many parts as the key"
    if not known and calls.find and all(find.call.gone for find in calls.find):
        yield ".read.known: every find may end with gone; name a record that is always there"


def _of_job(calls: TableCalls) -> set[str]:
    """The names that the call that begins work may use."""
    if calls.job is None:
        return set()
    return {"ours"} if calls.job.callback is None else {"ours", "callback"}


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
