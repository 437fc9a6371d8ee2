"""Routes of API keys and users: `keys:manage`, but for confirming, which needs the scopes asked for."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint
from sqlalchemy.orm import Session

from api import staff
from api.auth import forget_keys, needs, refused, require
from api.context import caller, current
from api.openings import of_settings
from api.paging import page, page_arguments, page_of, paged
from api.receipts import audited
from api.schemas.access import (
    Confirmed,
    Ended,
    KeyLimited,
    KeyLimits,
    Keys,
    MadeKey,
    MadeUser,
    NewKey,
    NewUser,
    Users,
)
from api.shapes import accepts, returns
from governance import accounts
from governance.account_tables import ApiKeyRow
from governance.errors import BindingTooWideError, ConfirmationRefusedError
from governance.scopes import Allowance, Grant, Role

T = TypeVar("T")
blueprint = Blueprint("access", __name__)


@blueprint.post("/v1/keys")
@needs("keys:manage")
@accepts(NewKey)
@returns(MadeKey, 201)
def create_key(body: dict[str, Any]) -> dict[str, Any]:
    """Make an API key.

    With scopes that the caller lacks it sleeps until somebody who has them confirms it.
    """
    service, who = current(), caller()
    now = service.clock()
    grant = _grant(body)
    if not grant.allowance.otherwise(of_settings(service)).within(of_settings(service)):
        require("requests:review")  # more than the settings: for a compliance officer to say
    made = _or_refused(
        lambda session: accounts.make_key(session, body["name"], grant, maker=who, now=now), "keys:manage"
    )
    return {
        "id": made.id,
        "name": body["name"],
        "scopes": sorted(grant.scopes),
        "purposes": body.get("purposes"),
        "channels": body.get("channels"),
        "lookup_purposes": None if grant.lookup_purposes is None else sorted(grant.lookup_purposes),
        "openings_an_hour": grant.allowance.an_hour,
        "openings_a_day": grant.allowance.a_day,
        "state": "sleeping" if made.lacking else "active",
        "user_id": None,
        "created_at": now,
        "key": made.token,
        "audit": audited(service, made.appended, now),
    }


@blueprint.get("/v1/keys")
@needs("keys:manage")
@paged
@returns(Keys)
def list_keys() -> dict[str, Any]:
    """List keys, the oldest first, revoked ones too."""
    limit, cursor = page_arguments()
    with current().main.read() as session:
        rows = accounts.list_keys(session, limit=limit + 1, after=cursor)
        items = [_shown(row) for row in rows[:limit]]
    return page(items, items[-1]["id"] if len(rows) > limit else None)


@blueprint.delete("/v1/keys/<key_id>")
@needs("keys:manage")
@returns(Ended)
def revoke_key(key_id: str) -> dict[str, Any]:
    """Revoke a key, at once and for good."""
    service, who = current(), caller()
    now = service.clock()
    told = service.main.write(lambda session: accounts.revoke_key(session, key_id, actor=who.id, now=now))
    forget_keys()
    return {"id": key_id, "state": "revoked", "audit": audited(service, told, now)}


@blueprint.post("/v1/keys/<key_id>/confirm")
@needs()
@returns(Confirmed)
def confirm_key(key_id: str) -> dict[str, Any]:
    """Wake a sleeping key; the caller has the scopes that its maker lacked."""
    service, who = current(), caller()
    now = service.clock()
    told = _or_refused(
        lambda session: accounts.confirm_key(session, key_id, confirmer=who, now=now), "of the key"
    )
    audit = {} if told is None else {"audit": audited(service, told, now)}
    return {"id": key_id, "state": "active"} | audit


@blueprint.put("/v1/keys/<key_id>/limits")
@needs("requests:review")
@accepts(KeyLimits)
@returns(KeyLimited)
def limit_key(key_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Say how many people a key may open; nobody says it of their own key."""
    service, who, allowance = current(), caller(), _allowance(body)
    now = service.clock()
    told = _or_refused(
        lambda session: accounts.limit_key(session, key_id, allowance, changer=who, now=now), "of another"
    )
    return {
        "id": key_id,
        "openings_an_hour": allowance.an_hour,
        "openings_a_day": allowance.a_day,
        "audit": audited(service, told, now),
    }


@blueprint.post("/v1/users")
@needs("keys:manage")
@accepts(NewUser)
@returns(MadeUser, 201)
def create_user(body: dict[str, Any]) -> dict[str, Any]:
    """Add a member of staff with a key of their role; it sleeps where the caller lacks the role's scopes."""
    service, role = current(), Role(body["role"])
    try:
        user_id, made = staff.create(service, body["email"], role, caller())
    except BindingTooWideError:
        raise refused("keys:manage") from None
    return {
        "id": user_id,
        "role": role,
        "state": "sleeping" if made.lacking else "active",
        "key_id": made.id,
        "key": made.token,
        "audit": audited(service, made.appended, service.clock()),
    }


@blueprint.get("/v1/users")
@needs("keys:manage")
@paged
@returns(Users)
def list_users() -> dict[str, Any]:
    """List everybody who works with the service, by id."""
    return page_of([_shown_user(user) for user in staff.everybody(current())], "id")


@blueprint.delete("/v1/users/<user_id>")
@needs("keys:manage")
@returns(Ended)
def remove_user(user_id: str) -> dict[str, Any]:
    """Remove somebody: their keys end at once, their address is erased."""
    service = current()
    told = staff.remove(service, user_id, caller().id)
    forget_keys()
    return {"id": user_id, "state": "removed", "audit": audited(service, told, service.clock())}


@blueprint.post("/v1/users/<user_id>/confirm")
@needs()
@returns(Confirmed)
def confirm_user(user_id: str) -> dict[str, Any]:
    """Wake a user's key; the caller has the scopes that its maker lacked."""
    service, who = current(), caller()
    now = service.clock()
    told = _or_refused(
        lambda session: accounts.confirm_user(session, user_id, confirmer=who, now=now), "of the role"
    )
    return {"id": user_id, "state": "active", "audit": audited(service, told, now)}


def _or_refused(work: Callable[[Session], T], scope: str) -> T:
    """`work` in a transaction; a refusal is written to the trail in another one, and is 403."""
    try:
        result = current().main.write(work)
    except (BindingTooWideError, ConfirmationRefusedError):
        raise refused(scope) from None
    forget_keys()
    return result


def _grant(body: dict[str, Any]) -> Grant:
    words = _bound(body, "lookup_purposes")
    return Grant(
        frozenset(body["scopes"]),
        _bound(body, "purposes"),
        _bound(body, "channels"),
        None if words is None else frozenset(word.lower() for word in words),
        _allowance(body),
    )


def _allowance(body: dict[str, Any]) -> Allowance:
    return Allowance(body.get("openings_an_hour"), body.get("openings_a_day"))


def _bound(body: dict[str, Any], name: str) -> frozenset[str] | None:
    return frozenset(body[name]) if name in body else None


def _shown(row: ApiKeyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "scopes": row.scopes,
        "purposes": row.purposes,
        "channels": row.channels,
        "lookup_purposes": row.lookup_purposes,
        "openings_an_hour": row.openings_an_hour,
        "openings_a_day": row.openings_a_day,
        "state": "revoked" if row.revoked_at else "sleeping" if row.lacking else "active",
        "user_id": row.user_id,
        "created_at": row.created_at,
    }


def _shown_user(user: accounts.User) -> dict[str, Any]:
    return {
        "id": user.id,
        "role": user.role,
        "email": user.email,
        "state": "sleeping" if user.asleep else "active",
        "key_id": user.key_id,
        "created_at": user.created_at,
    }
