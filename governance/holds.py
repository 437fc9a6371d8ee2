"""Legal holds: what must not be erased although its erasure is asked for (GDPR art. 17(3)(e)).

A hold names a lead, or a store and a query in it (see `Hold`). Reason and query are free text or name a
person, so they are sealed under the hold's own key. A hold stops erasure only: restriction, suppression and
access go on, as the law wants it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from audit import log
from audit.actions import Action as Told
from audit.entry import Entry
from audit.ids import new_id
from audit.log import Appended
from governance.errors import HoldUnknownError, IdentityInvalidError
from governance.identity import Identifier, parse_reference
from governance.requests.tables import HoldRow
from governance.stores.protocol import Found, Identity
from governance.vault.sealing import Cell, DataKey, open_sealed, seal

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force, opened.

    `query` is one of: nothing, the whole store; a reference (`{"email": …}`), that person in the store;
    `{"table": …}`, or with `"key": […]` one row of it.
    """

    key: str
    lead_id: str | None = field(default=None, repr=False)
    store: str | None = None
    query: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def concerns(self, leads: Collection[str], store: str) -> bool:
        """Whether it may stop the erasure of these leads in `store`."""
        return self.lead_id in leads or self.store == store

    def stops(self, identities: Collection[Identity], found: Found) -> bool:
        """Whether it stops the erasure of what was found of the person, in a store that it concerns."""
        if self.lead_id is not None or not self.query:
            return True
        if "table" in self.query:
            return any(_matches(self.query, row.table, row.key) for row in found.rows)
        named = parse_reference(self.query)
        return isinstance(named, Identifier) and any(
            (each.kind, each.system, each.value) == (named.kind.value, named.system, named.text)
            for each in identities
        )


def place(
    session: Session,
    key: DataKey,
    hold: Hold,
    *,
    reason: str,
    until: datetime | None,
    now: datetime,
    actor: str,
) -> tuple[bool, Appended]:
    """Puts a hold in force under its name; one of that name is lifted first. Says whether the name is new.

    `key` is a fresh key of kind CASE, whose owner is the new hold's id.
    """
    replaced = _lift(session, hold.key, now=now)
    query = json.dumps(dict(hold.query), ensure_ascii=False).encode()
    session.add(
        HoldRow(
            id=key.owner,
            key=hold.key,
            lead_id=hold.lead_id,
            store=hold.store,
            query=seal(key, _cell(key.owner, "query"), query),
            reason=seal(key, _cell(key.owner, "reason"), reason.encode()),
            until=until,
            created_at=now,
        )
    )
    facts = {"on": "lead" if hold.lead_id else "store", "replaced": replaced}
    told = log.append(
        session,
        Told.HOLD_PLACED,
        actor=actor,
        now=now,
        lead_id=hold.lead_id,
        object_id=key.owner,
        facts=facts,
    )
    return not replaced, told


def lift(session: Session, name: str, *, now: datetime, actor: str) -> Appended:
    """Ends the hold of that name; what it stopped may be asked for again.

    Raises:
        HoldUnknownError: none is in force.
    """
    rows = _in_force(session, name)
    if not rows:
        raise HoldUnknownError("there is no legal hold of that name")
    for row in rows:
        row.lifted_at = now
    lifted = [Entry(Told.HOLD_LIFTED, actor, now, row.lead_id, row.id) for row in rows]
    return log.append_many(session, lifted)[-1]


def active(session: Session, *, now: datetime) -> Sequence[HoldRow]:
    """The holds in force, still sealed."""
    unended = or_(HoldRow.until.is_(None), HoldRow.until > now)
    return session.scalars(select(HoldRow).where(HoldRow.lifted_at.is_(None), unended)).all()


def ended(session: Session, *, now: datetime, limit: int) -> Sequence[str]:
    """Holds that were lifted, replaced or ran out, and are not forgotten yet: the owners of their keys."""
    over = or_(HoldRow.lifted_at.is_not(None), HoldRow.until <= now)
    query = select(HoldRow.id).where(HoldRow.query.is_not(None), over)
    return session.scalars(query.order_by(HoldRow.id).limit(limit)).all()


def forget(session: Session, ended_holds: Sequence[str]) -> None:
    """Leaves of ended holds, whose keys are destroyed, name, store and dates: not whom they were about."""
    rows = update(HoldRow).where(HoldRow.id.in_(ended_holds))
    session.execute(rows.values(lead_id=None, query=None, reason=b""))


def opened(rows: Sequence[HoldRow], keys: Mapping[str, DataKey]) -> tuple[Hold, ...]:
    """The holds of the rows. One whose key is gone holds all that it names: nothing is erased on a guess."""
    return tuple(Hold(row.key, row.lead_id, row.store, _query(row, keys.get(row.id))) for row in rows)


def checked_query(query: Mapping[str, Any]) -> dict[str, Any]:
    """`query` in one of the forms of `Hold`.

    Raises:
        IdentityInvalidError: it is neither empty, nor a row of a table, nor what a store knows a person by.
    """
    names_rows = isinstance(query.get("table"), str) and set(query) <= {"table", "key"}
    if not query or (names_rows and isinstance(query.get("key", []), list)):
        return dict(query)
    if not isinstance(parse_reference(query), Identifier):
        raise IdentityInvalidError({"query": ["A store knows no lead_id; hold the lead instead."]})
    return dict(query)


def shown(session: Session, name: str) -> dict[str, Any]:
    """The hold of that name, as `described`.

    Raises:
        HoldUnknownError: none is in force.
    """
    rows = _in_force(session, name)
    if not rows:
        raise HoldUnknownError("there is no legal hold of that name")
    return described(rows[0])


def described(row: HoldRow) -> dict[str, Any]:
    """What may be shown of a hold without opening it; a lead's id is not among it."""
    told = {
        "key": row.key,
        "on": "lead" if row.lead_id else "store",
        "store": row.store,
        "until": None if row.until is None else row.until.isoformat(),
        "created_at": row.created_at.isoformat(),
    }
    return {name: value for name, value in told.items() if value is not None}


def new_hold_id(now: datetime) -> str:
    """The id of a hold to be placed: the owner of its key."""
    return new_id(now)


def _lift(session: Session, name: str, *, now: datetime) -> bool:
    rows = _in_force(session, name)
    for row in rows:
        row.lifted_at = now
    return bool(rows)


def _in_force(session: Session, name: str) -> Sequence[HoldRow]:
    query = select(HoldRow).where(HoldRow.key == name, HoldRow.lifted_at.is_(None)).with_for_update()
    return session.scalars(query).all()


def _query(row: HoldRow, key: DataKey | None) -> dict[str, Any]:
    if key is None or row.query is None:
        return {}
    opened_query: dict[str, Any] = json.loads(open_sealed(key, _cell(row.id, "query"), row.query))
    return opened_query


def _matches(query: Mapping[str, Any], table: str, key: tuple[str | int, ...]) -> bool:
    """Whether a row is named: values are compared as text, for a caller may not know a key's type."""
    if table != query["table"]:
        return False
    return "key" not in query or [str(part) for part in query["key"]] == [str(part) for part in key]


def _cell(hold_id: str, column: str) -> Cell:
    return Cell(table="legal_hold", column=column, record=hold_id, owner=hold_id, record_version=1)
