"""`audit.promise`: receipts of both kinds in one file, and what each of them promises."""

from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from audit.errors import AuditError, ReceiptMalformedError, ReceiptUnverifiedError, VerificationFailedError
from audit.jws import parse_jwks
from audit.log import Appended, append
from audit.note import Signer
from audit.promise import Trust, open_promise, split_receipts
from audit.receipt import MAGIC, issue
from audit.sequencer import sequence
from audit.tables import PendingRow
from audit.verify import Question, verify
from tests.audit.conftest import NOW, fill, signer_of, transcript
from tests.audit.decision_receipts import STRANGER, claims_of, jwks, jws

ENTRY = Appended("0193-entry", bytes(range(32)))
MINUTE = timedelta(seconds=60)
KEYS = parse_jwks(jwks())


def test_a_file_of_both_kinds_comes_apart(signer: Signer) -> None:
    """In whatever order, with blank lines or without, and with the ends of lines of another system."""
    note, decided = issue(signer, ENTRY.entry_id, ENTRY.leaf_hash, NOW), jws(claims_of(ENTRY))

    assert [note, decided, note, note, decided] == split_receipts(
        f"{note}{decided}\r\n\n{note}\n\n{note}{decided}"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "none"),
        ("\n\n", "none"),
        ("what\n", "line 1"),
        (f"\n{MAGIC}\nhalf of one\n", "line 2"),
        ("a.b.c and more\n", "line 1"),
    ],
)
def test_a_file_of_something_else_is_named_by_its_line(text: str, why: str) -> None:
    """Half a receipt is none; nothing is passed over."""
    with pytest.raises(ReceiptMalformedError, match=why):
        split_receipts(text)


@given(st.text() | st.text(alphabet=f"\n.a\u2014 {MAGIC}"))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Receipts, or an error of ours; what came apart was in the file."""
    try:
        parts = split_receipts(text)
    except ReceiptMalformedError:
        return
    assert all(part.rstrip("\n") in text for part in parts)


def test_both_kinds_promise_the_same(signer: Signer) -> None:
    """Entry, hash, and the last moment: a minute after the answer."""
    trust = Trust([signer.key], KEYS)
    change = open_promise(issue(signer, ENTRY.entry_id, ENTRY.leaf_hash, NOW), trust)
    decision = open_promise(jws(claims_of(ENTRY)), trust)

    assert change == decision
    assert (ENTRY.entry_id, ENTRY.leaf_hash, NOW + MINUTE) == (change.entry_id, change.leaf_hash, change.due)


def test_without_keys_a_decision_is_read_and_called_unproved(signer: Signer) -> None:
    """Whoever made it up can not be told from the service."""
    assert not open_promise(jws(claims_of(ENTRY), STRANGER), Trust([signer.key])).is_proved


@pytest.mark.parametrize("kind", ["change", "decision"])
def test_a_forged_receipt_is_refused_by_name(signer: Signer, kind: str) -> None:
    """Of either kind; the message says which entry it claims."""
    forged = {
        "change": issue(signer_of(9), ENTRY.entry_id, ENTRY.leaf_hash, NOW),
        "decision": jws(claims_of(ENTRY), STRANGER),
    }
    with pytest.raises(ReceiptUnverifiedError, match="the receipt of entry 0193-entry: "):
        open_promise(forged[kind], Trust([signer.key], KEYS))


def test_a_decision_at_the_end_of_time_is_named(signer: Signer) -> None:
    """No date of a forger's ends in a traceback."""
    late = jws(claims_of(ENTRY) | {"decided_at": "9999-12-31T23:59:59+00:00"})

    with pytest.raises(AuditError):
        open_promise(late, Trust([signer.key]))


@pytest.mark.parametrize("checked", [True, False])
def test_a_dropped_decision_is_reported_by_its_entry(
    session: Session, signer: Signer, *, checked: bool
) -> None:
    """With the keys or without; without them it is said what the accusation lacks."""
    dropped = append(session, "decision.made", actor="key", now=NOW)
    session.execute(delete(PendingRow).where(PendingRow.entry_id == dropped.entry_id))
    kept = append(session, "decision.made", actor="key", now=NOW)
    fill(session, 5, signer)
    sequence(session, signer, NOW)
    log, jwks_given = transcript(session), KEYS if checked else None
    honest = Question([signer.key], receipts=[jws(claims_of(kept))], at=NOW + MINUTE, jwks=jwks_given)
    accusing = Question([signer.key], receipts=[jws(claims_of(dropped))], at=NOW + MINUTE, jwks=jwks_given)
    early = Question([signer.key], receipts=[jws(claims_of(dropped))], at=NOW, jwks=jwks_given)

    verified, waiting = verify(BytesIO(log), honest), verify(BytesIO(log), early)
    assert (1, 0, int(not checked)) == (
        verified.receipts_kept,
        verified.receipts_not_due,
        verified.receipts_unchecked,
    )
    assert waiting.receipts_not_due == 1
    with pytest.raises(VerificationFailedError, match=r"step 6 \(receipts\): 1 promised") as raised:
        verify(BytesIO(log), accusing)
    assert dropped.entry_id in str(raised.value)
    assert dropped.leaf_hash.hex() in str(raised.value)
    assert ("give the keys by --jwks" in str(raised.value)) is not checked
