"""What a read mapping says of itself."""

from governance.stores.mapping import ColumnErase
from tests.governance.stores.factories import mapped

TABLES = mapped().tables


def test_an_identity_of_which_nothing_is_said_is_emptied() -> None:
    """To leave it would be not to erase."""
    tables = {"people": {"identity": {"email": "email"}, "erase": "redact"}}
    assert mapped(tables=tables).tables["people"].erased_columns()["email"].erase is ColumnErase.NULL


def test_kept_columns_are_not_erased() -> None:
    """They stay as they are, with their reason."""
    assert "total" not in TABLES["orders"].erased_columns()
    assert "note" in TABLES["orders"].erased_columns()


def test_which_tables_lead_to_a_parent() -> None:
    """An order's own copy of an address does not, a contact point does."""
    assert TABLES["contact_points"].climbs
    assert not TABLES["orders"].climbs
    assert not TABLES["activities"].climbs


def test_every_column_named_is_known() -> None:
    """Of identities, conditions, links and columns."""
    assert TABLES["contact_points"].named_columns() == ("value", "contact_id", "type")
    assert TABLES["history"].named_columns() == ("entity_id", "entity")


def test_contact_columns_name_the_person() -> None:
    """Those of that category, and identities."""
    assert TABLES["contacts"].contact_columns() == ("first_name", "last_name", "email", "phone")


def test_what_goes_and_what_stays() -> None:
    """Delete and cascade go; keep stays."""
    assert {name for name, table in TABLES.items() if table.deletes} == {
        "contacts",
        "contact_points",
        "activities",
        "comments",
        "history",
    }
    assert [name for name, table in TABLES.items() if table.keeps] == ["consents_log"]
