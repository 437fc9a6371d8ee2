"""The doors' errors, and that each which can reach a caller has its status."""

import re
from collections.abc import Iterator

import pytest

import api.errors
import audit.errors
import consent.errors
import governance.errors
import governance.stores.errors
from api.errors import ApiError, DatabaseUnavailableError
from api.problems import STATUS

ON_THE_COMMAND_LINE = {"settings_invalid", "home_in_use", "running_service", "campaign_unreadable"}
IN_THE_BACKGROUND = {"delivery_failed"}  # stands in the message's row


def every(base: type[Exception]) -> Iterator[type[Exception]]:
    """An error and all that derive from it in the modules of errors."""
    for each in base.__subclasses__():
        if each.__module__.endswith("errors"):
            yield each
            yield from every(each)


def test_every_error_has_a_code_that_programs_can_read() -> None:
    """Small words and underscores, never a message."""
    codes = [str(vars(each).get("code")) for each in every(ApiError)]

    assert [code for code in codes if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []
    assert {"settings_invalid", "unavailable"} <= set(codes)


def test_an_outage_is_an_outage_in_every_form() -> None:
    """What derives from it is 503 without being listed."""
    assert [each for each in every(DatabaseUnavailableError) if not issubclass(each, ApiError)] == []
    assert STATUS[DatabaseUnavailableError] == 503


@pytest.mark.parametrize(
    "module", [audit.errors, consent.errors, governance.errors, governance.stores.errors, api.errors]
)
def test_no_status_is_given_to_an_error_that_is_gone(module: object) -> None:
    """The table names only classes that the modules still have."""
    name = getattr(module, "__name__", "")
    listed = {each for each in STATUS if each.__module__ == name}

    assert {each for each in listed if vars(module).get(each.__name__) is not each} == set()


def test_errors_of_the_doors_go_where_they_are_meant_to() -> None:
    """Or stay in the background: one that is none of these is 500 by mistake."""
    handled = {each for each in every(ApiError) if any(kind in STATUS for kind in each.__mro__)}
    rest = {str(vars(each)["code"]) for each in every(ApiError) if each not in handled}

    assert rest == ON_THE_COMMAND_LINE | IN_THE_BACKGROUND
