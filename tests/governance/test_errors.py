"""Errors are told apart by their codes."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from governance import errors
from governance.errors import FactInvalidError, GovernanceError, IdentityInvalidError
from governance.identity import email


def every(base: type[GovernanceError] = GovernanceError) -> Iterator[type[GovernanceError]]:
    """All error classes of the module, but for the base."""
    for each in base.__subclasses__():
        if each.__module__ == errors.__name__:
            yield each
            yield from every(each)


def test_every_error_has_a_code_of_its_own() -> None:
    """A program that reads codes must know which error it was: none is inherited, none is used twice."""
    own = [each.__dict__.get("code") for each in every()]

    assert [code for code, times in Counter(own).items() if times > 1 or code is None] == []
    assert [code for code in own if not re.fullmatch(r"[a-z]+(_[a-z]+)*", str(code))] == []


@pytest.mark.parametrize("error", [IdentityInvalidError, FactInvalidError])
def test_a_malformed_field_is_named_in_the_message_and_no_more(
    error: type[IdentityInvalidError | FactInvalidError],
) -> None:
    """Messages end in logs; `errors` are for the caller."""
    raised = error({"phone": ["+49 30"], "email": ["jane"]})

    assert str(raised) == "malformed: email, phone"
    assert raised.errors == {"phone": ["+49 30"], "email": ["jane"]}


def test_a_broken_address_is_not_quoted() -> None:
    """Neither in the message, nor for the caller, who knows it."""
    with pytest.raises(IdentityInvalidError) as caught:
        email("jane doe at example")

    assert "jane" not in f"{caught.value} {caught.value.errors}"
