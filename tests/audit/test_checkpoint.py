"""`audit.checkpoint`: one spelling a head."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.errors import CheckpointMalformedError, NoteUnverifiedError
from audit.note import Note, Signer
from tests.audit.conftest import ORIGIN, signer_of
from tests.audit.test_note import public_note

EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1)


def test_the_specifications_example_is_read_and_written() -> None:
    """c2sp.org/tlog-checkpoint, to the byte."""
    expected = Checkpoint("example.com/behind-the-sofa", 20852163, ROOT)

    assert expected == Checkpoint.parse(EXAMPLE)
    assert str(expected) == EXAMPLE


@given(NAMES, st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_has_one_text(origin: str, size: int, root: bytes) -> None:
    """Parsing undoes writing."""
    checkpoint = Checkpoint(origin, size, root)

    assert checkpoint == Checkpoint.parse(str(checkpoint))


@pytest.mark.parametrize(
    "text",
    [
        "",
        EXAMPLE.removesuffix("\n"),
        EXAMPLE + "extension\n",
        EXAMPLE + "\n",
        "\n" + EXAMPLE,
        EXAMPLE.replace("20852163", "020852163"),
        EXAMPLE.replace("20852163", "+20852163"),
        EXAMPLE.replace("20852163", "-1"),
        EXAMPLE.replace("20852163", " 42"),
        EXAMPLE.replace("20852163", ""),
        EXAMPLE.replace("20852163", "1" * 5000),
        EXAMPLE.replace("20852163", "\u0661"),
        EXAMPLE.replace("=", ""),
        EXAMPLE.replace("q2I=", "q2J="),
        EXAMPLE.replace("CsUY", ""),
        "\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    """Leading zeros, signs, blanks, extension lines, another base64: not a checkpoint."""
    with pytest.raises(CheckpointMalformedError):
        Checkpoint.parse(text)


def test_a_checkpoint_opens_under_its_own_logs_key_only(signer: Signer) -> None:
    """A key that is trusted for one log does not vouch for another."""
    mine, foreign = Checkpoint(ORIGIN, 1, ROOT), Checkpoint("example.com/other", 1, ROOT)

    assert mine == open_checkpoint(signer.sign_note(str(mine)), [signer_of(1).key, signer.key])
    with pytest.raises(NoteUnverifiedError, match="another log"):
        open_checkpoint(signer.sign_note(str(foreign)), [signer.key])


def test_a_real_log_is_refused_for_its_unusual_origin() -> None:
    """The Go checksum database names its origin otherwise than its key; we ask for both to agree."""
    key, note = public_note("go sumdb")

    assert Checkpoint.parse(Note.parse(note).text).size == 20852163
    with pytest.raises(NoteUnverifiedError):
        open_checkpoint(note, [key])
