"""Pairs of columns that point anywhere."""

import pytest

from governance.stores.census import ColumnFacts, Family, Link, TableFacts
from governance.stores.pairs import pair_columns, type_named


def log(*columns: str, links: tuple[Link, ...] = (), **row: str) -> TableFacts:
    """A table with such columns, and one row."""
    known = {column: ColumnFacts(column, Family.TEXT, nullable=True) for column in columns}
    return TableFacts("log", known, links, (row,))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (("entity_type", "entity_id"), ["entity_id"]),
        (("entity", "entity_id"), ["entity_id"]),
        (("content_type_id", "object_id"), ["object_id"]),
        (("contact_id", "kind"), []),
        (("id", "type"), []),
    ],
)
def test_which_columns_are_the_id_of_a_pair(columns: tuple[str, ...], expected: list[str]) -> None:
    """By the names that frameworks and people give them."""
    assert expected == list(pair_columns(log(*columns)))


def test_a_foreign_key_is_no_pair() -> None:
    """The schema says where it points."""
    link = Link("entity_id", "contacts", "id", nullable=True)
    assert list(pair_columns(log("entity_type", "entity_id", links=(link,)))) == []


def test_a_pair_points_at_the_table_that_its_type_is_called_like() -> None:
    """Singular or plural, whatever the case."""
    facts = log("entity_type", "entity_id", entity_type="Contact", entity_id="1")
    assert type_named(facts, "entity_id", "contacts") == {"entity_type": "Contact"}
    assert type_named(facts, "entity_id", "deals") is None
    assert type_named(log("ref_id"), "ref_id", "contacts") is None
