"""The door to openings of personal data: how many people may be opened by whom, and a clear no to more."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from api.context import Service, caller, current
from api.errors import OpeningsSpentError
from governance.openings import Opener, Refused
from governance.scopes import COMMAND_LINE, Allowance, Caller

T = TypeVar("T")


def opener() -> Opener:
    """The caller, with what their key says of openings, and the settings where it says nothing."""
    return _opener(current(), caller())


def at_terminal(service: Service) -> Opener:
    """Whoever sits at the machine: the settings say how many people they may open."""
    return _opener(service, COMMAND_LINE)


def announced(service: Service, announce: Callable[[Session], T | Refused]) -> T:
    """What stands in the trail now, so that opening may follow.

    Raises:
        OpeningsSpentError: more people than the opener may open; nothing is opened.
    """
    told = service.main.write(announce)
    if isinstance(told, Refused):
        raise OpeningsSpentError(told.wait)
    return told


def of_settings(service: Service) -> Allowance:
    """What every key may open that says nothing else."""
    return Allowance(service.settings.openings_an_hour, service.settings.openings_a_day)


def _opener(service: Service, who: Caller) -> Opener:
    return Opener(who.id, who.allowance.otherwise(of_settings(service)))
