"""Rows leave a store in a form that JSON can carry, exactly."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from governance.stores.exporting import as_json
from tests.governance.stores.factories import crm, email


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("text", "text"),
        (0.1, "0.1"),
        (Decimal("10.50"), "10.50"),
        (b"\x01\xff", "01ff"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24, 10, 0, tzinfo=UTC), "2026-11-24T10:00:00+00:00"),
        ({"a": [1, date(2026, 1, 2)]}, {"a": [1, "2026-01-02"]}),
    ],
)
def test_values_as_json(value: Any, expected: object) -> None:
    """No floats, for they are not exact; times and ids as text."""
    assert as_json(value) == expected


def test_parents_come_before_their_children(sqlite_url: str) -> None:
    """And each table's rows together."""
    store = crm(sqlite_url)
    tables = [one.table for one in store.export(store.find([email("jane.doe@acme.example")]))]
    assert list(dict.fromkeys(tables)) == sorted(set(tables), key=tables.index)
    assert tables.index("contacts") < tables.index("activities") < tables.index("comments")
    store.close()
