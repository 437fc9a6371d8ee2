"""The closed words fit where they are kept, and none means two things."""

from enum import StrEnum

import pytest
from sqlalchemy import String

from governance.requests.tables import ProofRow, RequestRow, StepRow
from governance.requests.vocabulary import (
    Action,
    Ground,
    Method,
    Regime,
    RequestType,
    Status,
    StepError,
    StepStatus,
    Submitter,
)
from governance.stores.errors import StoreCode

COLUMNS: list[tuple[type[StrEnum], type[ProofRow | RequestRow | StepRow], str]] = [
    (RequestType, RequestRow, "type"),
    (Regime, RequestRow, "regime"),
    (Status, RequestRow, "status"),
    (Ground, RequestRow, "reason"),
    (Submitter, RequestRow, "submitted_by"),
    (Method, ProofRow, "method"),
    (Action, StepRow, "action"),
    (StepStatus, StepRow, "status"),
    (StepError, StepRow, "last_error"),
    (StoreCode, StepRow, "last_error"),
]


@pytest.mark.parametrize(("words", "row", "column"), COLUMNS)
def test_every_word_fits_its_column(
    words: type[StrEnum], row: type[ProofRow | RequestRow | StepRow], column: str
) -> None:
    """SQLite would keep a longer one; PostgreSQL refuses it, in the middle of an erasure."""
    kind = row.__table__.c[column].type
    assert isinstance(kind, String)
    assert kind.length is not None

    assert [word for word in words if len(word) > kind.length] == []


def test_an_error_of_a_step_says_whose_it_is() -> None:
    """`last_error` holds the words of the service and those of the stores: none is both."""
    assert {word.value for word in StepError} & {word.value for word in StoreCode} == set()


def test_no_two_statuses_of_a_request_and_a_step_are_mixed_up() -> None:
    """A program that reads `completed` reads a request, one that reads `succeeded` a step."""
    assert {word.value for word in Status} & {word.value for word in StepStatus} == set()
