"""`api.background.key_duties`: what the keys need without being asked."""

import errno
from datetime import timedelta

import pytest

from api import restoring
from api.background import key_duties
from api.context import Service
from governance.errors import RootRefusedError
from governance.vault import journal_copy
from governance.vault.index import SETTLED_AFTER
from governance.vault.inventory import inventory
from governance.vault.keys import destroy, mint
from governance.vault.tables import KeyKind, Role
from tests.conftest import NOW, Clock


def test_erasures_are_copied_outside(service: Service) -> None:
    """Within one interval of their commit."""
    service.keys.write(lambda keys: mint(keys, service.keyring, ["lead-a"], kind=KeyKind.LEAD, now=NOW))
    service.keys.write(lambda keys: destroy(keys, "lead-a", now=NOW))
    key_duties.step(service, NOW)
    with service.keys.read() as keys:
        left = inventory(keys).uncopied

    assert left == 0
    assert [line.owner for line in journal_copy.read(restoring.copy_path(service))] == ["lead-a"]


def test_keys_are_confirmed_although_the_journal_can_not_be_copied(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must not keep open what the provider refuses."""

    def full(_service: Service) -> None:
        raise OSError(errno.ENOSPC, "full")

    def refused(*_: object) -> bytes:
        raise RootRefusedError("no")

    monkeypatch.setattr(restoring, "copy_journal", full)
    monkeypatch.setattr(type(service.keyring.root), "unwrap", refused)
    with pytest.raises(RootRefusedError):
        key_duties.step(service, NOW)

    assert service.keyring.closed


def test_an_epoch_ends_when_it_is_due_and_orphans_end_with_it(service: Service, clock: Clock) -> None:
    """One day before nothing happens."""
    service.keys.write(lambda keys: mint(keys, service.keyring, ["lead-a"], kind=KeyKind.LEAD, now=NOW))
    clock.now += timedelta(days=6)
    key_duties.step(service, clock.now)
    assert service.keyring.current(Role.EPOCH) == 1
    clock.now += timedelta(days=1)
    key_duties.step(service, clock.now)

    assert service.keyring.current(Role.EPOCH) == 2
    with service.keys.read() as keys:
        assert inventory(keys).data_keys[KeyKind.LEAD] == 0


def test_a_new_generation_has_reached_every_process_when_it_counts_as_settled() -> None:
    """The wait in `governance.vault.index` follows the interval here."""
    assert timedelta(seconds=2 * key_duties.EVERY_SECONDS) == SETTLED_AFTER
