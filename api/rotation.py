"""A whole rotation over the key store: the steps of `governance.vault.rotation`, each committed by itself.

Killed anywhere, it is simply called again: what was begun is finished before anything new begins.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from api.context import Service
from audit.actions import Action
from audit.log import append
from governance.errors import RootKeyMissingError, RotationStateError
from governance.vault import rotation
from governance.vault.inventory import wrapping_keys
from governance.vault.keyring import prepare_wrapping_key
from governance.vault.tables import Role, State

PAUSE_SECONDS = 0.02  # between chunks, so that another process's writer gets its turn
Told = Callable[[int, int], None]


def is_due(service: Service, now: datetime) -> bool:
    """Whether an epoch has reached its length, or an earlier rotation was left unfinished."""
    with service.keys.read() as keys:
        held = [key for key in wrapping_keys(keys, Role.EPOCH) if key.state is not State.DESTROYED]
    length = timedelta(days=service.settings.epoch_days)
    unfinished = any(key.state is not State.CURRENT for key in held)
    return unfinished or (bool(length) and min(key.created_at for key in held) <= now - length)


def rotate(service: Service, role: Role, actor: str, told: Told = lambda _done, _total: None) -> int:
    """Re-wraps everything of a role under a new key and destroys the old one; how many data keys moved.

    `told` hears after each chunk how many of how many are done.

    Raises:
        RotationStateError: another process rotates the same role right now.
    """
    with service.keys.read() as keys:
        number = rotation.draining(keys, role)
        given_up = rotation.to_destroy(keys, role)
    moved = 0
    if number is None and not given_up:
        number = _begin(service, role, actor)
    if number is not None:
        moved = _move(service, role, number, told)
        service.keys.write(lambda keys: rotation.empty(keys, role, number))
    _destroy(service, role, actor)
    return moved


def refresh(service: Service) -> None:
    """Lets this process's keyring follow what is committed."""
    with service.keys.read() as keys:
        service.keyring.refresh(keys)


def confirm(service: Service) -> None:
    """The same, asking the provider for every key: what it refuses is held no longer.

    Asked twice, for a rotation elsewhere may destroy a key between our look at its row and at the provider.

    Raises:
        VaultError: see `Keyring.confirm`.
    """
    try:
        _confirm(service)
    except RootKeyMissingError:
        _confirm(service)


def _confirm(service: Service) -> None:
    with service.keys.read() as keys:
        service.keyring.confirm(keys)


def _begin(service: Service, role: Role, actor: str) -> int:
    now = service.clock()
    new = prepare_wrapping_key(service.keyring.root, role)
    try:
        number = service.keys.write(lambda keys: rotation.begin(keys, new, now=now))
    except (RotationStateError, IntegrityError) as error:
        service.keyring.root.destroy(new.provider_key)
        raise RotationStateError("another process rotates right now") from error
    _log(service, role, actor, {"step": "begun", "number": number})
    refresh(service)
    return number


def _move(service: Service, role: Role, number: int, told: Told) -> int:
    with service.keys.read() as keys:
        total = rotation.count_under(keys, role, number)
    refresh(service)
    service.keys.write(lambda keys: rotation.rewrap_few(keys, service.keyring, role, number))
    done, after = 0, "" if role is Role.EPOCH else None
    while after is not None:
        done, after = _move_chunk(service, number, done, after)
        told(done, total)
        time.sleep(PAUSE_SECONDS)
    return done


def _move_chunk(service: Service, number: int, done: int, after: str) -> tuple[int, str | None]:
    moved, next_after = service.keys.write(
        lambda keys: rotation.rewrap_data_keys(keys, service.keyring, number, after=after)
    )
    return done + moved, next_after


def _destroy(service: Service, role: Role, actor: str) -> None:
    with service.keys.read() as keys:
        given_up = rotation.to_destroy(keys, role)
    for number, provider_key in given_up:
        _destroy_one(service, role, number, provider_key)
        _log(service, role, actor, {"step": "destroyed", "number": number})
    refresh(service)
    service.keys.scrub()


def _destroy_one(service: Service, role: Role, number: int, provider_key: str) -> None:
    service.keyring.root.destroy(provider_key)
    now = service.clock()
    service.keys.write(lambda keys: rotation.record_destroyed(keys, role, number, now=now))


def _log(service: Service, role: Role, actor: str, facts: dict[str, str | int]) -> None:
    now = service.clock()
    service.main.write(
        lambda session: append(
            session, Action.VAULT_ROTATED, actor=actor, now=now, facts={"role": role.value, **facts}
        )
    )
