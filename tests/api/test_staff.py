"""Staff over both databases: an address can be read as long as its owner is here, and not a moment longer."""

import pytest
from sqlalchemy import func, select

from api import staff
from api.context import Service
from governance.account_tables import UserRow
from governance.errors import BindingTooWideError, IdentityInvalidError, UserExistsError, UserUnknownError
from governance.scopes import OURSELVES, Caller, Role
from governance.vault.inventory import inventory
from governance.vault.keys import destroy
from governance.vault.tables import KeyKind

ADDRESS = "jane@example.com"
BOUND = Caller("key", "key", frozenset({"keys:manage"}), purposes=frozenset({"service_notice"}))


def keys_held(service: Service) -> int:
    """How many keys of addresses there are."""
    with service.keys.read() as session:
        return inventory(session).data_keys[KeyKind.USER]


def test_somebody_added_is_listed_by_their_address(service: Service) -> None:
    """Whose row holds no letter of it."""
    user_id, made = staff.create(service, " Jane@Example.com ", Role.AUDITOR, OURSELVES)
    with service.main.read() as session:
        row = session.get_one(UserRow, user_id)
        sealed = row.email_sealed or b""

    assert [(user.id, user.email, user.role) for user in staff.everybody(service)] == [
        (user_id, ADDRESS, Role.AUDITOR)
    ]
    assert made.lacking == frozenset()
    assert b"jane" not in sealed.lower()


def test_an_address_is_here_once(service: Service) -> None:
    """In whatever spelling, and the refused one leaves no key."""
    staff.create(service, ADDRESS, Role.AUDITOR, OURSELVES)
    with pytest.raises(UserExistsError) as caught:
        staff.create(service, ADDRESS.upper(), Role.ADMINISTRATOR, OURSELVES)

    assert "jane" not in str(caught.value).lower()
    assert keys_held(service) == 1


def test_what_is_no_address_is_refused_before_anything_is_made(service: Service) -> None:
    """Nothing is minted for it."""
    with pytest.raises(IdentityInvalidError):
        staff.create(service, "jane", Role.AUDITOR, OURSELVES)

    assert keys_held(service) == 0


def test_a_maker_who_may_not_leaves_no_key_behind(service: Service) -> None:
    """A bound key can make nobody unbound; however often it tries, the key store does not fill."""
    for _ in range(3):
        with pytest.raises(BindingTooWideError):
            staff.create(service, ADDRESS, Role.AUDITOR, BOUND)

    assert (staff.everybody(service), keys_held(service)) == ([], 0)


def test_who_leaves_takes_the_address_along(service: Service) -> None:
    """The row stays for the trail; key and sealed address are gone."""
    user_id, _ = staff.create(service, ADDRESS, Role.AUDITOR, OURSELVES)
    staff.remove(service, user_id, "tester")
    with service.main.read() as session:
        sealed = session.get_one(UserRow, user_id).email_sealed
        rows = session.scalar(select(func.count()).select_from(UserRow))

    assert (staff.everybody(service), keys_held(service), sealed, rows) == ([], 0, None, 1)
    with pytest.raises(UserUnknownError):
        staff.remove(service, user_id, "tester")


def test_who_left_may_come_back(service: Service) -> None:
    """As somebody new, for nobody can tell that it is the same."""
    first, _ = staff.create(service, ADDRESS, Role.AUDITOR, OURSELVES)
    staff.remove(service, first, "tester")
    second, _ = staff.create(service, ADDRESS, Role.AUDITOR, OURSELVES)

    assert first != second


def test_somebody_whose_key_is_lost_is_still_listed(service: Service) -> None:
    """Who is unseen could not be removed."""
    user_id, _ = staff.create(service, ADDRESS, Role.AUDITOR, OURSELVES)
    service.keys.write(lambda session: destroy(session, user_id, now=service.clock()))

    assert [(user.id, user.email) for user in staff.everybody(service)] == [(user_id, "")]
