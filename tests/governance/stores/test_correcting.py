"""Which column of a row a correction means, and what a mark holds."""

from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table

from governance.stores.correcting import corrected, restricted
from governance.stores.protocol import Correction
from governance.stores.reading import parse
from governance.stores.records import Record
from governance.stores.schema import Shape
from tests.governance.stores.factories import row


def shape(columns: dict[str, Any], mark: Column[Any] | None = None, **table: Any) -> Shape:
    """A table of people with these columns."""
    mapping = parse(
        {
            "store": "crm",
            "kind": "sql",
            "url": "env:LEADWARDEN_STORE_CRM",
            "tables": {
                "people": {"identity": {"mail": "email"}, "columns": columns, "erase": "delete"} | table
            },
        }
    ).tables["people"]
    key: tuple[Column[Any], ...] = (Column("id", Integer),)
    named = [Column(name, String) for name in ("mail", *columns)]
    return Shape(mapping, Table("people", MetaData(), *key, *named, *([] if mark is None else [mark])), key)


def changes(columns: dict[str, Any], values: dict[str, Any], *corrections: Correction) -> dict[str, Any]:
    """What corrections change in a row of such a table."""
    return corrected(Record(row("people", 1), values), shape(columns), corrections)


@pytest.mark.parametrize("column", ["first_name", "firstName", "First Name", "FIRST-NAME"])
def test_a_column_is_known_by_its_name(column: str) -> None:
    """However it is spelt."""
    assert changes({column: {}}, {column: "Jon"}, Correction("first_name", "John")) == {column: "John"}


def test_a_document_may_say_what_a_column_holds() -> None:
    """And then only that column is meant."""
    columns = {"vn": {"holds": "first_name"}, "first_name": {}}
    values = {"vn": "Jon", "first_name": "x"}
    assert changes(columns, values, Correction("first_name", "John")) == {"vn": "John"}


def test_only_what_says_so_is_corrected_where_it_is_said() -> None:
    """In any case; what is right already is left alone; nothing is a value, too."""
    columns: dict[str, Any] = {"title": {}}
    assert changes(columns, {"title": " DR "}, Correction("title", "Prof", was="Dr")) == {"title": "Prof"}
    assert changes(columns, {"title": "Mr"}, Correction("title", "Prof", was="Dr")) == {}
    assert changes(columns, {"title": "Prof"}, Correction("title", "Prof")) == {}
    assert changes(columns, {"title": "Prof"}, Correction("title", None)) == {"title": None}


def test_an_identifier_is_compared_as_people_mean_it() -> None:
    """And never changed where nobody says what it was."""
    was = {"mail": " Jane@X.example"}
    assert changes({}, was, Correction("email", "j@x.example", was="jane@x.example")) == {
        "mail": "j@x.example"
    }
    assert changes({}, was, Correction("email", "j@x.example")) == {}
    assert changes({}, {"mail": None}, Correction("email", "j@x.example", was="jane@x.example")) == {}


@pytest.mark.parametrize(
    ("kind", "mark", "on", "off"),
    [
        (Boolean(), "flag", True, False),
        (Integer(), {"column": "flag", "on": 2, "off": 1}, 2, 1),
        (String(), "flag", "true", "false"),
        (String(), {"column": "flag", "on": "stop", "off": "go"}, "stop", "go"),
        (Boolean(), {"column": "flag", "on": 0, "off": 1}, False, True),
    ],
)
def test_a_mark_is_written_as_its_column_holds_it(kind: Any, mark: Any, on: Any, off: Any) -> None:
    """Booleans, numbers and words."""
    people = shape({}, Column("flag", kind), restrict=mark)
    unset = Record(row("people", 1), {"flag": None})
    assert restricted(unset, people, on=True) == {"flag": on}
    assert restricted(unset, people, on=False) == {"flag": off}
    assert restricted(Record(row("people", 1), {"flag": on}), people, on=True) == {}
    assert restricted(unset, shape({}), on=True) == {}
