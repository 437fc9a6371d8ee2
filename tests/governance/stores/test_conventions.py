"""Links are supposed from names, where values do not speak against them."""

from typing import Any

import pytest

from governance.stores.census import SAMPLE, ColumnFacts, Family, Link, TableFacts
from governance.stores.conventions import with_conventions


def table(name: str, *columns: str, family: Family = Family.NUMBER, rows: Any = ()) -> TableFacts:
    """A table whose first column is its key."""
    held = {
        one: ColumnFacts(one, family, nullable=place > 0, is_key=place == 0)
        for place, one in enumerate(columns)
    }
    return TableFacts(name, held, rows=tuple(dict(zip(columns, row, strict=True)) for row in rows))


def links(*tables: TableFacts) -> dict[str, list[tuple[str, str]]]:
    """The supposed links of tables: column and target."""
    found = with_conventions({one.name: one for one in tables})
    return {
        name: [(link.column, link.table) for link in facts.links if link.supposed]
        for name, facts in found.items()
        if facts.links
    }


@pytest.mark.parametrize("column", ["contact_id", "contactId", "ContactID", "contact_fk", "fk_contact_id"])
@pytest.mark.parametrize("target", ["contacts", "contact", "Contact", "crm_contact", "sales.contacts"])
def test_a_column_called_after_a_table_points_at_it(column: str, target: str) -> None:
    """However both are spelt."""
    assert links(table(target, "id"), table("calls", "id", column)) == {"calls": [(column, target)]}


def test_the_one_that_is_called_exactly_so_is_meant() -> None:
    """Of two that end so, none."""
    three = (table("contact", "id"), table("old_contact", "id"), table("calls", "id", "contact_id"))
    assert links(*three) == {"calls": [("contact_id", "contact")]}
    two = (table("new_contact", "id"), table("old_contact", "id"), table("calls", "id", "contact_id"))
    assert links(*two) == {}


def test_values_may_speak_against_it() -> None:
    """Where all of the other table was looked at; of a longer one the rest may hold them."""
    calls = table("calls", "id", "contact_id", rows=[(1, 7)])
    assert links(table("contacts", "id", rows=[(7,), (8,)]), calls) == {"calls": [("contact_id", "contacts")]}
    assert links(table("contacts", "id", rows=[(8,)]), calls) == {}
    longer = table("contacts", "id", rows=[(n,) for n in range(100, 100 + SAMPLE)])
    assert links(longer, calls) == {"calls": [("contact_id", "contacts")]}


def test_what_can_not_be_a_link_is_none() -> None:
    """Of another family, at several columns of a key, or one that the database says itself."""
    assert links(table("contacts", "id"), table("calls", "id", "contact_id", family=Family.TEXT)) == {}
    pair = TableFacts(
        "contacts", {n: ColumnFacts(n, Family.NUMBER, nullable=False, is_key=True) for n in "ab"}
    )
    assert links(pair, table("calls", "id", "contact_id")) == {}
    real = table("calls", "id", "contact_id")
    linked = TableFacts("calls", real.columns, (Link("contact_id", "people", "id", nullable=True),))
    assert links(table("contacts", "id"), linked) == {"calls": []}


def test_plurals_are_understood() -> None:
    """`company_id` is of `companies`."""
    assert links(table("companies", "id"), table("deals", "id", "company_id")) == {
        "deals": [("company_id", "companies")]
    }
