"""`api.rotation`: whole rotations over a service, on schedule, interrupted, and told to the trail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from api import rotation
from api.context import Service
from api.settings import Settings
from api.startup import open_service
from audit.actions import Action
from audit.tables import PendingRow
from governance.errors import RotationStateError
from governance.vault import rotation as steps
from governance.vault.inventory import wrapping_keys
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import prepare_wrapping_key
from governance.vault.keys import load, mint
from governance.vault.tables import KeyKind, Role, State
from tests.conftest import NOW, Clock

OWNERS = [f"lead-{number}" for number in range(5)]


def epochs(service: Service) -> list[tuple[int, State]]:
    """Numbers and states of the epochs."""
    with service.keys.read() as keys:
        return [(key.number, key.state) for key in wrapping_keys(keys, Role.EPOCH)]


def key_files(service: Service) -> int:
    """How many keys the provider holds."""
    return len(list(service.settings.key_dir.iterdir()))


def begun(service: Service, role: Role = Role.EPOCH) -> int:
    """A rotation that was killed right after its beginning."""
    new = prepare_wrapping_key(service.keyring.root, role)
    return service.keys.write(lambda keys: steps.begin(keys, new, now=NOW))


@pytest.mark.parametrize("role", Role)
def test_a_rotation_leaves_one_key_a_role_at_the_provider(service: Service, role: Role) -> None:
    """And everything that was wrapped still opens."""
    minted = service.keys.write(lambda keys: mint(keys, service.keyring, OWNERS, kind=KeyKind.LEAD, now=NOW))
    heard: list[tuple[int, int]] = []
    moved = rotation.rotate(service, role, "tester", lambda done, total: heard.append((done, total)))

    assert key_files(service) == len(Role)
    assert service.keyring.current(role) == 2
    assert moved == (len(OWNERS) if role is Role.EPOCH else 0)
    # Five people's keys, and three index keys: of look-up, suppression and links.
    assert heard == ([(5, 8)] if role is Role.EPOCH else [])
    with service.keys.read() as keys:
        assert load(keys, service.keyring, OWNERS) == minted


def test_intent_and_outcome_are_told_to_the_trail(service: Service) -> None:
    """The key store is another database: the trail frames what happens there."""
    rotation.rotate(service, Role.EPOCH, "tester")
    with service.main.read() as session:
        rows = session.execute(
            select(PendingRow.actor, PendingRow.body).where(PendingRow.action == Action.VAULT_ROTATED)
        ).all()

    assert [row.actor for row in rows] == ["tester", "tester"]
    assert [b'"step":"begun"' in row.body for row in rows] == [True, False]
    assert b'"step":"destroyed"' in rows[1].body


def test_what_was_begun_is_finished_before_anything_new_begins(service: Service) -> None:
    """Killed after its beginning, the same rotation goes on."""
    begun(service)

    assert rotation.is_due(service, NOW)
    rotation.rotate(service, Role.EPOCH, "tester")
    assert epochs(service) == [(1, State.DESTROYED), (2, State.CURRENT)]
    assert not rotation.is_due(service, NOW)


def test_a_root_rotation_that_was_killed_goes_on(service: Service, settings: Settings, clock: Clock) -> None:
    """Both signing keys sign as before, from the next start too."""
    begun(service, Role.ROOT)
    between = open_service(settings, clock)
    rotation.rotate(service, Role.ROOT, "tester")
    after = open_service(settings, clock)
    kids = {each.receipt_signer.kid for each in (service, between, after)}
    between.close()
    after.close()

    with service.keys.read() as keys:
        held = [(key.number, key.state) for key in wrapping_keys(keys, Role.ROOT)]
    assert held == [(1, State.DESTROYED), (2, State.CURRENT)]
    assert (len(kids), key_files(service)) == (1, len(Role))


def test_a_key_that_was_given_up_is_destroyed_at_the_next_call(service: Service) -> None:
    """Killed between emptying and destroying."""
    number = begun(service)
    rotation.refresh(service)
    service.keys.write(lambda keys: steps.rewrap_few(keys, service.keyring, Role.EPOCH, number))
    service.keys.write(lambda keys: steps.empty(keys, Role.EPOCH, number))

    assert rotation.is_due(service, NOW)
    rotation.rotate(service, Role.EPOCH, "tester")
    assert epochs(service) == [(1, State.DESTROYED), (2, State.CURRENT)]
    assert key_files(service) == len(Role)


class Overtaken(KeyDirectory):
    """A provider so slow that another process begins its rotation meanwhile."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.settings.key_dir)
        self._service = service

    def create(self, key_name: str) -> None:
        """Once."""
        self._service.keyring.root = KeyDirectory(self.path)
        begun(self._service)
        super().create(key_name)


def test_the_loser_of_a_race_leaves_no_key_behind(service: Service) -> None:
    """The key that it had prepared is destroyed again."""
    service.keyring.root = Overtaken(service)

    with pytest.raises(RotationStateError):
        rotation.rotate(service, Role.EPOCH, "tester")
    assert key_files(service) == len(Role) + 1


def test_an_epoch_is_due_when_it_has_reached_its_length(service: Service, clock: Clock) -> None:
    """Seven days, unless set otherwise."""
    assert not rotation.is_due(service, clock.now + timedelta(days=7, microseconds=-1))
    assert rotation.is_due(service, clock.now + timedelta(days=7))
