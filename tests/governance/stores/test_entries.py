"""The entry of one table of a proposal."""

from governance.stores.census import ColumnFacts, Family, TableFacts
from governance.stores.entries import draw_entry, draw_shared
from governance.stores.sorting import sort_tables
from tests.governance.stores.test_sorting import table


def test_a_deleted_row_needs_categories_only() -> None:
    """For the export; nothing is said of what becomes of its columns."""
    lead = sort_tables({"lead": table("lead", "last_name", "email", "notes")})["lead"]
    assert draw_entry(lead, "delete") == {
        "identity": {"email": "email"},
        "columns": {
            "last_name": {"category": "contact_details"},
            "email": {"category": "contact_details"},
            "notes": {"category": "free_text"},
        },
        "erase": "delete",
        "sure": "low",
    }


def test_what_a_redacted_column_becomes() -> None:
    """Null where that can be, an empty text where not; words are taken out of prose."""
    columns = {
        "client_email": ColumnFacts("client_email", Family.TEXT, nullable=False),
        "client_name": ColumnFacts("client_name", Family.TEXT, nullable=True),
        "notes": ColumnFacts("notes", Family.TEXT, nullable=True),
        "total": ColumnFacts("total", Family.NUMBER, nullable=False),
    }
    invoice = sort_tables({"invoice": TableFacts("invoice", columns)})["invoice"]
    drawn = draw_entry(invoice, "redact")
    assert drawn["identity"] == {"client_email": {"kind": "email", "stands_for": "row"}}
    assert {name: column["erase"] for name, column in drawn["columns"].items()} == {
        "client_email": {"set": ""},
        "client_name": None,
        "notes": "redact",
    }
    shared = draw_shared(invoice)["columns"].values()
    assert {column["erase"] for column in shared} == {"redact"}


def test_addresses_in_a_table_of_their_own_stand_for_the_parent() -> None:
    """But the sender of a message may be anybody."""
    tables = sort_tables(
        {
            "contact_emails": table("contact_emails", "contact_id", "email"),
            "messages": table("messages", "contact_id", "email", "body"),
        }
    )
    assert draw_entry(tables["contact_emails"], "cascade")["identity"] == {"email": "email"}
    assert draw_entry(tables["messages"], "cascade")["identity"] == {
        "email": {"kind": "email", "stands_for": "row"}
    }


def test_a_companys_details_are_not_a_persons() -> None:
    """Its address is taken out only where it is the person's own."""
    company = sort_tables({"accounts": table("accounts", "name", "email", "phone", "industry", "website")})[
        "accounts"
    ]
    drawn = draw_entry(company, "redact")
    assert drawn["identity"] == {"email": {"kind": "email", "stands_for": "row"}}
    assert drawn["columns"]["email"] == {"category": "firmographic", "erase": "redact"}
