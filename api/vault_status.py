"""What `leadwarden vault status` prints: the keys, and how long an erasure takes to be final."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.background import key_duties
from api.context import Service
from audit.counted import counted
from governance.requests.tables import HoldRow, RequestRow
from governance.vault.horizon import Layout, horizon
from governance.vault.inventory import Inventory, WrappingKey, inventory, oldest_age, wrapping_keys
from governance.vault.tables import KeyKind, Role, State


@dataclass(frozen=True, slots=True)
class Kept:
    """Keys that are kept on purpose after an erasure, and until when; None: nobody has set an end."""

    request_until: datetime | None
    case_until: datetime | None
    endless_cases: int


def described(service: Service) -> list[str]:
    """The lines."""
    now = service.clock()
    with service.keys.read() as keys:
        epochs, held = wrapping_keys(keys, Role.EPOCH), inventory(keys)
    with service.main.read() as session:
        kept = _kept(session)
    return [
        f"root keys: {service.keyring.root.name}",
        f"epoch: {epochs[-1].number}, begun {_day(epochs[-1].created_at)}{_unfinished(epochs)}",
        f"rotation: {_schedule(service.settings.epoch_days)}",
        "data keys: " + ", ".join(f"{number} {kind}" for kind, number in held.data_keys.items()),
        f"erasures: {held.erasures}, of these not yet copied outside: {held.uncopied}",
        *_going(epochs, service.keyring.root.destruction_delay, now),
        f"erasure horizon: {horizon(_layout(service, epochs, now))}",
        "held beyond it until their own ends: " + ", ".join(_held_on_purpose(held, kept)),
    ]


def _layout(service: Service, epochs: tuple[WrappingKey, ...], now: datetime) -> Layout:
    settings = service.settings
    return Layout(
        epoch_length=timedelta(days=settings.epoch_days) if settings.epoch_days else None,
        epoch_age=oldest_age(epochs, now),
        destruction_delay=service.keyring.root.destruction_delay,
        refresh_interval=timedelta(seconds=key_duties.EVERY_SECONDS),
        keys_inside_home=settings.key_dir.is_relative_to(settings.home),
    )


def _kept(session: Session) -> Kept:
    in_force = HoldRow.lifted_at.is_(None)
    return Kept(
        session.scalar(select(func.max(RequestRow.key_until))),
        session.scalar(select(func.max(HoldRow.until)).where(in_force)),
        session.scalar(select(func.count()).where(in_force, HoldRow.until.is_(None))) or 0,
    )


def _held_on_purpose(held: Inventory, kept: Kept) -> list[str]:
    """Request keys die after the look-back, keys of legal holds with the hold."""
    requests, cases = held.data_keys[KeyKind.REQUEST], held.data_keys[KeyKind.CASE]
    dated = [f"the last dated one until {_day(kept.case_until)}"] if kept.case_until else []
    endless = [f"{kept.endless_cases} without an end: unbounded"] if kept.endless_cases else []
    look_back = f" (the last look-back on {_day(kept.request_until)})" if kept.request_until else ""
    ends = f" ({'; '.join([*dated, *endless])})" if dated or endless else ""
    return [f"{requests} request{look_back}", f"{cases} case{ends}"]


def _going(epochs: tuple[WrappingKey, ...], delay: timedelta | None, now: datetime) -> list[str]:
    """Destroyed epoch keys that the provider could still bring back."""
    if not delay:
        return []
    ends = [key.destroyed_at + delay for key in epochs if key.destroyed_at and key.destroyed_at + delay > now]
    return [f"destroyed epoch keys not yet final: {len(ends)}, the last on {_day(max(ends))}"] if ends else []


def _schedule(epoch_days: int) -> str:
    return f"every {counted(epoch_days, 'day')}" if epoch_days else "off"


def _unfinished(epochs: tuple[WrappingKey, ...]) -> str:
    waits = any(key.state in {State.DRAINING, State.EMPTIED} for key in epochs)
    return "; a rotation waits to be finished" if waits else ""


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
