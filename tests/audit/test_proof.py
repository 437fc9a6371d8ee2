"""`audit.proof`: one entry, handed over by itself."""

import pytest
from sqlalchemy.orm import Session

from audit import query
from audit.entry import parse_entry
from audit.errors import (
    NoteMalformedError,
    NoteUnverifiedError,
    ProofInvalidError,
    ProofMalformedError,
)
from audit.note import Signer
from audit.proof import Proof
from tests.audit.conftest import ORIGIN, fill


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
