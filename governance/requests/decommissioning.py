"""Taking a lead store out of the register: only when no request needs it any more."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from audit.log import Appended
from governance.requests import machine
from governance.requests.tables import RequestRow, StepRow
from governance.requests.vocabulary import Action
from governance.stores import register
from governance.stores.errors import StoreNeededError


def delete_store(session: Session, key: str, *, now: datetime, actor: str) -> Appended:
    """Deletes a store's document; requests, certificates and the trail go on naming it.

    Raises:
        UnknownStoreError: no such store.
        StoreNeededError: a request has still to work in it, or to look back into it.
    """
    register.get(session, key)
    needed = requests_in_need(session, key)
    if needed:
        raise StoreNeededError(needed)
    return register.delete(session, key, now=now, actor=actor)


def requests_in_need(session: Session, key: str) -> int:
    """Requests with a step in the store that is not done, or whose look-back is to ask it."""
    undone = and_(StepRow.status.not_in(machine.DONE), RequestRow.status.in_(machine.OPEN))
    looked_back = and_(StepRow.action == Action.ERASE, RequestRow.identities.is_not(None))
    query = (
        select(func.count(func.distinct(StepRow.request_id)))
        .join(RequestRow, RequestRow.id == StepRow.request_id)
        .where(StepRow.store == key, or_(undone, looked_back))
    )
    return session.scalars(query).one()
