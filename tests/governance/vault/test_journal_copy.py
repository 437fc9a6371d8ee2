"""`governance.vault.journal_copy`: what stands outside the key store, whole or not at all."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from governance.vault.journal_copy import Erasure, append, mark_copied, read, uncopied
from governance.vault.keyring import Keyring
from governance.vault.keys import destroy, mint
from governance.vault.tables import KeyKind


def test_a_line_is_read_as_it_was_written(now: datetime) -> None:
    """The bytes are fixed, both ways."""
    line = '{"owner":"lead-a","kind":"lead","destroyed_at":"2026-11-24T10:00:00+00:00"}'

    assert str(Erasure("lead-a", KeyKind.LEAD, now)) == line
    assert Erasure.parse(line) == Erasure("lead-a", KeyKind.LEAD, now)


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", '{"owner":"a","kind":"b","destroyed_at":""}'])
def test_what_is_no_line_is_refused(line: str) -> None:
    """With one kind of error."""
    with pytest.raises(ValueError, match=r".*"):
        Erasure.parse(line)


def test_each_erasure_is_copied_once(keys: Session, keyring: Keyring, now: datetime, tmp_path: Path) -> None:
    """What is marked is not written again."""
    path = tmp_path / "erasures.jsonl"
    mint(keys, keyring, ["lead-a", "lead-b"], kind=KeyKind.LEAD, now=now)
    for owner in ("lead-a", "lead-b"):
        destroy(keys, owner, now=now)
        found = uncopied(keys)
        append(path, found)
        mark_copied(keys, found)

    assert uncopied(keys) == ()
    assert list(read(path)) == [Erasure(owner, KeyKind.LEAD, now) for owner in ("lead-a", "lead-b")]


def test_a_torn_line_spoils_nothing(now: datetime, tmp_path: Path) -> None:
    """A crash in the middle of a line loses that line only, and it is written again."""
    path = tmp_path / "erasures.jsonl"
    one, other = (Erasure(owner, KeyKind.LEAD, now) for owner in ("lead-a", "lead-b"))
    append(path, [one])
    with path.open("a") as file:
        file.write(str(other)[:20])
    append(path, [other])

    assert list(read(path)) == [one, other]


def test_without_a_file_nothing_was_copied(tmp_path: Path) -> None:
    """The first start has none."""
    assert list(read(tmp_path / "erasures.jsonl")) == []


def test_the_copy_is_for_its_owner_alone(now: datetime, tmp_path: Path) -> None:
    """Random ids of erased people are still nobody else's business."""
    path = tmp_path / "erasures.jsonl"
    append(path, [Erasure("lead-a", KeyKind.LEAD, now)])

    assert path.stat().st_mode & 0o777 == 0o600
