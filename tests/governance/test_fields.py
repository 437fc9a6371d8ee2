"""The sealed fields of a lead: each opens at its own row, in its own version, and nowhere else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import SealBroken
from governance.fields import open_field, open_identifier, seal_field, seal_identifier
from governance.identity import email, external, phone
from governance.vault.sealing import Cell, DataKey, open_sealed

KEY = DataKey("lead-a", 1, bytes(range(32)))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(VALUES, st.integers(1, 2**31))
def test_what_is_written_in_a_field_is_read_from_it(value: Any, version: int) -> None:
    """Opening is the inverse of sealing, for any JSON and any version of the row."""
    sealed = seal_field(KEY, "note", version, json.dumps(value).encode())

    assert value == open_field(KEY, "note", version, sealed)


@pytest.mark.parametrize(("name", "version"), [("note", 2), ("title", 1)])
def test_a_field_opens_in_its_own_version_under_its_own_name(name: str, version: int) -> None:
    """An old value put back, or put under another name, is no value."""
    sealed = seal_field(KEY, "note", 1, b'"Ada"')

    with pytest.raises(SealBroken):
        open_field(KEY, name, version, sealed)


@given(st.sampled_from([email("Ada@Example.com"), phone("+493012345678"), external("CRM", "a 7")]))
def test_an_identifier_comes_back_as_it_was(identifier: Any) -> None:
    """Kind, text and system; the system's name is parted from the id again."""
    sealed = seal_identifier(KEY, "row-1", identifier)
    opened = open_identifier(KEY, "row-1", identifier.kind, sealed, shared=not identifier.identifying)

    assert (identifier.kind, identifier.text, identifier.system, identifier.key, identifier.identifying) == (
        opened.kind,
        opened.text,
        opened.system,
        opened.key,
        opened.identifying,
    )


def test_an_identifier_of_one_row_does_not_open_in_another() -> None:
    """Copying a row's bytes to another lead's row shows nobody."""
    sealed = seal_identifier(KEY, "row-1", email("ada@example.com"))

    with pytest.raises(SealBroken):
        open_identifier(KEY, "row-2", "email", sealed, shared=False)


def test_the_ids_that_fields_are_bound_to_never_change() -> None:
    """What an earlier version sealed was sealed at these cells; another name would make it unreadable."""
    field = seal_field(KEY, "note", 3, b'"Ada"')
    identifier = seal_identifier(KEY, "row-1", email("ada@example.com"))

    assert open_sealed(KEY, Cell("lead_fields", "value", "note", "lead-a", 3), field) == b'"Ada"'
    cell = Cell("lead_identifiers", "value", "row-1", "lead-a", 1)
    assert open_sealed(KEY, cell, identifier) == b"ada@example.com"
