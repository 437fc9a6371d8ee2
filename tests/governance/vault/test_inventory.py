"""`governance.vault.inventory`: numbers that `vault status` prints."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from governance.vault.inventory import Inventory, inventory, oldest_age, wrapping_keys
from governance.vault.keyring import Keyring
from governance.vault.keys import destroy, mint
from governance.vault.tables import KeyKind, Role, State
from tests.governance.vault.walks import rotate


def test_keys_are_counted_by_kind(keys: Session, keyring: Keyring, now: datetime) -> None:
    """Kinds without a key too."""
    mint(keys, keyring, ["a", "b", "c"], kind=KeyKind.LEAD, now=now)
    mint(keys, keyring, ["d"], kind=KeyKind.REQUEST, now=now)
    destroy(keys, "a", now=now)

    expected = {KeyKind.LEAD: 2, KeyKind.REQUEST: 1, KeyKind.CASE: 0, KeyKind.USER: 0}
    assert inventory(keys) == Inventory(expected, erasures=1, uncopied=1)


def test_the_age_is_that_of_the_oldest_key_that_still_opens(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """A destroyed one has none."""
    later = now + timedelta(days=3)
    assert oldest_age(wrapping_keys(keys, Role.EPOCH), later) == timedelta(days=3)
    rotate(keys, keyring, Role.EPOCH, later)
    held = wrapping_keys(keys, Role.EPOCH)

    assert [(key.number, key.state, key.destroyed_at) for key in held] == [
        (1, State.DESTROYED, later),
        (2, State.CURRENT, None),
    ]
    assert oldest_age(held, later) == timedelta(0)
