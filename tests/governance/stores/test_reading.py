"""A store document is read whole, or refused with every place that is wrong."""

from typing import Any

import pytest

from consent.vocabulary import IdentifierKind
from governance.stores.errors import DocumentError
from governance.stores.mapping import ColumnErase, Condition, StoreKind, TableErase
from governance.stores.reading import parse
from tests.governance.stores.factories import document


def errors_of(**changes: Any) -> dict[str, list[str]]:
    """What is said against the small CRM's document with `changes`."""
    with pytest.raises(DocumentError) as refused:
        parse(document(**changes))
    return refused.value.errors


def test_the_contracts_example_is_read() -> None:
    """Key-value identities, conditions, every way to erase a column, links by convention."""
    read = parse(document())
    assert (read.kind, read.store, read.active) == (StoreKind.SQL, "crm", True)
    points = read.tables["contact_points"]
    assert [one.kind for one in points.identity] == [IdentifierKind.EMAIL, IdentifierKind.PHONE]
    assert points.identity[0].when == (Condition("type", "email"),)
    orders = read.tables["orders"]
    assert orders.erase is TableErase.REDACT
    assert {name: column.erase for name, column in orders.columns.items()} == {
        "contact_id": ColumnErase.NULL,
        "buyer": ColumnErase.SET,
        "buyer_email": ColumnErase.SET,
        "note": ColumnErase.REDACT,
        "meta": ColumnErase.REDACT,
        "total": ColumnErase.KEEP,
    }
    assert orders.identity[0].of_row
    assert read.tables["history"].parents[0].when == (Condition("entity", "contact"),)
    assert read.recipient is not None
    assert read.recipient.country == "DE"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"store": "Not A Key"}, "store"),
        ({"store": None}, "store"),
        ({"kind": "carrier pigeon"}, "kind"),
        ({"kind": "file", "tables": {"../a.csv": {"erase": "delete"}}}, "tables.../a.csv"),
        ({"kind": "file", "old_versions": "forget"}, "old_versions"),
        (
            {"tables": {"t": {"erase": "delete", "restrict": {"column": "x", "on": 1, "off": 1}}}},
            "tables.t.restrict",
        ),
        ({"tables": {"t": {"erase": "delete", "restrict": {}}}}, "tables.t.restrict.column"),
        ({"tables": {"a.csv": {"erase": "delete", "format": "xlsx"}}}, "tables.a.csv.format.kind"),
        ({"url": "postgresql://user:secret@host/db"}, "url"),
        ({"url": "env:HOME"}, "url"),
        ({"url": None}, "url"),
        ({"active": "yes"}, "active"),
        ({"purposes": ["world_domination"]}, "purposes"),
        ({"purposes": "research"}, "purposes"),
        ({"recipient": {"name": "X"}}, "recipient.role"),
        ({"undecided": "all"}, "undecided"),
        ({"tables": []}, "tables"),
        ({"colour": "red"}, "colour"),
        ({"tables": {"t": {}}}, "tables.t.erase"),
        ({"tables": {"t": {"erase": "delete", "identity": {"c": "face"}}}}, "tables.t.identity.c.kind"),
        (
            {"tables": {"t": {"erase": "delete", "identity": {"c": {"kind": "email", "when": {"x": []}}}}}},
            "tables.t.identity.c.when.x",
        ),
        (
            {"tables": {"t": {"erase": "delete", "identity": {"c": {"kind": "email", "stands_for": "x"}}}}},
            "tables.t.identity.c.stands_for",
        ),
        ({"tables": {"t": {"erase": "delete", "belongs_to": {"c": "nowhere"}}}}, "tables.t.belongs_to.c"),
        ({"tables": {"t": {"erase": "delete", "belongs_to": {"c": 5}}}}, "tables.t.belongs_to.c"),
        (
            {"tables": {"t": {"erase": "redact", "columns": {"c": {"erase": "burn"}}}}},
            "tables.t.columns.c.erase",
        ),
        (
            {"tables": {"t": {"erase": "redact", "columns": {"c": {"erase": "set"}}}}},
            "tables.t.columns.c.erase",
        ),
        (
            {"tables": {"t": {"erase": "redact", "columns": {"c": {"erase": {"set": []}}}}}},
            "tables.t.columns.c.erase",
        ),
        (
            {"tables": {"t": {"erase": "redact", "columns": {"c": {"category": "x"}}}}},
            "tables.t.columns.c.category",
        ),
    ],
)
def test_each_fault_is_named_by_its_place(changes: dict[str, Any], place: str) -> None:
    """Unknown fields, words and shapes; the value itself is not repeated."""
    errors = errors_of(**changes)
    assert any(found.startswith(place) for found in errors)
    assert "secret" not in str(errors)


def test_all_faults_are_named_at_once() -> None:
    """One answer is enough to mend a document."""
    assert {"kind", "url"} <= set(errors_of(kind="x", url="y"))


@pytest.mark.parametrize("value", [None, [], "text", {1: 2}])
def test_what_is_no_map_is_refused(value: object) -> None:
    """Whatever the parser of YAML makes of a text."""
    with pytest.raises(DocumentError):
        parse(value)


def test_a_list_of_parents_and_undecided_maps_are_read() -> None:
    """One column may point at several tables; an undecided item may say why."""
    tables = {
        "log": {
            "erase": "cascade",
            "belongs_to": {"ref": ["contacts.id", {"to": "leads.id", "when": {"k": 1}}]},
        }
    }
    read = parse(document(tables=tables, undecided=[{"column": "log.x", "why": "?"}, "log.y"]))
    assert [("contacts", ()), ("leads", (Condition("k", "1"),))] == [
        (one.table, one.when) for one in read.tables["log"].parents
    ]
    assert read.undecided == ("log.x", "log.y")
