"""The register of lead stores: documents put, activated and read; each change stands in the trail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.log import Appended, append
from governance.stores.errors import DocumentError, StoreNotUsableError, UnknownStoreError
from governance.stores.mapping import StoreDocument
from governance.stores.opening import Probed
from governance.stores.problems import problems
from governance.stores.reading import parse
from governance.stores.tables import StoreRow


@dataclass(frozen=True, slots=True)
class Registered:
    """A store as the register holds it: `document` as it was put, `parsed` as the code reads it.

    `appended` is the last entry about it, where it was just put.
    """

    key: str
    document: Mapping[str, Any]
    parsed: StoreDocument
    active: bool
    version: int
    appended: Appended | None = field(default=None, compare=False)


def read_document(key: str, document: Any) -> StoreDocument:
    """`document`, which must be of the store `key` or leave its name out.

    Raises:
        DocumentError: naming every place that is wrong.
    """
    if not isinstance(document, Mapping):
        raise DocumentError({"document": ["must be a map"]})
    named = document.get("store", key)
    if named != key:
        raise DocumentError({"store": ["is not the key that the document is put under"]})
    return parse({**document, "store": key})


def put(
    session: Session, key: str, document: Mapping[str, Any], *, now: datetime, actor: str
) -> tuple[Registered, bool]:
    """Takes a document in, whole; the store and whether it is new.

    Raises:
        DocumentError: it can not be read.
        StoreNotUsableError: it is to be active, but could not find or erase a person.
    """
    parsed = read_document(key, document)
    found = problems(parsed) if parsed.active else ()
    if found:
        raise StoreNotUsableError(found)
    row = session.get(StoreRow, key, with_for_update=True)
    created = row is None
    was_active = row is not None and row.active
    if row is None:
        row = StoreRow(key=key, document="", active=False, version=0, changed_at=now)
        session.add(row)
    row.document = json.dumps({**document, "store": key}, ensure_ascii=False, separators=(",", ":"))
    row.active, row.version, row.changed_at = parsed.active, row.version + 1, now
    facts = {"version": row.version, "kind": parsed.kind.value, "active": parsed.active}
    appended = append(session, Action.STORE_CHANGED, actor=actor, now=now, object_id=key, facts=facts)
    if parsed.active and not was_active:
        appended = append(
            session,
            Action.STORE_ACTIVATED,
            actor=actor,
            now=now,
            object_id=key,
            facts={"version": row.version},
        )
    session.flush()
    return replace(_registered(row), appended=appended), created


def activate(session: Session, key: str, *, now: datetime, actor: str) -> Registered:
    """Makes a store part of every request from now on.

    Raises:
        UnknownStoreError: no such store.
        StoreNotUsableError: its document could not find or erase a person.
    """
    document = get(session, key).document
    return put(session, key, {**document, "active": True}, now=now, actor=actor)[0]


def delete(session: Session, key: str, *, now: datetime, actor: str) -> Appended:
    """Takes a store's document out; whether it may go is the caller's question.

    Raises:
        UnknownStoreError: no such store.
    """
    row = session.get(StoreRow, key, with_for_update=True)
    if row is None:
        raise UnknownStoreError("There is no store of that key")
    facts = {"version": row.version, "active": row.active}
    session.delete(row)
    return append(session, Action.STORE_DELETED, actor=actor, now=now, object_id=key, facts=facts)


def get(session: Session, key: str) -> Registered:
    """A store.

    Raises:
        UnknownStoreError: no such store.
    """
    row = session.get(StoreRow, key)
    if row is None:
        raise UnknownStoreError("There is no store of that key")
    return _registered(row)


def find(session: Session, key: str) -> Registered | None:
    """A store, or None."""
    row = session.get(StoreRow, key)
    return None if row is None else _registered(row)


def list_(session: Session, *, limit: int, after: str | None = None) -> list[Registered]:
    """Stores in the order of their keys, those after `after`."""
    query = select(StoreRow).order_by(StoreRow.key).limit(limit)
    rows = session.scalars(query if after is None else query.where(StoreRow.key > after))
    return [_registered(row) for row in rows]


def active_stores(session: Session) -> tuple[StoreDocument, ...]:
    """The documents of every active store: a request is complete only when each of them answered."""
    rows = session.scalars(select(StoreRow).where(StoreRow.active).order_by(StoreRow.key))
    return tuple(_registered(row).parsed for row in rows)


def note_test(session: Session, key: str, probed: Probed, *, now: datetime, actor: str) -> None:
    """Writes to the trail that a store was tried, and how that went."""
    facts = {"reachable": probed.reachable, "problems": len(probed.problems)}
    append(session, Action.STORE_TESTED, actor=actor, now=now, object_id=key, facts=facts)


def _registered(row: StoreRow) -> Registered:
    document = json.loads(row.document)
    return Registered(row.key, document, parse(document), row.active, row.version)
