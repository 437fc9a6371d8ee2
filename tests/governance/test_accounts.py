"""API keys and staff: their life, and what stands in the trail and in the tables."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.tables import LinkRow, PendingRow
from governance import accounts
from governance.account_tables import ApiKeyRow, UserRow
from governance.errors import (
    BindingTooWideError,
    ConfirmationRefusedError,
    KeyUnknownError,
    UserUnknownError,
)
from governance.scopes import OURSELVES, ROLE_SCOPES, Allowance, Caller, Grant, Role
from governance.vault.sealing import DataKey

ADMINISTRATOR = Caller("admin", "admin", ROLE_SCOPES[Role.ADMINISTRATOR])
OFFICER = Caller("officer", "officer", ROLE_SCOPES[Role.COMPLIANCE_OFFICER])
AUDITOR = Caller("auditor", "auditor", ROLE_SCOPES[Role.AUDITOR])
READ = Grant(frozenset({"leads:read"}))
EMAIL = "jane.doe@example.com"


def actions(session: Session) -> list[str]:
    """What the trail says happened; the clock stands still here, so the order is the alphabet's."""
    return sorted(session.scalars(select(PendingRow.action)))


def held(session: Session, made: accounts.MadeKey) -> accounts.HeldKey:
    """The living key."""
    found = accounts.find_key(session, made.id)
    assert found is not None
    return found


def test_a_token_is_its_keys_and_no_others(main_session: Session, now: datetime) -> None:
    """Its secret has 256 bits and stands nowhere."""
    one, two = (accounts.make_key(main_session, "k", READ, maker=OURSELVES, now=now) for _ in range(2))
    parts = accounts.parse_token(one.token)
    assert parts is not None
    row = main_session.get_one(ApiKeyRow, one.id)

    assert parts[0] == one.id
    assert accounts.is_secret_of(held(main_session, one), parts[1])
    assert not accounts.is_secret_of(held(main_session, two), parts[1])
    assert len(parts[1]) * 6 >= 256
    assert parts[1] not in f"{one!r} {vars(row)!r} {held(main_session, one)!r}"


@pytest.mark.parametrize(
    "token",
    ["", "lw_", "lw__", "lw_x_y", "LW_" + "0" * 36 + "_" + "a" * 43, "lw_" + "0" * 36 + "_" + "a" * 44],
)
def test_what_is_no_token_is_none(token: str) -> None:
    """One spelling only."""
    assert accounts.parse_token(token) is None


def test_a_key_with_scopes_that_its_maker_has_is_awake(main_session: Session, now: datetime) -> None:
    """Nothing to confirm."""
    made = accounts.make_key(main_session, "k", READ, maker=OFFICER, now=now)

    assert made.lacking == frozenset()
    assert not held(main_session, made).asleep
    assert actions(main_session) == ["key.created"]


def test_a_key_with_scopes_that_its_maker_lacks_sleeps_until_somebody_who_has_them(
    main_session: Session, now: datetime
) -> None:
    """An administrator can not give themselves plaintext; an auditor can not wake it; an officer can."""
    wanted = Grant(frozenset({"leads:read", "keys:manage"}))
    made = accounts.make_key(main_session, "k", wanted, maker=ADMINISTRATOR, now=now)
    assert made.lacking == {"leads:read"}
    assert held(main_session, made).asleep

    for nobody in (ADMINISTRATOR, AUDITOR):
        with pytest.raises(ConfirmationRefusedError):
            accounts.confirm_key(main_session, made.id, confirmer=nobody, now=now)
    accounts.confirm_key(main_session, made.id, confirmer=OFFICER, now=now)
    accounts.confirm_key(main_session, made.id, confirmer=AUDITOR, now=now)

    assert held(main_session, made).caller.scopes == wanted.scopes
    assert not held(main_session, made).asleep
    assert actions(main_session) == ["key.confirmed", "key.created"]


def test_a_bound_key_makes_and_wakes_nothing_wider(main_session: Session, now: datetime) -> None:
    """Binding is narrowing."""
    grant = Grant(frozenset({"keys:manage"}), frozenset({"research"}), None)
    bound = Caller("b", "b", frozenset({"keys:manage", "leads:read"}), frozenset({"research"}), None)
    with pytest.raises(BindingTooWideError):
        accounts.make_key(main_session, "k", READ, maker=bound, now=now)
    made = accounts.make_key(main_session, "k", READ, maker=ADMINISTRATOR, now=now)
    with pytest.raises(ConfirmationRefusedError):
        accounts.confirm_key(main_session, made.id, confirmer=bound, now=now)

    narrow = accounts.make_key(main_session, "k", grant, maker=bound, now=now)
    assert held(main_session, narrow).caller.purposes == frozenset({"research"})


def test_a_revoked_key_is_gone_for_good(main_session: Session, now: datetime) -> None:
    """Not found, not confirmed, not revoked again; still listed."""
    made = accounts.make_key(main_session, "k", READ, maker=OURSELVES, now=now)
    accounts.revoke_key(main_session, made.id, actor="admin", now=now)

    assert accounts.find_key(main_session, made.id) is None
    with pytest.raises(KeyUnknownError):
        accounts.confirm_key(main_session, made.id, confirmer=OFFICER, now=now)
    with pytest.raises(KeyUnknownError):
        accounts.revoke_key(main_session, made.id, actor="admin", now=now)
    assert [row.id for row in accounts.list_keys(main_session, limit=9)] == [made.id]
    assert actions(main_session) == ["key.created", "key.revoked"]


def test_a_successor_may_do_what_the_key_may(main_session: Session, now: datetime) -> None:
    """Scopes, bindings and limits; and replacing a key that sleeps would wake it."""
    grant = Grant(
        frozenset({"decisions:create"}),
        frozenset({"direct_marketing"}),
        frozenset({"email"}),
        None,
        Allowance(1, 2),
    )
    made = accounts.make_key(main_session, "CRM", grant, maker=OURSELVES, now=now)
    successor = accounts.replace_key(main_session, made.id, maker=OURSELVES, now=now)
    asleep = accounts.make_key(
        main_session, "CRM", grant, maker=Caller("m", "m", frozenset({"keys:manage"})), now=now
    )

    old, new = (held(main_session, each).caller for each in (made, successor))
    assert replace(new, id=old.id) == old
    assert made.token != successor.token
    with pytest.raises(ConfirmationRefusedError):
        accounts.replace_key(main_session, asleep.id, maker=OURSELVES, now=now)


def test_keys_are_listed_page_by_page(main_session: Session, now: datetime) -> None:
    """In the order in which they were made."""
    made = [
        accounts.make_key(main_session, "k", READ, maker=OURSELVES, now=now + timedelta(seconds=n)).id
        for n in range(5)
    ]

    assert [row.id for row in accounts.list_keys(main_session, limit=2)] == made[:2]
    assert [row.id for row in accounts.list_keys(main_session, limit=9, after=made[1])] == made[2:]


def test_the_first_start_is_told_by_what_the_service_made(main_session: Session, now: datetime) -> None:
    """A key made on the command line before does not count."""
    accounts.make_key(main_session, "k", READ, maker=OFFICER, now=now)
    assert not accounts.made_by(main_session, OURSELVES.id)
    accounts.make_key(main_session, "k", READ, maker=OURSELVES, now=now)
    assert accounts.made_by(main_session, OURSELVES.id)


def user_key(owner: str) -> DataKey:
    """A data key, as the vault hands it out."""
    return DataKey(owner, 1, bytes(32))


def test_a_user_gets_a_key_of_their_role(main_session: Session, now: datetime) -> None:
    """Asleep where the maker lacks the role's scopes, and woken by who has them."""
    made = accounts.add_user(
        main_session, EMAIL, Role.COMPLIANCE_OFFICER, data_key=user_key("u1"), maker=ADMINISTRATOR, now=now
    )
    (user,) = accounts.list_users(main_session, {"u1": user_key("u1")})
    assert (user.email, user.role, user.asleep, user.key_id) == (EMAIL, "compliance_officer", True, made.id)

    accounts.confirm_user(main_session, "u1", confirmer=OFFICER, now=now)
    assert held(main_session, made).caller.scopes == ROLE_SCOPES[Role.COMPLIANCE_OFFICER]
    assert actions(main_session) == ["key.confirmed", "key.created", "user.confirmed", "user.created"]


def test_an_address_stands_nowhere_in_plain(main_session: Session, now: datetime) -> None:
    """Neither in a row nor in the trail; without the key it is empty."""
    accounts.add_user(main_session, EMAIL, Role.AUDITOR, data_key=user_key("u1"), maker=OURSELVES, now=now)
    main_session.flush()
    row = main_session.get_one(UserRow, "u1")
    bodies = b"".join(main_session.scalars(select(PendingRow.body)).all())

    assert row.email_sealed is not None
    assert b"jane" not in row.email_sealed + bodies
    assert [user.email for user in accounts.list_users(main_session, {})] == [""]
    assert "jane" not in repr(accounts.list_users(main_session, {"u1": user_key("u1")}))


def test_a_removed_user_and_their_keys_are_gone(main_session: Session, now: datetime) -> None:
    """With the sealed address."""
    made = accounts.add_user(
        main_session, EMAIL, Role.AUDITOR, data_key=user_key("u1"), maker=OURSELVES, now=now
    )
    accounts.remove_user(main_session, "u1", actor="admin", now=now)

    assert accounts.find_key(main_session, made.id) is None
    assert accounts.user_ids(main_session) == []
    assert main_session.get_one(UserRow, "u1").email_sealed is None
    with pytest.raises(UserUnknownError):
        accounts.remove_user(main_session, "u1", actor="admin", now=now)
    with pytest.raises(UserUnknownError):
        accounts.confirm_user(main_session, "u1", confirmer=OFFICER, now=now)


def test_the_trail_names_keys_as_objects_only(main_session: Session, now: datetime) -> None:
    """Ids and names stay out of the tree; the scopes are what an auditor needs to see."""
    made = accounts.make_key(main_session, "canary name", READ, maker=OURSELVES, now=now)
    body = main_session.scalars(select(PendingRow.body)).one()

    assert json.loads(body)["facts"] == {"asleep": False, "scopes": ["leads:read"]}
    assert made.id.encode() not in body
    assert b"canary" not in body
    assert main_session.scalars(select(LinkRow.object_id)).one() == made.id
