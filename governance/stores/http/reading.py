"""Reads the `http` section of a store document, every error with the place where it stands. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from consent.vocabulary import IdentifierKind
from governance.stores.http.callbacks import PARTS
from governance.stores.http.description import (
    DEFAULT_WITHIN,
    MOST_SETTLE,
    Auth,
    AuthKind,
    Call,
    Callback,
    Encoding,
    Find,
    Grant,
    HttpDescription,
    Job,
    PageKind,
    Paging,
    Read,
    Signature,
    Suppress,
    TableCalls,
    Troubles,
)
from governance.stores.reader import Reader

Item = TypeVar("Item")
SECRET = re.compile(r"env:LEADWARDEN_STORE_[A-Z0-9_]+")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SECTION = {"base", "hosts", "auth", "headers", "troubles", "tables", "suppress", "settle"}
CALL = {"method", "path", "query", "body", "form", "ok", "gone", "accept", "in_url"}
FIND = CALL | {"by", "system", "rows", "total", "page", "exact"}
JOB = {"id", "poll", "state", "done", "failed", "every", "within", "callback"}
SIGNATURE = {"header", "secret", "text", "encoding", "prefix"}
AUTH_SECRETS = ("secret", "client_id", "client_secret", "refresh_token")
AUTH_TEXTS = ("name", "user", "token_url", "scope")
AUTH = {"kind", "grant", *AUTH_SECRETS, *AUTH_TEXTS}


def read_http(reader: Reader, value: Any) -> HttpDescription | None:
    """The section as values; None where it is absent or can not be read at all."""
    if value is None:
        return None
    fields = reader.mapping(value, "http", SECTION)
    base = reader.text(fields.get("base"), "http.base")
    tables = reader.mapping(fields.get("tables"), "http.tables")
    settle = _number(reader, fields.get("settle", 0), "http.settle")
    if settle > MOST_SETTLE:
        reader.wrong("http.settle", f"must be {MOST_SETTLE} seconds at most")
    if base is None:
        return None
    return HttpDescription(
        base=base.rstrip("/"),
        hosts=reader.texts(fields.get("hosts"), "http.hosts"),
        auth=_auth(reader, fields.get("auth")),
        headers=_texts(reader, fields.get("headers"), "http.headers"),
        troubles=_troubles(reader, fields.get("troubles")),
        tables={name: _table(reader, item, f"http.tables.{name}") for name, item in tables.items()},
        suppress=_list(reader, fields.get("suppress"), "http.suppress", _suppress),
        settle=settle,
    )


def _auth(reader: Reader, value: Any) -> Auth:
    place = "http.auth"
    fields = reader.mapping(value, place, AUTH)
    kind = reader.word(fields.get("kind", "none"), AuthKind, f"{place}.kind") or AuthKind.NONE
    needed = {
        AuthKind.NONE: (),
        AuthKind.BEARER: ("secret",),
        AuthKind.BASIC: ("secret",),
        AuthKind.HEADER: ("secret", "name"),
        AuthKind.OAUTH2: ("client_id", "client_secret", "token_url", "grant"),
    }[kind]
    for name in needed:
        if fields.get(name) is None:
            reader.wrong(f"{place}.{name}", f"is needed for {kind}")
    grant = None
    if fields.get("grant") is not None:
        grant = reader.word(fields["grant"], Grant, f"{place}.grant")
    if grant is Grant.REFRESH_TOKEN and fields.get("refresh_token") is None:
        reader.wrong(f"{place}.refresh_token", f"is needed for {grant}")
    secrets = {name: _secret(reader, fields.get(name), f"{place}.{name}") for name in AUTH_SECRETS}
    plain = {name: reader.text(fields.get(name), f"{place}.{name}", optional=True) for name in AUTH_TEXTS}
    return Auth(kind=kind, grant=grant, **secrets, **plain)


def _secret(reader: Reader, value: Any, place: str) -> str | None:
    secret = reader.text(value, place, optional=True)
    if secret is not None and not SECRET.fullmatch(secret):
        reader.wrong(place, "must be a reference such as env:LEADWARDEN_STORE_TOKEN, never the value itself")
        return None
    return secret


def _troubles(reader: Reader, value: Any) -> Troubles | None:
    if value is None:
        return None
    place = "http.troubles"
    fields = reader.mapping(value, place, {"at", "busy", "denied", "gone"})
    codes = {name: _words(reader, fields.get(name), f"{place}.{name}") for name in ("busy", "denied", "gone")}
    return Troubles(at=reader.text(fields.get("at"), f"{place}.at") or "", **codes)


def _table(reader: Reader, value: Any, place: str) -> TableCalls:
    fields = reader.mapping(value, place, {"key", "find", "read", "erase", "job", "change"})
    key = fields.get("key")
    keys = reader.texts([key] if isinstance(key, str) else key, f"{place}.key")
    if not keys:
        reader.wrong(f"{place}.key", "must name the path, or the paths, by which a row is known")
    read = reader.mapping(fields.get("read"), f"{place}.read", CALL | {"row", "known"})
    return TableCalls(
        key=keys,
        find=_list(reader, fields.get("find"), f"{place}.find", _find),
        read=_read(reader, read, f"{place}.read") if read else None,
        erase=_list(reader, fields.get("erase"), f"{place}.erase", _own_call),
        job=_job(reader, fields.get("job"), f"{place}.job"),
        change=_own_call(reader, fields["change"], f"{place}.change") if fields.get("change") else None,
    )


def _read(reader: Reader, fields: Mapping[str, Any], place: str) -> Read:
    known = fields.get("known")
    parts = known if isinstance(known, list) else [] if known is None else [known]
    if not all(isinstance(part, str | int) and not isinstance(part, bool) for part in parts):
        reader.wrong(f"{place}.known", "must be the key of a record: a word, a number, or a list of them")
        parts = []
    return Read(_call(reader, fields, place), _path(reader, fields, "row", place), tuple(parts))


def _find(reader: Reader, value: Any, place: str) -> Find:
    fields = reader.mapping(value, place, FIND)
    by = reader.text(fields.get("by"), f"{place}.by") or ""
    kind = IdentifierKind(by) if by in {one.value for one in IdentifierKind} else None
    exact = fields.get("exact", True)
    if not isinstance(exact, bool):
        reader.wrong(f"{place}.exact", "must be true or false")
    return Find(
        call=_call(reader, fields, place),
        by=kind,
        parent=by if kind is None else None,
        system=reader.text(fields.get("system"), f"{place}.system", optional=True),
        rows=_path(reader, fields, "rows", place),
        total=reader.text(fields.get("total"), f"{place}.total", optional=True),
        page=_page(reader, fields.get("page"), f"{place}.page"),
        exact=bool(exact),
    )


def _page(reader: Reader, value: Any, place: str) -> Paging | None:
    if value is None:
        return None
    fields = reader.mapping(value, place, {"kind", "next", "into", "size", "first", "more"})
    kind = reader.word(fields.get("kind"), PageKind, f"{place}.kind")
    if kind is None:
        return None
    into = reader.text(fields.get("into"), f"{place}.into", optional=kind is PageKind.LINK)
    if into is not None and into.partition(".")[0] not in {"query", "body"}:
        reader.wrong(f"{place}.into", "must be query.NAME or body.NAME")
    size = _number(reader, fields.get("size", 0), f"{place}.size")
    if kind in {PageKind.OFFSET, PageKind.NUMBER} and size == 0:
        reader.wrong(f"{place}.size", "must say how many rows a page has")
    return Paging(
        kind=kind,
        next=reader.text(fields.get("next"), f"{place}.next", optional=kind is not PageKind.CURSOR),
        into=into,
        size=size,
        first=_number(reader, fields.get("first", 0), f"{place}.first"),
        more=reader.text(fields.get("more"), f"{place}.more", optional=True),
    )


def _job(reader: Reader, value: Any, place: str) -> Job | None:
    if value is None:
        return None
    fields = reader.mapping(value, place, JOB)
    poll = _own_call(reader, fields["poll"], f"{place}.poll") if fields.get("poll") else None
    callback = _callback(reader, fields.get("callback"), f"{place}.callback")
    done = _words(reader, fields.get("done"), f"{place}.done")
    if poll is None and callback is None:
        reader.wrong(f"{place}.poll", "must say how the work is asked for, or callback that the store calls")
    if not done and (poll is not None or (callback is not None and callback.state is not None)):
        reader.wrong(f"{place}.done", "must name the states in which the work is done")
    return Job(
        done=done,
        id=reader.text(fields.get("id"), f"{place}.id", optional=callback is not None),
        poll=poll,
        state=reader.text(fields.get("state"), f"{place}.state", optional=poll is None),
        failed=_words(reader, fields.get("failed"), f"{place}.failed"),
        every=_number(reader, fields.get("every", 60), f"{place}.every"),
        within=_number(reader, fields.get("within", DEFAULT_WITHIN), f"{place}.within"),
        callback=callback,
    )


def _callback(reader: Reader, value: Any, place: str) -> Callback | None:
    if value is None:
        return None
    fields = reader.mapping(value, place, {"state", "signature"})
    return Callback(
        state=reader.text(fields.get("state"), f"{place}.state", optional=True),
        signature=_signature(reader, fields.get("signature"), f"{place}.signature"),
    )


def _signature(reader: Reader, value: Any, place: str) -> Signature | None:
    if value is None:
        return None
    fields = reader.mapping(value, place, SIGNATURE)
    text = reader.text(fields.get("text", "{body}"), f"{place}.text") or ""
    if "{body}" not in text or "{" in PARTS.sub("", text):
        reader.wrong(f"{place}.text", "must be made of {body} and, if needed, {header.NAME}")
    prefix = fields.get("prefix", "")
    if not isinstance(prefix, str):
        reader.wrong(f"{place}.prefix", "must be a text")
    if fields.get("secret") is None:
        reader.wrong(f"{place}.secret", "is needed to check a signature")
    encoding = reader.word(fields.get("encoding", "hex"), Encoding, f"{place}.encoding")
    return Signature(
        header=reader.text(fields.get("header"), f"{place}.header") or "",
        secret=_secret(reader, fields.get("secret"), f"{place}.secret") or "",
        text=text,
        encoding=encoding or Encoding.HEX,
        prefix=str(prefix),
    )


def _suppress(reader: Reader, value: Any, place: str) -> Suppress:
    fields = reader.mapping(value, place, CALL | {"by"})
    by = reader.word(fields.get("by"), IdentifierKind, f"{place}.by") or IdentifierKind.EMAIL
    return Suppress(by, _call(reader, fields, place))


def _own_call(reader: Reader, value: Any, place: str) -> Call:
    return _call(reader, reader.mapping(value, place, CALL), place)


def _call(reader: Reader, fields: Mapping[str, Any], place: str) -> Call:
    method, path = fields.get("method", "GET"), reader.text(fields.get("path"), f"{place}.path") or "/"
    if method not in METHODS:
        reader.wrong(f"{place}.method", "must be one of " + ", ".join(METHODS))
    if not (path.startswith("/") or path == "{job}") or path.startswith("//"):
        reader.wrong(f"{place}.path", "must begin with one /, after the base")
    form = fields.get("form", False)
    if not isinstance(form, bool):
        reader.wrong(f"{place}.form", "must be true or false")
    return Call(
        method=str(method),
        path=path,
        query=reader.mapping(fields.get("query"), f"{place}.query"),
        body=fields.get("body"),
        form=bool(form),
        ok=_statuses(reader, fields.get("ok"), f"{place}.ok"),
        gone=_statuses(reader, fields.get("gone"), f"{place}.gone"),
        accept=_list(reader, fields.get("accept"), f"{place}.accept", _wanted),
        in_url=reader.text(fields.get("in_url"), f"{place}.in_url", optional=True),
    )


def _wanted(reader: Reader, value: Any, place: str) -> Mapping[str, tuple[str, ...]]:
    fields = reader.mapping(value, place)
    return {path: _words(reader, wanted, f"{place}.{path}") for path, wanted in fields.items()}


def _words(reader: Reader, value: Any, place: str) -> tuple[str, ...]:
    """A word or a list of them; numbers and truths as answers' values are compared: as text."""
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str | int) for item in items):
        reader.wrong(place, "must be a word, a number, or a list of them")
        return ()
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)


def _statuses(reader: Reader, value: Any, place: str) -> tuple[int, ...]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, int) and 100 <= item <= 599 for item in items):  # noqa: PLR2004 - RFC 9110
        reader.wrong(place, "must be a list of HTTP statuses")
        return ()
    return tuple(items)


def _number(reader: Reader, value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        reader.wrong(place, "must be a whole number, 0 or more")
        return 0
    return value


def _path(reader: Reader, fields: Mapping[str, Any], name: str, place: str) -> str:
    """A path into an answer; absent, the whole of it."""
    return reader.text(fields.get(name), f"{place}.{name}", optional=True) or ""


def _texts(reader: Reader, value: Any, place: str) -> dict[str, str]:
    fields = reader.mapping(value, place)
    return {name: reader.text(item, f"{place}.{name}") or "" for name, item in fields.items()}


def _list(
    reader: Reader, value: Any, place: str, read: Callable[[Reader, Any, str], Item]
) -> tuple[Item, ...]:
    if value is not None and not isinstance(value, list):
        reader.wrong(place, "must be a list")
        return ()
    return tuple(read(reader, item, f"{place}.{number}") for number, item in enumerate(value or ()))
