"""What the log promised, read from the receipts that callers kept: of changes and of decisions.

A file of receipts holds both kinds, one after the other, blank lines between them or not: signed notes
(`audit.receipt`) and compact JWS (`audit.jws`), each as the service's answer carried it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from audit.errors import NoteUnverifiedError, ReceiptMalformedError, ReceiptUnverifiedError
from audit.jws import DecisionReceipt
from audit.note import SIGNATURE_START, Key, Note
from audit.receipt import MAGIC, MERGE_DELAY, Receipt, open_receipt

_PARTS = re.compile(
    rf"(?P<note>{re.escape(MAGIC)}\n(?:[^\n]+\n)+\n(?:{SIGNATURE_START}[^\n]*(?:\n|\Z))+)"
    r"|(?P<jws>[\w-]+\.[\w-]+\.[\w-]+)[ \t\r]*(?:\n|\Z)"
    r"|(?P<blank>[ \t\r]*\n|[ \t]+\Z)"
    r"|(?P<other>.+)",
    re.ASCII,
)


class Trust(NamedTuple):
    """The keys that an auditor trusts: the log's, and those of decisions; None leaves these unchecked."""

    log: Sequence[Key]
    decisions: Sequence[Key] | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """Which entry is in the log by when. One that is not proved may have been made up by whoever shows it."""

    entry_id: str
    leaf_hash: bytes
    due: datetime
    is_proved: bool


def split_receipts(text: str) -> list[str]:
    """The receipts of a file, unread.

    Raises:
        ReceiptMalformedError: it holds none, or something else.
    """
    found: list[str] = []
    for part in _PARTS.finditer(text):
        if part["other"]:
            line = text.count("\n", 0, part.start()) + 1
            raise ReceiptMalformedError(f"line {line} of the receipts is no receipt, or not the whole of one")
        if part["jws"]:
            found.append(part["jws"])
        elif part["note"]:
            found.append(part["note"].rstrip("\n") + "\n")
    if not found:
        raise ReceiptMalformedError("the file of receipts holds none")
    return found


def open_promise(text: str, trust: Trust) -> Promise:
    """The promise of a receipt of either kind.

    Raises:
        ReceiptMalformedError, NoteMalformedError: it is no receipt.
        ReceiptUnverifiedError: no trusted key signed it.
    """
    if text.startswith(MAGIC):
        return _of_change(text, trust.log)
    decided = DecisionReceipt.parse(text)
    if trust.decisions is not None:
        decided.require_signed_by(trust.decisions)
    try:
        due = decided.decided_at + MERGE_DELAY
    except OverflowError:
        raise ReceiptMalformedError("the receipt's decision lies beyond all time") from None
    return Promise(decided.entry_id, decided.leaf_hash, due, is_proved=trust.decisions is not None)


def _of_change(note: str, keys: Sequence[Key]) -> Promise:
    try:
        receipt = open_receipt(note, keys)
    except NoteUnverifiedError as error:
        claimed = Receipt.parse(Note.parse(note).text).entry_id
        raise ReceiptUnverifiedError(f"the receipt of entry {claimed}: {error}") from error
    return Promise(receipt.entry_id, receipt.leaf_hash, receipt.due, is_proved=True)
