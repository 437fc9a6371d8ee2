"""API keys and staff: made, confirmed, revoked, each with its entry in the trail.

A key reads `lw_<id>_<secret>`. The secret has 256 random bits, so its SHA-256 can be stored as it is: there
is nothing to guess that a slow hash would protect.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.ids import new_id
from audit.log import Appended, append
from governance.account_tables import ApiKeyRow, UserRow
from governance.errors import (
    BindingTooWideError,
    ConfirmationRefusedError,
    KeyUnknownError,
    UserUnknownError,
)
from governance.scopes import ROLE_SCOPES, Allowance, Caller, Grant, Role, lacking, may_bind
from governance.vault.sealing import Cell, DataKey, open_sealed, seal

SECRET_BYTES = 32
_TOKEN = re.compile(r"lw_([0-9a-f-]{36})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key; `token` is shown to its maker once and kept nowhere."""

    id: str
    token: str = field(repr=False)
    lacking: frozenset[str]
    appended: Appended


@dataclass(frozen=True, slots=True)
class HeldKey:
    """What is needed to tell whether a token is this key's, and what it may do."""

    caller: Caller
    secret_hash: bytes = field(repr=False)
    asleep: bool


@dataclass(frozen=True, slots=True)
class User:
    """A member of staff as an administrator sees them."""

    id: str
    role: Role
    email: str = field(repr=False)
    key_id: str | None
    asleep: bool
    created_at: datetime


def parse_token(token: str) -> tuple[str, str] | None:
    """Id and secret of `lw_<id>_<secret>`; None for anything else."""
    match = _TOKEN.fullmatch(token)
    return None if match is None else (match[1], match[2])


def is_secret_of(key: HeldKey, secret: str) -> bool:
    """Whether the secret is this key's, in constant time."""
    return hmac.compare_digest(key.secret_hash, _hash(secret))


def make_key(
    session: Session, name: str, grant: Grant, *, maker: Caller, now: datetime, user_id: str | None = None
) -> MadeKey:
    """A new key. With scopes that its maker lacks it sleeps until somebody who has them confirms it.

    Raises:
        BindingTooWideError: the maker is bound to purposes or channels, and the key would reach beyond.
    """
    if not may_bind(grant, maker):
        raise BindingTooWideError("a key bound to purposes or channels can not make one that reaches further")
    key_id, secret = new_id(now), secrets.token_urlsafe(SECRET_BYTES)
    not_granted = lacking(grant.scopes, maker)
    session.add(
        ApiKeyRow(
            id=key_id,
            name=name,
            secret_hash=_hash(secret),
            scopes=sorted(grant.scopes),
            lacking=sorted(not_granted),
            purposes=_listed(grant.purposes),
            channels=_listed(grant.channels),
            lookup_purposes=_listed(grant.lookup_purposes),
            openings_an_hour=grant.allowance.an_hour,
            openings_a_day=grant.allowance.a_day,
            user_id=user_id,
            created_by=maker.id,
            created_at=now,
        )
    )
    appended = append(
        session,
        Action.KEY_CREATED,
        actor=maker.id,
        now=now,
        object_id=key_id,
        facts={"scopes": sorted(grant.scopes), "asleep": bool(not_granted)},
    )
    return MadeKey(key_id, f"lw_{key_id}_{secret}", not_granted, appended)


def confirm_key(session: Session, key_id: str, *, confirmer: Caller, now: datetime) -> Appended | None:
    """Wake a sleeping key; confirming one that is awake changes nothing, and is no entry.

    Raises:
        KeyUnknownError: there is none, or it is revoked.
        ConfirmationRefusedError: the confirmer lacks a scope that the maker lacked too, or is bound to less.
    """
    row = _living_key(session, key_id)
    if not row.lacking:
        return None
    if lacking(row.lacking, confirmer) or not may_bind(_grant(row), confirmer):
        raise ConfirmationRefusedError("a key is confirmed by somebody who has the scopes that it asks for")
    row.lacking, row.confirmed_by, row.confirmed_at = [], confirmer.id, now
    return append(session, Action.KEY_CONFIRMED, actor=confirmer.id, now=now, object_id=key_id)


def revoke_key(session: Session, key_id: str, *, actor: str, now: datetime) -> Appended:
    """End a key for good.

    Raises:
        KeyUnknownError: there is none, or it is revoked already.
    """
    _living_key(session, key_id).revoked_at = now
    return append(session, Action.KEY_REVOKED, actor=actor, now=now, object_id=key_id)


def replace_key(session: Session, key_id: str, *, maker: Caller, now: datetime) -> MadeKey:
    """A new key that may do what this one may; this one goes on until it is revoked.

    Raises:
        KeyUnknownError: there is none, or it is revoked.
        ConfirmationRefusedError: it still sleeps, and replacing it must not wake it.
    """
    row = _living_key(session, key_id)
    if row.lacking:
        raise ConfirmationRefusedError("a key that sleeps is confirmed before it is replaced")
    return make_key(session, row.name, _grant(row), maker=maker, now=now, user_id=row.user_id)


def limit_key(
    session: Session, key_id: str, allowance: Allowance, *, changer: Caller, now: datetime
) -> Appended:
    """Change how many people a key may open; nobody changes it for the key that they hold.

    Raises:
        KeyUnknownError: there is none, or it is revoked.
        BindingTooWideError: it is the changer's own key, or more than the changer may open.
    """
    row = _living_key(session, key_id)
    if key_id == changer.id or not allowance.within(changer.allowance):
        raise BindingTooWideError("how many people a key may open is said by somebody else, who may as many")
    row.openings_an_hour, row.openings_a_day = allowance.an_hour, allowance.a_day
    numbers = {"an_hour": allowance.an_hour, "a_day": allowance.a_day}
    facts = {name: number for name, number in numbers.items() if number is not None}
    return append(session, Action.KEY_LIMITED, actor=changer.id, now=now, object_id=key_id, facts=facts)


def find_key(session: Session, key_id: str) -> HeldKey | None:
    """A living key, asleep or not."""
    row = session.get(ApiKeyRow, key_id)
    if row is None or row.revoked_at is not None:
        return None
    grant = _grant(row)
    caller = Caller(
        row.id,
        row.name,
        grant.scopes,
        grant.purposes,
        grant.channels,
        grant.lookup_purposes,
        grant.allowance,
    )
    return HeldKey(caller, row.secret_hash, asleep=bool(row.lacking))


def list_keys(session: Session, *, limit: int, after: str | None = None) -> Sequence[ApiKeyRow]:
    """Keys, revoked ones too, oldest first: at most `limit` of those whose id is after `after`."""
    statement = select(ApiKeyRow).order_by(ApiKeyRow.id).limit(limit)
    return session.scalars(statement.where(ApiKeyRow.id > after) if after else statement).all()


def made_by(session: Session, maker_id: str) -> bool:
    """Whether this maker ever made a key; for the service itself it tells a first start from all others."""
    return session.scalar(select(ApiKeyRow.id).where(ApiKeyRow.created_by == maker_id).limit(1)) is not None


def add_user(
    session: Session, email: str, role: Role, *, data_key: DataKey, maker: Caller, now: datetime
) -> MadeKey:
    """A member of staff with a key of their role; `data_key` is the user's own, and its owner the user's id.

    The entry given is the user's; that of the key follows it in the same commit.

    The caller has looked for the address among `list_users`: staff are few, so no index of them is kept.
    """
    sealed = seal(data_key, _email_cell(data_key.owner), email.encode())
    user_id = data_key.owner
    session.add(UserRow(id=user_id, role=role, email_sealed=sealed, created_by=maker.id, created_at=now))
    appended = append(
        session, Action.USER_CREATED, actor=maker.id, now=now, object_id=user_id, facts={"role": role}
    )
    grant = Grant(ROLE_SCOPES[role])
    made = make_key(session, f"{role} {user_id[:8]}", grant, maker=maker, now=now, user_id=user_id)
    return replace(made, appended=appended)


def confirm_user(session: Session, user_id: str, *, confirmer: Caller, now: datetime) -> Appended:
    """Wake a user's key.

    Raises:
        UserUnknownError: there is no such user, or they were removed.
        ConfirmationRefusedError: see `confirm_key`.
    """
    _living_user(session, user_id)
    for key in _living_keys_of(session, user_id):
        confirm_key(session, key.id, confirmer=confirmer, now=now)
    return append(session, Action.USER_CONFIRMED, actor=confirmer.id, now=now, object_id=user_id)


def remove_user(session: Session, user_id: str, *, actor: str, now: datetime) -> Appended:
    """End a user and all their keys; the caller then destroys the data key, and the address is gone.

    Raises:
        UserUnknownError: there is no such user, or they were removed.
    """
    user = _living_user(session, user_id)
    user.removed_at, user.email_sealed = now, None
    for key in _living_keys_of(session, user_id):
        revoke_key(session, key.id, actor=actor, now=now)
    return append(session, Action.USER_REMOVED, actor=actor, now=now, object_id=user_id)


def user_ids(session: Session) -> list[str]:
    """The ids of everybody who is still here: whose data keys to load for `list_users`."""
    return list(session.scalars(select(UserRow.id).where(UserRow.removed_at.is_(None)).order_by(UserRow.id)))


def list_users(session: Session, data_keys: Mapping[str, DataKey]) -> list[User]:
    """Everybody who is still here, with the addresses that `data_keys` open."""
    statement = select(UserRow).where(UserRow.removed_at.is_(None)).order_by(UserRow.id)
    return [_user(session, row, data_keys) for row in session.scalars(statement)]


def _user(session: Session, row: UserRow, data_keys: Mapping[str, DataKey]) -> User:
    key = next(iter(_living_keys_of(session, row.id)), None)
    return User(
        id=row.id,
        role=Role(row.role),
        email=_email(row, data_keys),
        key_id=None if key is None else key.id,
        asleep=key is not None and bool(key.lacking),
        created_at=row.created_at,
    )


def _email(row: UserRow, data_keys: Mapping[str, DataKey]) -> str:
    """The address; empty when its key is gone, for a list of staff must still show that there is somebody."""
    key = data_keys.get(row.id)
    if key is None or row.email_sealed is None:
        return ""
    return open_sealed(key, _email_cell(row.id), row.email_sealed).decode()


def _email_cell(user_id: str) -> Cell:
    """Permanent ids: renaming table or column must not make addresses unreadable."""
    return Cell("users", "email", record=user_id, owner=user_id, record_version=1)


def _living_key(session: Session, key_id: str) -> ApiKeyRow:
    row = session.get(ApiKeyRow, key_id, with_for_update=True)
    if row is None or row.revoked_at is not None:
        raise KeyUnknownError("there is no such key")
    return row


def _living_user(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id, with_for_update=True)
    if row is None or row.removed_at is not None:
        raise UserUnknownError("there is no such user")
    return row


def _living_keys_of(session: Session, user_id: str) -> Sequence[ApiKeyRow]:
    statement = select(ApiKeyRow).where(ApiKeyRow.user_id == user_id, ApiKeyRow.revoked_at.is_(None))
    return session.scalars(statement.order_by(ApiKeyRow.id)).all()


def _grant(row: ApiKeyRow) -> Grant:
    return Grant(
        frozenset(row.scopes),
        _set(row.purposes),
        _set(row.channels),
        _set(row.lookup_purposes),
        Allowance(row.openings_an_hour, row.openings_a_day),
    )


def _set(listed: list[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)


def _listed(bound: frozenset[str] | None) -> list[str] | None:
    return None if bound is None else sorted(bound)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
