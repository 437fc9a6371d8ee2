"""Zips that a passphrase opens: readable by the specification, written in little memory."""

import base64
import io
import os
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import pyzipper
from hypothesis import given
from hypothesis import strategies as st

from governance.vault import locked_zip
from governance.vault.locked_zip import ALPHABET, ZipTooLargeError, locked, new_passphrase
from tests.governance.vault import winzip

NOW = datetime(2026, 11, 24, 10, 30, 20, tzinfo=UTC)
PASSPHRASE = "7K3M-WX2P-9RTB-4HQ8-ZD6N"
# Made by pyzipper 0.4.0 (AES-256, AE-2), as a check of the reader that checks us.
FOREIGN = (
    "UEsDBBQAAQBjAOmhdl0AAAAANwAAAEIAAAAFAAsAYS50eHQBmQcAAgBBRQMIAG6RA5niLLJ7wC3CRyrzExEIgAteVv"
    "U6aX/GnDbqk4/sPbNYsC49bOdx0EXIv4Ezt3Zy1NN/I0lQSwECFAMUAAEAYwDpoXZdAAAAADcAAABCAAAABQALAAAA"
    "AAAAAAAAgAEAAAAAYS50eHQBmQcAAgBBRQMIAFBLBQYAAAAAAQABAD4AAABlAAAAAAA="
)


def written(files: dict[str, list[bytes]], passphrase: str = PASSPHRASE) -> bytes:
    """A zip of these pieces."""
    return b"".join(locked(((name, iter(pieces)) for name, pieces in files.items()), passphrase, now=NOW))


@given(
    st.dictionaries(
        st.text("abcö.", min_size=1, max_size=8), st.lists(st.binary(max_size=300), max_size=5), max_size=3
    )
)
def test_what_was_locked_is_opened_again(files: dict[str, list[bytes]]) -> None:
    """By a reader that knows the specification alone, whatever the pieces were."""
    assert {name: b"".join(pieces) for name, pieces in files.items()} == winzip.read(
        written(files), PASSPHRASE
    )


def test_the_reader_of_these_tests_opens_what_others_wrote() -> None:
    """So that it is no mirror of our own mistakes."""
    assert winzip.read(base64.b64decode(FOREIGN), PASSPHRASE) == {"a.txt": b"made by somebody else " * 3}


def test_content_longer_than_what_is_encrypted_at_once_is_opened_again() -> None:
    """The key stream goes on where it stopped, in the middle of a block too."""
    pieces = [os.urandom(70_001), b"x", os.urandom(locked_zip.AT_ONCE), b""]

    assert winzip.read(written({"a": pieces}), PASSPHRASE) == {"a": b"".join(pieces)}


def test_names_and_times_are_those_that_any_program_shows() -> None:
    """The standard library lists the zip, knows that it is locked, and does not open it."""
    archive = zipfile.ZipFile(io.BytesIO(written({"index.html": [b"<p>"], "ü.csv": []})))
    shown = archive.infolist()

    assert [(each.filename, each.flag_bits & 1) for each in shown] == [("index.html", 1), ("ü.csv", 1)]
    assert {each.date_time for each in shown} == {(2026, 11, 24, 10, 30, 20)}
    with pytest.raises(NotImplementedError):
        archive.read("index.html", PASSPHRASE.encode())


def test_another_passphrase_or_a_changed_byte_opens_nothing() -> None:
    """Neither the content nor a part of it."""
    zipped = bytearray(written({"a": [b"secret" * 50]}))
    with pytest.raises(ValueError, match="passphrase"):
        winzip.read(bytes(zipped), PASSPHRASE[::-1])
    zipped[80] ^= 1
    with pytest.raises(ValueError, match="changed"):
        winzip.read(bytes(zipped), PASSPHRASE)
    assert b"secret" not in zipped


def test_two_zips_of_the_same_have_nothing_in_common() -> None:
    """Each file of each zip has keys of its own."""
    one, two = (written({"a": [b"same"], "b": [b"same"]}) for _ in range(2))
    bodies = {zipped[start : start + 16] for zipped in (one, two) for start in (42, len(zipped) // 2)}

    assert len(bodies) == 4


def test_a_program_that_others_wrote_opens_it() -> None:
    """pyzipper, which is nobody's of ours."""
    archive = pyzipper.AESZipFile(io.BytesIO(written({"a": [b"x" * 100_000]})))
    archive.setpassword(PASSPHRASE.encode())

    assert archive.testzip() is None
    assert archive.read("a") == b"x" * 100_000


def test_a_long_file_is_written_in_little_memory() -> None:
    """Twenty megabytes that do not compress, in less than two."""

    def pieces() -> Iterator[bytes]:
        for _ in range(320):
            yield os.urandom(64 * 1024)

    tracemalloc.start()
    size = sum(len(piece) for piece in locked(iter([("a", pieces())]), PASSPHRASE, now=NOW))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 20 * 1024 * 1024
    assert peak < 2 * 1024 * 1024


def test_more_than_a_zip_can_say_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than written with a size that is wrong."""
    monkeypatch.setattr(locked_zip, "MOST_BYTES", 1000)
    with pytest.raises(ZipTooLargeError):
        written({"a": [b"\0" * 1001]})
    with pytest.raises(ZipTooLargeError):
        written({name: [os.urandom(400)] for name in "abc"})


def test_passphrases_can_be_read_out_and_are_never_alike() -> None:
    """Five groups of four signs, a hundred bits, none that is taken for another."""
    made = {new_passphrase() for _ in range(200)}

    assert len(made) == 200
    assert len(set(ALPHABET)) == 32
    assert not set("01IO") & set(ALPHABET)
    assert all([len(group) for group in one.split("-")] == [4] * 5 for one in made)
    assert {sign for one in made for sign in one} == {*ALPHABET, "-"}
