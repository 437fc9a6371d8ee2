"""`audit.receipt`: a promise that can be held against the log."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.errors import (
    NoteUnverifiedError,
    ReceiptMalformedError,
)
from audit.log import append
from audit.note import Signer
from audit.receipt import Receipt, issue, open_receipt
from tests.audit.conftest import NOW, ORIGIN, fill, signer_of


def test_a_receipt_promises_an_entry_within_a_minute(session: Session, signer: Signer) -> None:
    """Signed by the log's key, naming id, leaf hash and the last moment."""
    appended = append(session, "hold.placed", actor="key", now=NOW)

    note = issue(signer, appended.entry_id, appended.leaf_hash, NOW)

    promised = Receipt(ORIGIN, appended.entry_id, appended.leaf_hash, NOW + timedelta(seconds=60))
    assert promised == open_receipt(note, [signer.key])
    assert promised == Receipt.parse(str(promised))


def test_a_receipt_and_a_checkpoint_can_not_be_confused(session: Session, signer: Signer) -> None:
    """A checkpoint is no receipt, though the same key signed it; another log's receipt is refused."""
    fill(session, 2, signer)
    head = stored_tree.head_note(session)
    assert head is not None
    foreign = Receipt("example.com/other", "id", bytes(32), NOW)

    with pytest.raises(ReceiptMalformedError):
        open_receipt(head, [signer.key])
    with pytest.raises(NoteUnverifiedError):
        open_receipt(signer.sign_note(str(foreign)), [signer.key])
    with pytest.raises(NoteUnverifiedError):
        open_receipt(issue(signer_of(9), "id", bytes(32), NOW), [signer.key])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("receipt@v1", "receipt@v2"),
        ("Z\n", "+00:00\n"),
        ("2026", "0001"),
        ("2026-11-24T10:00:00.000000Z", "0001-01-01T00:00:00.000000+23:00"),
        ("2026-11-24T10:00:00.000000Z", "soon"),
        ("AAAA", "AAA"),
        ("AAAA", ""),
        ("\nid\n", "\n"),
        ("\nid\n", "\nid\nmore\n"),
    ],
)
def test_what_is_not_a_receipt_is_named(old: str, new: str) -> None:
    """One spelling a receipt; an absurd year is still a date, and comes back as it was."""
    text = str(Receipt(ORIGIN, "id", bytes(32), NOW))
    if (old, new) == ("2026", "0001"):
        assert Receipt.parse(text.replace(old, new)).due.year == 1
        return
    with pytest.raises(ReceiptMalformedError):
        Receipt.parse(text.replace(old, new, 1))
