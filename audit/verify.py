"""The auditor's verification of an exported log: offline, believing nothing but the keys that it is given.

1. header      the file's first line can be read
2. checkpoint  a trusted key signed the log's head, and the file names the same log and key
3. entries     every entry stands in its place, none missing, none too many
4. tree        the entries lead to the signed root
5. since       an older checkpoint, kept by the auditor, is a prefix of this log
6. receipts    every entry that the log promised is there

The steps run in one pass over the file; memory does not grow with the log.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import BinaryIO

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.entry import parse_entry
from audit.errors import (
    AuditError,
    EntryOmittedError,
    EntryRefusedError,
    LogForkedError,
    LogRolledBackError,
    ProofInvalidError,
    TranscriptMalformedError,
    VerificationFailedError,
)
from audit.merkle import EMPTY_ROOT, leaf_hash, subtrees
from audit.note import Key, parse_vkey
from audit.promise import Promise, Trust, open_promise
from audit.tiles import WIDTH
from audit.transcript import MAX_HEADER_BYTES, MAX_LINE_BYTES, Header, Part, parse_entry_line
from audit.tree import Frontier


class Step(IntEnum):
    """What is verified, in order."""

    HEADER = 1
    CHECKPOINT = 2
    ENTRIES = 3
    TREE = 4
    SINCE = 5
    RECEIPTS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """What an auditor brings: trusted keys, an older checkpoint, receipts, and when the file was made.

    Receipts are of changes or of decisions; without `jwks` the signatures of the latter are not checked.
    Without `at`, a receipt is due once the log's own last entry is younger than its promise.
    """

    keys: Sequence[Key]
    since: str | None = None
    receipts: Sequence[str] = ()
    at: datetime | None = None
    jwks: Sequence[Key] | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was proved."""

    entries: int
    checkpoint: Checkpoint
    receipts_kept: int
    receipts_not_due: int
    receipts_unchecked: int
    """Receipts of decisions whose signature nobody checked, for want of keys."""


@dataclass(slots=True)
class _Walk:
    """What one pass over the entries finds out."""

    frontier: Frontier
    end: int
    since: int
    wanted: frozenset[bytes]
    old_root: bytes | None = None
    seen: set[bytes] = field(default_factory=set)
    last: bytes = b""

    def take(self, entries: Iterator[bytes]) -> None:
        """Hash the entries into the tree, whole tiles at a time, stopping at `since`."""
        self._look()
        leaves: list[bytes] = []
        room = self._room()
        for entry in entries:
            leaf = leaf_hash(entry)
            leaves.append(leaf)
            if leaf in self.wanted:
                self.seen.add(leaf)
            if len(leaves) == room:
                self.last = entry
                self.frontier.add_leaves(leaves)
                leaves.clear()
                self._look()
                room = self._room()

    def _room(self) -> int:
        """How many leaves until the next tile begins, the old checkpoint is reached, or the part ends."""
        size = self.frontier.size
        stops = [stop for stop in (self.since, self.end, (size // WIDTH + 1) * WIDTH) if stop > size]
        return min(stops) - size

    def _look(self) -> None:
        if self.frontier.size == self.since:
            self.old_root = self.frontier.root()


def verify(file: BinaryIO, question: Question) -> Verified:
    """Run all steps over an exported log.

    Raises:
        VerificationFailedError: a step failed; the message names it and says what it means.
    """
    with _step(Step.HEADER):  # 1
        header = Header.parse(_line(file, MAX_HEADER_BYTES))
    with _step(Step.CHECKPOINT):  # 2
        head = _open_head(header, question.keys)
        part = header.part or Part(0, head.size, (), ())
    with _step(Step.SINCE):
        old = Checkpoint(head.origin, 0, EMPTY_ROOT)
        if question.since is not None:
            old = _open_since(question.since, question.keys, head, part)
    with _step(Step.RECEIPTS):
        promises = _open_receipts(question, head.origin)
    with _step(Step.ENTRIES):  # 3
        wanted = frozenset(promise.leaf_hash for promise in promises)
        walk = _Walk(Frontier(part.first, part.left), part.first + part.count, old.size, wanted)
        walk.take(_entries(file, part, head.size))
    with _step(Step.TREE):  # 4
        _check_root(walk.frontier, part, head)
    with _step(Step.SINCE):  # 5
        if old.size and walk.old_root != old.root:
            raise LogForkedError(
                f"the first {old.size} entries are not those that the older checkpoint signed"
            )
    with _step(Step.RECEIPTS):  # 6
        not_due = _check_promises(promises, walk, question.at, whole=header.part is None)
    unchecked = sum(not promise.is_proved for promise in promises)
    return Verified(part.count, head, len(promises) - not_due, not_due, unchecked)


@contextmanager
def _step(step: Step) -> Iterator[None]:
    try:
        yield
    except AuditError as error:
        raise VerificationFailedError(f"step {step.value} ({step.name.lower()}): {error}") from error


def _open_head(header: Header, keys: Sequence[Key]) -> Checkpoint:
    head = open_checkpoint(header.checkpoint, keys)
    if head.origin != header.origin:
        raise TranscriptMalformedError("the first line names another log than the checkpoint")
    listed = {str(parse_vkey(key)) for key in header.keys}
    if not listed.intersection(str(key) for key in keys):
        raise TranscriptMalformedError("the file does not list the trusted key among the log's keys")
    return head


def _open_since(note: str, keys: Sequence[Key], head: Checkpoint, part: Part) -> Checkpoint:
    old = open_checkpoint(note, keys)
    if old.origin != head.origin:
        raise LogForkedError(f"the older checkpoint is of another log, {old.origin}")
    if old.size > head.size:
        raise LogRolledBackError(
            f"{old.size} entries were signed before, now there are {head.size}: truncated"
        )
    if old.size and not part.first <= old.size <= part.first + part.count:
        raise ProofInvalidError(
            "the older checkpoint lies outside this part; export from there on, or the whole"
        )
    return old


def _open_receipts(question: Question, origin: str) -> list[Promise]:
    """What was promised by this log; a receipt of another log, though its key be trusted, is refused."""
    trust = Trust([key for key in question.keys if key.name == origin], question.jwks)
    return [open_promise(receipt, trust) for receipt in question.receipts]


def _entries(file: BinaryIO, part: Part, size: int) -> Iterator[bytes]:
    end = part.first + part.count
    if end > size:
        raise TranscriptMalformedError(f"the part ends at entry {end}, the log at {size}")
    for index in range(part.first, end):
        line = _line(file, MAX_LINE_BYTES)
        if not line:
            raise TranscriptMalformedError(f"the file ends before entry {index}; {end} were signed")
        yield parse_entry_line(line, index)
    if file.read(1):
        raise TranscriptMalformedError(f"the file goes on after its last entry, {end - 1}")


def _line(file: BinaryIO, limit: int) -> bytes:
    line = file.readline(limit)
    if len(line) == limit:
        raise TranscriptMalformedError(f"a line is longer than {limit} bytes")
    return line


def _check_root(frontier: Frontier, part: Part, head: Checkpoint) -> None:
    heights = [height for height, _ in subtrees(frontier.size, head.size)]
    if len(heights) != len(part.right):
        raise TranscriptMalformedError(f"the right side of the part needs {len(heights)} hashes")
    for height, subtree in zip(heights, part.right, strict=True):
        frontier.add(subtree, height)
    if frontier.root() != head.root:
        raise ProofInvalidError(
            "the entries do not lead to the signed root: one was changed, added, removed or moved"
        )


def _check_promises(promises: Sequence[Promise], walk: _Walk, at: datetime | None, *, whole: bool) -> int:
    """How many promises are not due yet; every other one must have its entry."""
    missing = [promise for promise in promises if promise.leaf_hash not in walk.seen]
    if not missing:
        return 0
    if not whole:
        raise ProofInvalidError("only an export of the whole log can show that a promised entry is missing")
    now = at or _time_of(walk.last)
    broken = [promise for promise in missing if now is not None and promise.due <= now]
    if broken:
        raise EntryOmittedError(_omission(broken))
    return len(missing)


def _omission(broken: Sequence[Promise]) -> str:
    """What is missing, the first by name, with its hash; and what the accusation still lacks."""
    first = broken[0]
    unproved = sum(not promise.is_proved for promise in broken)
    return (
        f"{len(broken)} promised entries are missing; the first is {first.entry_id},"
        f" leaf hash {first.leaf_hash.hex()}, due {first.due.isoformat()}:"
        " never logged, or logged with other content"
        + (f"; the signatures of {unproved} were not checked, give the keys by --jwks" if unproved else "")
    )


def _time_of(entry: bytes) -> datetime | None:
    """When the log's last entry was made; None for an empty log."""
    if not entry:
        return None
    try:
        return datetime.fromisoformat(parse_entry(entry)["at"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise EntryRefusedError("the last entry carries no time; say when the file was made (--at)") from None
