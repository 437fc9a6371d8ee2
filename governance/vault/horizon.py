"""The erasure horizon: how long after an erasure an older backup could still give the person back. Pure.

A backup of main database and key store opens as long as the epoch key does under which the erased person's
key was wrapped: until the epoch ends and is rotated, the provider's delay of destruction is over, and every
process has dropped the key from memory. Four layouts give no bound at all.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

OVERDUE_AFTER = timedelta(hours=1)  # a rotation may start late and take its time


class Unbounded(StrEnum):
    """Why there is no horizon."""

    ROTATION_OFF = "rotation_off"
    ROTATION_OVERDUE = "rotation_overdue"
    KEY_DIRECTORY_INSIDE_HOME = "key_directory_inside_home"
    SNAPSHOTS_UNKNOWN = "snapshots_unknown"


EXPLANATIONS = {
    Unbounded.ROTATION_OFF: "rotation is off: no epoch key is ever destroyed",
    Unbounded.ROTATION_OVERDUE: "the oldest epoch key is past its time: run `leadwarden vault rotate`",
    Unbounded.KEY_DIRECTORY_INSIDE_HOME: (
        "the key directory lies inside the home: a backup of the home holds the keys to itself"
    ),
    Unbounded.SNAPSHOTS_UNKNOWN: (
        "snapshots of the key provider bring a deleted key back, and nobody said how long they are kept:"
        " add ?snapshots=DAYS to LEADWARDEN_KMS"
    ),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What the horizon follows from.

    Attributes:
        epoch_length: How long an epoch lasts by the schedule; None where rotation is off.
        epoch_age: The age of the oldest epoch key that is not destroyed.
        destruction_delay: The provider's (0 for a key directory); None where nobody knows it.
        refresh_interval: How long a process may hold a destroyed epoch key in memory.
        keys_inside_home: Whether the provider's keys lie in the directory that is backed up.
    """

    epoch_length: timedelta | None
    epoch_age: timedelta
    destruction_delay: timedelta | None
    refresh_interval: timedelta
    keys_inside_home: bool


@dataclass(frozen=True, slots=True)
class Horizon:
    """The longest time from an erasure to its being final in all older backups; None with the reasons why."""

    length: timedelta | None
    because: tuple[Unbounded, ...] = ()

    def __str__(self) -> str:
        if self.length is None:
            return f"unbounded ({'; '.join(EXPLANATIONS[reason] for reason in self.because)})"
        hours, minutes = divmod(self.length.seconds // 60, 60)
        return f"{self.length.days} d {hours} h {minutes} min"


def horizon(layout: Layout) -> Horizon:
    """The bound of a layout: epoch length, destruction delay and memory, added up."""
    because = _unbounded(layout)
    if because or layout.epoch_length is None or layout.destruction_delay is None:
        return Horizon(None, because)
    late = max(layout.epoch_length, layout.epoch_age)
    return Horizon(late + layout.destruction_delay + layout.refresh_interval)


def _unbounded(layout: Layout) -> tuple[Unbounded, ...]:
    length = layout.epoch_length
    found = {
        Unbounded.ROTATION_OFF: length is None,
        Unbounded.ROTATION_OVERDUE: length is not None and layout.epoch_age > length + OVERDUE_AFTER,
        Unbounded.KEY_DIRECTORY_INSIDE_HOME: layout.keys_inside_home,
        Unbounded.SNAPSHOTS_UNKNOWN: layout.destruction_delay is None,
    }
    return tuple(reason for reason, holds in found.items() if holds)
