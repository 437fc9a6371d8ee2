"""The row of a message."""

from governance.messages.tables import MessageRow


def test_nothing_that_names_a_person_has_a_column_of_its_own() -> None:
    """Address, subject and text stand in `sealed` alone."""
    assert {column.name for column in MessageRow.__table__.columns} & {
        "to",
        "address",
        "subject",
        "text",
    } == set()
