"""The door to openings of personal data: how many people the caller may open, and 429 for more."""

from http import HTTPStatus
from math import ceil

from api.context import Service, caller, current
from api.problems import Problem
from governance.openings import Opener, Refused
from governance.scopes import Allowance


def opener() -> Opener:
    """The caller, with what their key says of openings, and the settings where it says nothing."""
    who = caller()
    return Opener(who.id, who.allowance.otherwise(of_settings(current())))


def of_settings(service: Service) -> Allowance:
    """What every key may open that says nothing else."""
    return Allowance(service.settings.openings_an_hour, service.settings.openings_a_day)


def too_many(refused: Refused) -> Problem:
    """A 429 to raise, with the seconds after which there is room again."""
    return Problem(
        429,
        "too_many_openings",
        HTTPStatus(429).phrase,
        "This key has opened as many people as it may for now.",
        headers={"Retry-After": str(max(1, ceil(refused.wait.total_seconds())))},
    )
