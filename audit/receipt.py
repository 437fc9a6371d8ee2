"""A receipt: the log's signed promise, before sequencing, that an entry will be in the tree by a given time.

The text of a signed note. It can not be taken for a checkpoint, whose second line is a number:

    leadwarden.dev/receipt@v1
    example.com/log
    01937b5e-…
    LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=
    2026-11-24T10:01:00.000000Z

Whoever holds one can prove an omission: no entry of that id and hash in a log that is older than the promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from audit.entry import stamp
from audit.errors import NoteMalformedError, NoteUnverifiedError, ReceiptMalformedError
from audit.merkle import HASH_BYTES
from audit.note import Key, Note, NoteSigner, from_base64, sign_note, to_base64

MAGIC = "leadwarden.dev/receipt@v1"
MERGE_DELAY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which log promises which entry by when."""

    origin: str
    entry_id: str
    leaf_hash: bytes
    due: datetime

    @classmethod
    def parse(cls, text: str) -> Self:
        """Strict to the byte: `str` of the answer is `text`.

        Raises:
            ReceiptMalformedError: not a receipt.
        """
        try:
            magic, origin, entry_id, digest, due, end = text.split("\n")
            receipt = cls(origin, entry_id, from_base64(digest), datetime.fromisoformat(due).astimezone(UTC))
        except (ValueError, OverflowError, NoteMalformedError):
            raise ReceiptMalformedError("not a receipt") from None
        if magic != MAGIC or end or len(receipt.leaf_hash) != HASH_BYTES or str(receipt) != text:
            raise ReceiptMalformedError("not a receipt, or one in another than its one spelling")
        return receipt

    def __str__(self) -> str:
        digest = to_base64(self.leaf_hash)
        return f"{MAGIC}\n{self.origin}\n{self.entry_id}\n{digest}\n{stamp(self.due)}\n"


def issue(signer: NoteSigner, entry_id: str, leaf_hash: bytes, now: datetime) -> str:
    """The receipt of an appended entry, as a signed note; hand it out only once the entry is committed."""
    receipt = Receipt(signer.name, entry_id, leaf_hash, now + MERGE_DELAY)
    return sign_note(str(receipt), signer)


def open_receipt(note: str, keys: Sequence[Key]) -> Receipt:
    """The receipt of a note that a trusted key of its own origin signed.

    Raises:
        NoteMalformedError, ReceiptMalformedError: not a note, not a receipt.
        NoteUnverifiedError: no trusted key signed it, or only one that is trusted for another log.
    """
    parsed = Note.parse(note)
    signed_by = parsed.verified_by(keys)
    receipt = Receipt.parse(parsed.text)
    if receipt.origin not in {key.name for key in signed_by}:
        raise NoteUnverifiedError("the receipt names another log than its key")
    return receipt
