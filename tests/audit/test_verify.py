"""`audit.verify` and `python -m audit`: an honest log passes, and no single change of it does."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.checkpoint import Checkpoint
from audit.errors import VerificationFailedError
from audit.export import Period
from audit.log import Appended
from audit.merkle import EMPTY_ROOT, leaf_hash
from audit.note import Signer
from audit.receipt import issue
from audit.transcript import Header, entry_line
from audit.verify import Question, verify
from tests.audit.conftest import NOW, ORIGIN, fill, signer_of, transcript

ROOT = Path(__file__).resolve().parents[2]
LENGTH = 300


@pytest.fixture
def made(session: Session, signer: Signer) -> list[Appended]:
    """A log of 300 entries."""
    return fill(session, LENGTH, signer)


@pytest.fixture
def log(session: Session, made: list[Appended]) -> bytes:
    """Its export."""
    return transcript(session)


def passes(log: bytes, signer: Signer, **question: object) -> bool:
    """Whether the verifier accepts; whatever it refuses, it refuses by its one error."""
    try:
        verify(BytesIO(log), Question([signer.key], **question))  # type: ignore[arg-type]  # built by name
    except VerificationFailedError:
        return False
    return True


def lines_of(log: bytes) -> list[bytes]:
    """Lines with their ends."""
    return log.splitlines(keepends=True)


def test_an_honest_log_passes(log: bytes, signer: Signer) -> None:
    """Every entry counted, under the log's own head."""
    verified = verify(BytesIO(log), Question([signer.key]))

    assert (verified.entries, verified.checkpoint.size) == (LENGTH, LENGTH)


def test_every_single_deletion_is_rejected(log: bytes, signer: Signer) -> None:
    """Each of 300 rows in turn; renumbering the rest does not help."""
    lines = lines_of(log)
    for gone in range(1, len(lines)):
        kept = lines[:gone] + lines[gone + 1 :]
        assert not passes(b"".join(kept), signer)
        renumbered = [
            line if at < gone else line.replace(b'{"index":%d,' % at, b'{"index":%d,' % (at - 1))
            for at, line in enumerate(kept)
        ]
        assert not passes(b"".join(renumbered), signer)


def test_every_swap_of_neighbours_is_rejected(log: bytes, signer: Signer) -> None:
    """Rows exchanged as they are, and rows that exchange only their entries."""
    lines = lines_of(log)
    for at in range(1, len(lines) - 1):
        one, other = json.loads(lines[at]), json.loads(lines[at + 1])
        swapped = [json.dumps(one | {"entry": other["entry"]}), json.dumps(other | {"entry": one["entry"]})]
        forged = [line.encode() + b"\n" for line in swapped]
        assert not passes(b"".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]), signer)
        assert not passes(b"".join([*lines[:at], *forged, *lines[at + 2 :]]), signer)


def test_every_flipped_byte_of_a_short_log_is_rejected(session: Session, signer: Signer) -> None:
    """Exhaustive over the whole file, its first line included."""
    fill(session, 3, signer)
    log = transcript(session)
    accepted = [
        (place, bit)
        for place in range(len(log))
        for bit in (1, 32)
        if passes(log[:place] + bytes([log[place] ^ bit]) + log[place + 1 :], signer)
    ]

    assert accepted == []


def test_a_flipped_byte_in_each_of_300_entries_is_rejected(log: bytes, signer: Signer) -> None:
    """One byte in the middle of each row."""
    lines = lines_of(log)
    for at in range(1, len(lines)):
        middle = len(lines[at]) // 2
        forged = lines[at][:middle] + bytes([lines[at][middle] ^ 1]) + lines[at][middle + 1 :]
        assert not passes(b"".join([*lines[:at], forged, *lines[at + 1 :]]), signer)


def test_insertion_and_appending_are_rejected(log: bytes, signer: Signer) -> None:
    """A row too many, anywhere."""
    lines = lines_of(log)
    extra = b'{"index":300,"entry":"e30="}\n'

    for forged in (log + extra, log + lines[-1], log + b"\n", b"".join([*lines[:9], lines[8], *lines[9:]])):
        assert not passes(forged, signer)


def test_another_programs_json_is_read_as_well(log: bytes, signer: Signer) -> None:
    """Order of members and blanks do not matter, the entries do."""
    lines = [json.dumps(json.loads(line), sort_keys=True, indent=None).encode() for line in lines_of(log)]

    assert passes(b"\n".join(lines), signer)


def test_truncation_is_caught_by_an_older_checkpoint(session: Session, signer: Signer) -> None:
    """A shorter log under a genuine older head passes by itself, and not with what the auditor kept."""
    fill(session, 100, signer)
    short = transcript(session)
    old = stored_tree.head_note(session)
    fill(session, 100, signer, start=100)
    new, longer = stored_tree.head_note(session), transcript(session)

    assert passes(short, signer)
    assert passes(short, signer, since=old)
    assert passes(longer, signer, since=old)
    assert passes(longer, signer, since=new)
    assert not passes(short, signer, since=new)


def test_a_fork_under_the_real_key_is_caught_by_an_older_checkpoint(
    session: Session, signer: Signer, tmp_path: Path
) -> None:
    """Other entries, signed by the real key, do not extend what was signed before."""
    fill(session, 90, signer)
    old = stored_tree.head_note(session)
    session.rollback()
    fill(session, 130, signer, start=1)
    forked = transcript(session)

    assert passes(forked, signer)
    with pytest.raises(VerificationFailedError, match=r"step 5 \(since\): the first 90 entries"):
        verify(BytesIO(forked), Question([signer.key], since=old))


@pytest.mark.parametrize("period", [(0, 40), (40, 200), (37, 38), (255, 257), (250, 300), (400, 500)])
def test_a_part_passes_and_no_change_of_it_does(
    session: Session, made: list[Appended], signer: Signer, period: tuple[int, int]
) -> None:
    """Entries of a period lead to the signed root of the whole; rows or hashes beside them can not change."""
    since, until = (NOW + timedelta(minutes=minute) for minute in period)
    log = transcript(session, Period(since, until))
    lines = lines_of(log)

    verified = verify(BytesIO(log), Question([signer.key]))

    expected = max(0, min(period[1], LENGTH) - period[0])
    assert expected == verified.entries
    for at in range(1, len(lines)):
        assert not passes(b"".join(lines[:at] + lines[at + 1 :]), signer)
    header = json.loads(lines[0])
    for name, wrong in (("first", 1), ("count", -1), ("left", "x"), ("right", [""]), ("count", 400)):
        part = header["part"] | {name: wrong}
        if part != header["part"]:
            forged = json.dumps(header | {"part": part}).encode() + b"\n"
            assert not passes(b"".join([forged, *lines[1:]]), signer)
    for side in ("left", "right"):
        forged = json.dumps(header | {"part": header["part"] | {side: header["part"][side][:-1]}}).encode()
        assert not passes(b"".join([forged + b"\n", *lines[1:]]), signer) or not header["part"][side]


def test_an_older_checkpoint_is_checked_within_a_part(session: Session, signer: Signer) -> None:
    """Where the part covers it; elsewhere the verifier says that it can not tell."""
    notes = {}
    for start in (0, 100, 200):
        fill(session, 100, signer, start=start)
        notes[start + 100] = stored_tree.head_note(session)
    log = transcript(session, Period(NOW + timedelta(minutes=150), NOW + timedelta(minutes=250)))

    assert passes(log, signer, since=notes[200])
    assert not passes(log, signer, since=notes[100])
    assert not passes(log, signer, since=notes[300])


def test_keys_that_were_rotated_still_verify(session: Session) -> None:
    """The head is signed by the new key, the auditor's older checkpoint by the old one; both are listed."""
    old_signer, new_signer = signer_of(1), signer_of(2)
    fill(session, 5, old_signer)
    old = stored_tree.head_note(session)
    fill(session, 5, new_signer, start=5)
    log = transcript(session)

    assert verify(BytesIO(log), Question([old_signer.key, new_signer.key], since=old)).entries == 11
    assert not passes(log, old_signer)
    assert passes(log, new_signer)
    assert not passes(log, signer_of(3))


def test_a_receipt_makes_omission_provable(
    session: Session, made: list[Appended], log: bytes, signer: Signer
) -> None:
    """A promised entry that is not there, or there with other content, fails once its delay is over."""
    kept = [issue(signer, each.entry_id, each.leaf_hash, NOW) for each in made[::50]]
    dropped = issue(signer, "dropped", bytes(32), NOW)
    edited = issue(signer, made[7].entry_id, bytes(31) + b"\1", NOW)
    last = NOW + timedelta(minutes=LENGTH - 1)
    fresh = issue(signer, "fresh", bytes(32), last)

    verified = verify(BytesIO(log), Question([signer.key], receipts=[*kept, fresh]))

    assert (verified.receipts_kept, verified.receipts_not_due) == (6, 1)
    for receipt in (dropped, edited):
        with pytest.raises(VerificationFailedError, match=r"step 6 \(receipts\): 1 promised"):
            verify(BytesIO(log), Question([signer.key], receipts=[*kept, receipt]))
    assert not passes(log, signer, receipts=[fresh], at=last + timedelta(seconds=61))
    assert not passes(log, signer, receipts=[issue(signer_of(9), "x", bytes(32), NOW)])


def test_a_part_can_not_show_that_an_entry_is_missing(
    session: Session, made: list[Appended], signer: Signer
) -> None:
    """What is there is found; for the rest the verifier asks for the whole log."""
    log = transcript(session, Period(NOW, NOW + timedelta(minutes=10)))
    inside, outside = (issue(signer, each.entry_id, each.leaf_hash, NOW) for each in (made[5], made[50]))

    assert passes(log, signer, receipts=[inside])
    assert not passes(log, signer, receipts=[outside])


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\n",
        b"not json\n",
        b"[]\n",
        b"[" * 100_000 + b"\n",
        b"{}\n",
        b'{"origin":"a","checkpoint":"b","keys":["c"]}\n',
        b'{"origin":"a","checkpoint":"b","keys":[1]}\n',
        b'{"origin":"a","checkpoint":"b","keys":[],"more":1}\n',
        b'{"origin":"a","checkpoint":"b","keys":[],"part":1}\n',
        b'{"origin":"a","checkpoint":"b","keys":[],"part":{"first":0,"count":0,"left":["AA=="],"right":[]}}\n',
        b'{"origin":"a","checkpoint":"b","keys":[],"part":{"first":0,"count":0,"left":[1],"right":[]}}\n',
        b'{"origin":"a","checkpoint":"b","keys":[],"part":{"first":-1,"count":0,"left":[],"right":[]}}\n',
        b"x" * 1_000_001,
        b"\xff\xfe\n",
    ],
)
def test_malformed_first_lines_fail_by_name(header: bytes, signer: Signer) -> None:
    """Whatever stands there, the answer is a failed step."""
    assert not passes(header, signer)


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b'{"index":0}\n',
        b'{"index":"0","entry":""}\n',
        b'{"index":true,"entry":""}\n',
        b'{"index":0,"entry":"!"}\n',
        b'{"index":0,"entry":"\xc3\xa4"}\n',
        b'{"index":0,"entry":"e31="}\n',
        b'{"index":0,"entry":"AA==","x":1}\n',
        b'{"index":0,"entry":"' + b"A" * 200_000 + b'"}\n',
    ],
)
def test_malformed_entries_fail_by_name(log: bytes, signer: Signer, line: bytes) -> None:
    """In place of the first entry."""
    lines = lines_of(log)

    assert not passes(b"".join([lines[0], line, *lines[2:]]), signer)


def test_a_log_whose_last_entry_has_no_time_asks_for_one(signer: Signer) -> None:
    """When a promise was due can not be told from such a log; the auditor may say when the file was made."""
    body = b'{"action":"x"}'
    note = signer.sign_note(str(Checkpoint(ORIGIN, 1, leaf_hash(body))))
    log = bytes(Header(ORIGIN, note, (signer.vkey,))) + entry_line(0, body)
    fresh = issue(signer, "fresh", bytes(32), NOW)

    assert passes(log, signer)
    with pytest.raises(VerificationFailedError, match="carries no time"):
        verify(BytesIO(log), Question([signer.key], receipts=[fresh]))
    assert passes(log, signer, receipts=[fresh], at=NOW)


def test_an_empty_log_has_broken_no_promise(signer: Signer) -> None:
    """Nothing was logged yet, so nothing was due."""
    note = signer.sign_note(str(Checkpoint(ORIGIN, 0, EMPTY_ROOT)))
    log = bytes(Header(ORIGIN, note, (signer.vkey,)))

    verified = verify(BytesIO(log), Question([signer.key], note, [issue(signer, "id", bytes(32), NOW)]))

    assert (verified.entries, verified.receipts_not_due) == (0, 1)
