"""`audit.publication`: what is remembered outside, and what it catches."""

from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.errors import LogForkedError, LogRolledBackError, NoteUnverifiedError, PublicationError
from audit.note import Signer
from audit.publication import FILE_NAME, CheckpointFile, compare_on_start
from audit.tables import HeadRow
from tests.audit.conftest import fill, signer_of


def head_note(session: Session) -> str:
    """The newest head."""
    note = stored_tree.head_note(session)
    assert note is not None
    return note


def test_what_was_published_last_is_remembered(session: Session, signer: Signer, tmp_path: Path) -> None:
    """One after the other, for its owner alone; the largest counts, whoever wrote last."""
    outside = CheckpointFile(tmp_path / "new" / "directory")
    notes = []
    for start in range(3):
        fill(session, 1, signer, start=start)
        notes.append(head_note(session))

    assert outside.newest() is None
    for note in (notes[0], notes[2], notes[1]):
        outside.publish(note)
    assert notes[2] == outside.newest()
    path = tmp_path / "new" / "directory" / FILE_NAME
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("kept", [1, 30, 100, 150])
def test_a_note_that_a_crash_cut_short_is_skipped(
    session: Session, signer: Signer, tmp_path: Path, kept: int
) -> None:
    """Before it the last whole one counts, after it the next."""
    outside, path = CheckpointFile(tmp_path), tmp_path / FILE_NAME
    fill(session, 1, signer)
    first = head_note(session)
    outside.publish(first)
    fill(session, 1, signer, start=1)
    second = head_note(session)
    with path.open("ab") as file:
        file.write(b"\n" + second.encode()[:kept])

    assert first == outside.newest()
    outside.publish(second)
    assert second == outside.newest()


def test_a_file_without_a_checkpoint_or_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    """Fail closed: a damaged memory is no memory of nothing."""
    (tmp_path / FILE_NAME).write_text("nonsense")
    with pytest.raises(PublicationError):
        CheckpointFile(tmp_path).newest()
    (tmp_path / "directory" / FILE_NAME).mkdir(parents=True)
    with pytest.raises(PublicationError):
        CheckpointFile(tmp_path / "directory").newest()
    with pytest.raises(PublicationError):
        CheckpointFile(tmp_path / "directory").publish("note\n")


def test_a_log_that_grew_since_goes_on(session: Session, signer: Signer) -> None:
    """Nothing published, just published, or grown since: all is well."""
    assert compare_on_start(session, None, [signer.key]) is None
    fill(session, 5, signer)
    published = head_note(session)
    assert compare_on_start(session, published, [signer.key]) == stored_tree.head(session)
    fill(session, 300, signer, start=5)
    found = compare_on_start(session, published, [signer_of(7).key, signer.key])
    assert found is not None
    assert found.size == 5


def test_an_older_database_is_refused(session: Session, signer: Signer) -> None:
    """Restored from a backup, or emptied."""
    fill(session, 5, signer)
    session.commit()
    fill(session, 5, signer, start=5)
    published = head_note(session)
    session.rollback()

    with pytest.raises(LogRolledBackError, match="published: 10 entries; the database knows 5"):
        compare_on_start(session, published, [signer.key])
    session.execute(delete(HeadRow))
    with pytest.raises(LogRolledBackError):
        compare_on_start(session, published, [signer.key])


def test_a_fork_is_refused(session: Session, signer: Signer) -> None:
    """An older database that went on by itself, with the real key; and a log of another name."""
    fill(session, 5, signer)
    session.commit()
    fill(session, 5, signer, start=5)
    published = head_note(session)
    session.rollback()
    fill(session, 20, signer, start=50)

    with pytest.raises(LogForkedError, match="first 10"):
        compare_on_start(session, published, [signer.key])
    other = signer_of(origin="example.com/other")
    renamed = other.sign_note("example.com/other\n1\n" + "A" * 43 + "=\n")
    with pytest.raises(LogForkedError, match=r"example\.com/other"):
        compare_on_start(session, renamed, [other.key])


def test_a_checkpoint_of_an_unknown_key_is_refused(session: Session, signer: Signer) -> None:
    """Whoever wrote it, it was not this log."""
    fill(session, 5, signer)

    with pytest.raises(NoteUnverifiedError):
        compare_on_start(session, head_note(session), [signer_of(9).key])
