"""`governance.vault.marks`: what was sealed anew is remembered, and nothing before it opens."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from governance.errors import SealBroken
from governance.vault import marks
from governance.vault.keyring import Keyring
from governance.vault.keys import destroy, load, mint
from governance.vault.sealing import Cell, open_sealed, seal
from governance.vault.tables import KeyKind, Role
from tests.governance.vault.walks import rotate

ADA = "lead-ada"


def cell(version: int, record: str = "title") -> Cell:
    """A field of Ada's."""
    return Cell("lead_fields", "value", record, ADA, version)


@pytest.fixture(autouse=True)
def minted(keys: Session, keyring: Keyring, now: datetime) -> None:
    """Ada has a key."""
    mint(keys, keyring, [ADA], kind=KeyKind.LEAD, now=now)


def test_an_older_value_put_back_with_its_version_does_not_open(keys: Session, keyring: Keyring) -> None:
    """It is whole, and of this very cell; only the key store knows that there was a newer one."""
    key = load(keys, keyring, [ADA])[ADA]
    old, new = (seal(key, cell(version), b"value") for version in (1, 2))
    marks.raise_marks(keys, {ADA: {cell(2).place: 2}})
    key = load(keys, keyring, [ADA])[ADA]

    assert open_sealed(key, cell(2), new) == b"value"
    with pytest.raises(SealBroken, match="older"):
        open_sealed(key, cell(1), old)


def test_other_places_of_the_owner_are_not_concerned(keys: Session, keyring: Keyring) -> None:
    """A mark is of one cell."""
    marks.raise_marks(keys, {ADA: {cell(2).place: 2}})
    key = load(keys, keyring, [ADA])[ADA]

    assert open_sealed(key, cell(1, "name"), seal(key, cell(1, "name"), b"value")) == b"value"


def test_a_mark_survives_a_rotation_and_ends_with_the_key(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """It stands beside the wrapped key, in the same row."""
    marks.raise_marks(keys, {ADA: {cell(2).place: 2}})
    keys.commit()
    rotate(keys, keyring, Role.EPOCH, now, size=100)
    kept = load(keys, keyring, [ADA])[ADA].marks
    destroy(keys, ADA, now=now)

    assert kept == {cell(2).place: 2}
    assert list(marks.marked(keys)) == []


def test_a_mark_is_only_ever_raised_unless_somebody_accepts(keys: Session, keyring: Keyring) -> None:
    """What is seen late changes nothing; who is unknown has no key to remember it beside."""
    place = cell(2).place
    assert marks.raise_marks(keys, {ADA: {place: 5}, "nobody": {place: 5}}) == 1
    assert marks.raise_marks(keys, {ADA: {place: 3}}) == 0
    assert list(marks.marked(keys)) == [{ADA: {place: 5}}]
    assert marks.accept(keys, {ADA: {place: 3}}) == 1
    assert list(marks.marked(keys)) == [{ADA: {place: 3}}]


def test_all_who_are_marked_are_gone_through(
    keys: Session, keyring: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page."""
    monkeypatch.setattr(marks, "AT_ONCE", 2)
    owners = [f"lead-{number}" for number in range(5)]
    mint(keys, keyring, owners, kind=KeyKind.LEAD, now=now)
    seen = {owner: {"place": 2} for owner in owners}

    assert marks.raise_marks(keys, seen) == 5
    assert [list(page) for page in marks.marked(keys)] == [owners[:2], owners[2:4], owners[4:]]


VERSIONS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 5))


@given(VERSIONS, VERSIONS)
def test_a_place_is_older_when_it_stands_there_with_less(
    remembered: dict[str, int], seen: dict[str, int]
) -> None:
    """A place that is not there any more is no older version: rows go with their lead."""
    expected = {place for place in remembered.keys() & seen.keys() if seen[place] < remembered[place]}

    assert set(marks.older_places(remembered, seen)) == expected
