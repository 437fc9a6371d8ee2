"""Rows, keys and what they say of a person."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Date, DateTime, Integer, LargeBinary, Numeric, String, Uuid
from sqlalchemy.types import NullType, TypeEngine

from consent.vocabulary import IdentifierKind
from governance.stores.records import Record, full_names, identities_of, key_part, terms_of, typed
from tests.governance.stores.factories import mapped, row

MOMENT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Integer(), 7),
        (String(), "seven"),
        (Uuid(), uuid.UUID(int=7)),
        (LargeBinary(), b"\x07"),
        (Date(), date(2026, 11, 24)),
        (DateTime(timezone=True), MOMENT),
        (Numeric(), Decimal("7.50")),
        (NullType(), "anything"),
    ],
)
def test_keys_survive_being_written_down(kind: TypeEngine[Any], value: Any) -> None:
    """As text or number, and back in the column's own type."""
    part = key_part(value)
    assert isinstance(part, str | int)
    assert typed(Column("key", kind), part) == value


@given(st.text(max_size=12))
def test_a_value_that_can_not_be_one_matches_nothing(value: str) -> None:
    """Whatever was asked for: never an exception of the driver."""
    found = typed(Column("key", Uuid()), value)
    assert found is None or isinstance(found, uuid.UUID)


def contact(**values: Any) -> Record:
    """A contact's record."""
    return Record(row("contacts", 1), values)


def test_names_and_identifiers_of_a_row() -> None:
    """Its names together and apart, its identities as written and in normal form."""
    table = mapped().tables["contacts"]
    record = contact(first_name="Jane", last_name="Doe ", email="Jane.Doe@Acme.example", phone="030 1111111")
    terms = terms_of(record, table, "crm")
    assert full_names(record, table) == {"Jane Doe"}
    assert terms.names == {"Jane", "Doe", "Jane Doe"}
    assert terms.emails == {"jane.doe@acme.example", "Jane.Doe@Acme.example"}
    assert terms.phones == {"0301111111"}
    assert "Jane" not in repr((record, terms))


def test_empty_values_and_unmet_conditions_are_no_identities() -> None:
    """A key-value row is one by its type only."""
    table = mapped().tables["contact_points"]
    by_type = {
        kind: identities_of(
            Record(row("contact_points", 1), {"type": kind, "value": value}), table.identity, "crm"
        )
        for kind, value in (
            ("email", "a@x.example"),
            ("twitter", "@a"),
            ("phone", ""),
            ("fax", "+49301234567"),
        )
    }
    assert [one.kind for one in by_type["email"]] == [IdentifierKind.EMAIL]
    assert by_type["twitter"] == by_type["phone"] == by_type["fax"] == ()


def test_places_and_positions_name_nobody() -> None:
    """A city in a text is no trace of a person; a profile's address is."""
    tables = {
        "people": {
            "identity": {"email": "email"},
            "columns": {
                name: {"category": "contact_details"}
                for name in ("name", "city", "job_title", "linkedin_url")
            },
            "erase": "delete",
        }
    }
    values = {"name": "Ann", "city": "Berlin", "job_title": "Manager", "linkedin_url": "linkedin.example/ann"}
    terms = terms_of(Record(row("people", 1), values), mapped(tables=tables).tables["people"], "crm")
    assert (set(terms.names), set(terms.others)) == ({"Ann"}, {"linkedin.example/ann"})
