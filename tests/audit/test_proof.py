"""`audit.proof` and `audit.receipt`: what can be handed over by itself."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from audit import query, stored_tree
from audit.entry import parse_entry
from audit.errors import (
    NoteMalformedError,
    NoteUnverifiedError,
    ProofInvalidError,
    ProofMalformedError,
    ReceiptMalformedError,
)
from audit.log import append
from audit.note import Signer
from audit.proof import Proof
from audit.receipt import Receipt, issue, open_receipt
from tests.audit.conftest import NOW, ORIGIN, fill, signer_of


@pytest.fixture
def proof(session: Session, signer: Signer) -> Proof:
    """The proof of entry 5 of 11."""
    made = fill(session, 11, signer)
    found = query.entry(session, made[5].entry_id)
    assert found is not None
    return query.prove(session, found)


def test_a_proof_comes_back_to_the_byte_and_verifies(proof: Proof, signer: Signer) -> None:
    """One file: entry, place, path and signed head."""
    text = str(proof)

    assert text.startswith("c2sp.org/tlog-proof@v1\nextra eyJhY3Rpb24iOiJs")
    assert proof == Proof.parse(text)
    assert (proof.verify([signer.key]).size, proof.verify([signer.key]).origin) == (11, ORIGIN)
    assert parse_entry(proof.entry)["facts"]["number"] == proof.index


def test_every_flipped_byte_of_a_proof_is_rejected(proof: Proof, signer: Signer) -> None:
    """Exhaustive: no byte of the file can change, but in signatures of keys that nobody trusts."""
    text = str(proof).encode()
    for place in range(len(text)):
        for bit in (1, 64):
            forged = text[:place] + bytes([text[place] ^ bit]) + text[place + 1 :]
            with pytest.raises(
                (ProofMalformedError, ProofInvalidError, NoteMalformedError, NoteUnverifiedError)
            ):
                Proof.parse(forged.decode(errors="replace")).verify([signer.key])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 5", "index 05"),
        ("index 5", "index -5"),
        ("index 5", "place 5"),
        ("index 5", "index 5" + "0" * 5000),
        ("extra ", "ectra "),
        ("\n\n", "\n"),
        ("\n\n", "\nAAAA\n\n"),
        ("\n\n", "\n" + "AAAA\n" * 64 + "\n"),
    ],
)
def test_what_is_not_a_proof_is_named(proof: Proof, old: str, new: str) -> None:
    """Malformed text never reaches the arithmetic."""
    with pytest.raises(ProofMalformedError):
        Proof.parse(str(proof).replace(old, new, 1))


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
