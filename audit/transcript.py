"""The export of a log: one NDJSON file that can be verified offline. Its form, written and read; no I/O.

    {"checkpoint":"…signed note…","keys":["…vkey…"],"origin":"example.com/log"}
    {"index":0,"entry":"…base64 of the exact bytes…"}
    {"index":1,"entry":"…"}

A part of a log says so in its first line, and carries what leads from it to the root of the whole: the
hashes of the perfect subtrees on its left and on its right, in order, as RFC 6962 cuts them:

    {…,"part":{"count":1000,"first":5000,"left":["…base64…"],"right":["…"]}}
"""

import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from audit.canonical import canonical_text
from audit.errors import NoteMalformedError, TranscriptMalformedError
from audit.merkle import HASH_BYTES
from audit.note import from_base64, to_base64

MAX_HEADER_BYTES = 1_000_000
MAX_LINE_BYTES = 100_000  # 65,535 bytes of entry in base64, and the rest

_QUANTUM = 4  # base64 characters that stand together


@dataclass(frozen=True, slots=True)
class Part:
    """Entries `first` to `first` + `count` - 1, and the subtrees beside them."""

    first: int
    count: int
    left: tuple[bytes, ...]
    right: tuple[bytes, ...]

    @classmethod
    def of(cls, document: Any) -> Self:
        """The part of its JSON object.

        Raises:
            TranscriptMalformedError: not a part.
        """
        match document:
            case {"first": int(first), "count": int(count), "left": list(left), "right": list(right)} if (
                first >= 0 and count >= 0 and len(document) == len(cls.__slots__)
            ):
                return cls(first, count, _hashes(left), _hashes(right))
        raise TranscriptMalformedError("the first line's `part` is malformed")

    def document(self) -> dict[str, Any]:
        """The part as a JSON object."""
        left, right = [to_base64(value) for value in self.left], [to_base64(value) for value in self.right]
        return {"first": self.first, "count": self.count, "left": left, "right": right}


@dataclass(frozen=True, slots=True)
class Header:
    """The first line; `part` is None where the file holds the whole log."""

    origin: str
    checkpoint: str
    keys: tuple[str, ...]
    part: Part | None = None

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """The header of a file's first line.

        Raises:
            TranscriptMalformedError: not a header, or with a field that this version does not know.
        """
        document = _object(line, "the first line")
        part = document.pop("part", None)
        match document:
            case {"origin": str(origin), "checkpoint": str(checkpoint), "keys": list(keys)} if len(
                document
            ) == len(cls.__slots__) - 1 and all(isinstance(key, str) for key in keys):
                return cls(origin, checkpoint, tuple(keys), None if part is None else Part.of(part))
        raise TranscriptMalformedError("the first line holds `origin`, `checkpoint` and `keys`")

    def __bytes__(self) -> bytes:
        document: dict[str, Any] = {"origin": self.origin, "checkpoint": self.checkpoint, "keys": self.keys}
        if self.part is not None:
            document["part"] = self.part.document()
        return canonical_text(document).encode() + b"\n"


def entry_line(index: int, entry: bytes) -> bytes:
    """One entry as a line."""
    return b'{"index":%d,"entry":"%b"}\n' % (index, binascii.b2a_base64(entry, newline=False))


def parse_entry_line(line: bytes, index: int) -> bytes:
    """The exact bytes of the entry that must stand at `index`.

    Raises:
        TranscriptMalformedError: another entry stands there, or the line is malformed.
    """
    start = b'{"index":%d,"entry":"' % index
    if line.startswith(start) and line.endswith(b'"}\n'):  # as we write it: a million lines in a second
        return _entry(line[len(start) : -3], index)
    document = _object(line, f"the line of entry {index}")
    match document:
        case {"index": int(found), "entry": str(entry)} if len(document) == len(("index", "entry")):
            if found != index:
                raise TranscriptMalformedError(f"entry {index} is missing: entry {found} stands in its place")
            return _entry(entry.encode(errors="replace"), index)
    raise TranscriptMalformedError(f"the line of entry {index} holds not just `index` and `entry`")


def _entry(encoded: bytes, index: int) -> bytes:
    tail = encoded[-_QUANTUM:]
    try:
        entry = binascii.a2b_base64(encoded, strict_mode=True)
        if tail.endswith(b"=") and binascii.b2a_base64(binascii.a2b_base64(tail), newline=False) != tail:
            raise TranscriptMalformedError(f"entry {index} is not in its one base64 spelling")
    except binascii.Error:
        raise TranscriptMalformedError(f"entry {index} is not base64") from None
    return entry


def _object(line: bytes, what: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        raise TranscriptMalformedError(f"{what} is not JSON") from None
    if not isinstance(document, Mapping):
        raise TranscriptMalformedError(f"{what} is not a JSON object")
    return dict(document)


def _hashes(values: list[Any]) -> tuple[bytes, ...]:
    try:
        hashes = tuple(from_base64(value) for value in values)
    except (NoteMalformedError, AttributeError):
        hashes = (b"",)
    if any(len(value) != HASH_BYTES for value in hashes):
        raise TranscriptMalformedError("the first line's `part` holds a hash that is not 32 bytes")
    return hashes
