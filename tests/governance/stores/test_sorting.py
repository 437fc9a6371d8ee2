"""Which tables hold people, which what belongs to them, which the system's own users."""

from governance.stores.census import ColumnFacts, Family, Link, TableFacts
from governance.stores.guessing import Meaning
from governance.stores.sorting import Role, kinds_by_type, sort_tables


def table(
    name: str, *columns: str, links: tuple[Link, ...] = (), rows: tuple[dict[str, str], ...] = ()
) -> TableFacts:
    """A table of text columns."""
    known = {column: ColumnFacts(column, Family.TEXT, nullable=True) for column in columns}
    return TableFacts(name, known, links, rows)


def role(facts: TableFacts, *others: TableFacts) -> Role:
    """What a table is sorted as, among others."""
    return sort_tables({one.name: one for one in (facts, *others)})[facts.name].role


def test_each_role() -> None:
    """One table for each."""
    users = table("users", "email", "password")
    points = ({"type": "email", "value": "a@x.example"}, {"type": "fax", "value": "none"})
    assert role(users) is Role.STAFF
    assert role(table("lead", "first_name", "last_name", "email")) is Role.PERSON
    assert role(table("contact_points", "type", "value", rows=points)) is Role.POINTS
    assert role(table("accounts", "name", "email", "industry", "website")) is Role.COMPANY
    assert role(table("invoice", "client_name", "client_email", "total_amount")) is Role.COPY
    assert role(table("newsletter_subscription", "email")) is Role.TOKEN
    assert role(table("settings", "key", "value")) is Role.PLAIN
    profile = table("profile", "phone", links=(Link("user_id", "users", "id", nullable=False),))
    assert role(profile, users) is Role.STAFF


def test_a_plain_name_is_a_persons_where_the_table_is_about_one() -> None:
    """Not a company's, and not a product's."""
    sorted_tables = sort_tables(
        {
            "people": table("people", "name", "email", rows=({"name": "Ann Lee", "email": "a@x.example"},)),
            "products": table("products", "name", "price"),
        }
    )
    assert sorted_tables["people"].meaning(Meaning.NAME) == ["name"]
    assert sorted_tables["people"].role is Role.PERSON
    assert sorted_tables["products"].meaning(Meaning.NAME) == []


def test_key_value_tables_are_told_by_their_values() -> None:
    """Each type by itself; those that hold no identity are left out."""
    rows = (
        {"kind": "mail", "value": "a@x.example"},
        {"kind": "cell", "value": "+49 170 1234567"},
        {"kind": "web", "value": "https://x.example"},
    )
    assert kinds_by_type(table("points", "kind", "value", rows=rows)) == {
        "value": ("kind", {"mail": Meaning.EMAIL, "cell": Meaning.PHONE})
    }
