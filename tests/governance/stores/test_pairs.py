"""Pairs of columns that point anywhere."""

import pytest

from governance.stores.census import ColumnFacts, Family, Link, TableFacts
from governance.stores.pairs import model_row, pair_columns, type_named


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


def test_a_table_of_types_tells_the_key_of_each_table() -> None:
    """As Django has one: `contact` of the application `crm` is `crm_contact`."""
    columns = {
        "id": ColumnFacts("id", Family.NUMBER, nullable=False, is_key=True),
        "app_label": ColumnFacts("app_label", Family.TEXT, nullable=True),
        "model": ColumnFacts("model", Family.TEXT, nullable=True),
    }
    rows = ({"id": 3, "app_label": "crm", "model": "contact"}, {"id": 4, "app_label": "hr", "model": "deal"})
    types = TableFacts("django_content_type", columns, rows=rows)
    assert [model_row(types, name) for name in ("crm_contact", "contacts", "hr_deal")] == [3, 3, 4]
    assert model_row(types, "crm_deal") is None
    assert model_row(TableFacts("t", {"id": columns["id"]}), "t") is None
    assert model_row(TableFacts("t", {}), "t") is None
