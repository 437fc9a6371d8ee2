"""A campaign list, split: no row is lost, none is in two lists, and nothing but a yes is allowed."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.campaigns import ADDED, LISTS, Reference, Split, list_of, reference_of, split
from api.errors import CampaignError
from consent.batch import MOST_A_CHUNK

YES = {"effect": "allow", "reasons": ["CONSENT_VALID"], "decision_id": "d"}
NO = {"effect": "deny", "reasons": ["UNSUBSCRIBED", "CONSENT_MISSING"], "obligations": ["a", "b"]}
NOBODY = {"effect": "deny", "reasons": ["LEAD_UNKNOWN"]}
UNREAD = {"effect": "deny", "code": "identity_invalid"}
ANSWERS = (YES, NO, NOBODY, UNREAD)


def answered(text: str, target: Path, answers: Iterable[dict[str, Any]]) -> tuple[Split, list[Reference]]:
    """The list of `text`, split by these answers in order; and who was asked about."""
    given_out = iter(answers)
    asked: list[Reference] = []

    def ask(chunk: Sequence[Reference]) -> list[dict[str, Any]]:
        assert 0 < len(chunk) <= MOST_A_CHUNK
        asked.extend(chunk)
        return [next(given_out) for _ in chunk]

    progress = [Split(), *split(io.StringIO(text), target, ask)]
    return progress[-1], asked


def rows_of(target: Path, name: str) -> list[dict[str, str]]:
    """The rows of one list."""
    with target.with_name(f"{target.name}.{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_answer_has_its_list() -> None:
    """Only `allow` allows: an answer without a word of it does not."""
    assert [list_of(answer) for answer in ANSWERS] == ["allowed", "denied", "unknown", "unknown"]
    assert {list_of({}), list_of({"effect": None}), list_of({"effect": "Allow"})} == {"denied"}


@given(which=st.lists(st.integers(0, 3), max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_every_row_is_in_exactly_one_list_in_its_order(tmp_path: Path, which: list[int]) -> None:
    """Whatever the answers are."""
    target = tmp_path / "list"
    text = "email\n" + "".join(f"p{number}@example.com\n" for number in range(len(which)))
    done, asked = answered(text, target, (ANSWERS[each] for each in which))
    wanted = {
        name: [f"p{n}@example.com" for n, w in enumerate(which) if list_of(ANSWERS[w]) == name]
        for name in LISTS
    }

    assert [each["email"] for each in asked] == [f"p{n}@example.com" for n in range(len(which))]
    if which:
        assert {name: [row["email"] for row in rows_of(target, name)] for name in LISTS} == wanted
        assert dict(done.counts) == {name: len(rows) for name, rows in wanted.items() if rows}
        assert done.reasons.total() == len(wanted["denied"])


def test_a_row_keeps_its_columns_and_is_told_why(tmp_path: Path) -> None:
    """In the order of the file, with what the sender must know behind them."""
    answered('name,email,note\nJane,jane@example.com,"a, b"\n', tmp_path / "list", [NO])
    [row] = rows_of(tmp_path / "list", "denied")

    assert list(row) == ["name", "email", "note", *ADDED]
    assert (row["note"], row["reasons"], row["obligations"]) == (
        "a, b",
        "UNSUBSCRIBED CONSENT_MISSING",
        "a b",
    )


def test_a_list_that_was_split_before_can_be_split_again(tmp_path: Path) -> None:
    """Its columns of then are written anew, not doubled."""
    answered("email,reasons\njane@example.com,OLD\n", tmp_path / "list", [NO])
    [row] = rows_of(tmp_path / "list", "denied")

    assert row["reasons"] == "UNSUBSCRIBED CONSENT_MISSING"
    assert len(row) == 1 + len(ADDED)


@pytest.mark.parametrize(
    ("row", "reference"),
    [
        ({"lead_id": "a", "email": "b@example.com"}, {"lead_id": "a"}),
        ({"lead_id": " ", "email": " b@example.com "}, {"email": "b@example.com"}),
        (
            {"email": "", "external_id": "7", "external_system": "crm"},
            {"external": {"system": "crm", "id": "7"}},
        ),
        ({"external_id": "7", "phone": "+49 151 1"}, {"phone": "+49 151 1"}),
        ({"external_id": "7"}, {}),
        ({"name": "Jane"}, {}),
    ],
)
def test_the_first_that_is_filled_says_who_it_is(row: dict[str, str], reference: Reference) -> None:
    """An external id without its system says nothing."""
    assert reference_of(row) == reference


def test_cells_beyond_the_header_are_nobodys(tmp_path: Path) -> None:
    """Also where a column has the name that they might be kept under; a short row is filled up."""
    _, asked = answered("more,email\nx,a@example.com,surplus\ny\n", tmp_path / "list", [NO, UNREAD])

    assert [row["more"] for name in ("denied", "unknown") for row in rows_of(tmp_path / "list", name)] == [
        "x",
        "y",
    ]
    assert asked == [{"email": "a@example.com"}, {}]


def test_only_the_owner_can_read_the_lists(tmp_path: Path) -> None:
    """Also those that lay there before, for all to read."""
    lists = [tmp_path / f"list.{name}.csv" for name in LISTS]
    lists[0].write_text("old")
    lists[0].chmod(0o644)
    answered("email\na@example.com\n", tmp_path / "list", [YES])

    assert [path.stat().st_mode & 0o777 for path in lists] == [0o600] * 3
    assert "old" not in lists[0].read_text()


@pytest.mark.parametrize("text", ["", "\n", "name,city\nJane,Berlin\n", "email;name\na@example.com;A\n"])
def test_a_file_that_says_of_nobody_is_refused(tmp_path: Path, text: str) -> None:
    """Before a list is written; the message names the columns, not what stands there."""
    with pytest.raises(CampaignError, match="lead_id, email, external_id, phone") as caught:
        answered(text, tmp_path / "list", [])

    assert "Berlin" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "row", [b"J\xfcrgen@example.com\n", b'"' + b"x" * 17_000_000 + b'"\n'], ids=["encoding", "endless"]
)
def test_a_file_in_another_encoding_is_refused_without_its_words(tmp_path: Path, row: bytes) -> None:
    """A traceback would show what stands there."""
    source = io.TextIOWrapper(io.BytesIO(b"email\n" + row), encoding="utf-8", newline="")
    with pytest.raises(CampaignError) as caught:
        list(split(source, tmp_path / "list", lambda chunk: [NO] * len(chunk)))

    assert str(caught.value) == "the file is not CSV in UTF-8"
    assert caught.value.__suppress_context__


def test_an_answer_too_few_is_an_error(tmp_path: Path) -> None:
    """No row may go without its own answer."""
    with pytest.raises(ValueError, match="shorter"):
        list(split(io.StringIO("email\na@b.example\nc@d.example\n"), tmp_path / "list", lambda _: [YES]))
