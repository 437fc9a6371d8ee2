"""`audit.note`: the specification's examples, round trips, and everything that is not a note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import NoteMalformedError, NoteUnverifiedError
from audit.note import Ed25519Key, Note, Signer, parse_vkey, sign_note
from tests.audit.conftest import signer_of

# vkey, text, signature. Public: C2SP signed-note and tlog-checkpoint, golang.org/x/mod/sumdb/note
EXAMPLES = {
    "c2sp": (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "This is an example message.\n",
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=",
    ),
    "go sumdb": (
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
    ),
    "go note": (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        (
            "If you think cryptography is the answer to your problem,\n"
            "then you don't know what your problem is.\n"
        ),
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
    ),
}


def public_note(name: str) -> tuple[Ed25519Key, str]:
    """The key and the whole note of an example."""
    vkey, text, signature = EXAMPLES[name]
    return parse_vkey(vkey), f"{text}\n\u2014 {vkey.split('+')[0]} {signature}\n"


VKEY, TEXT, _ = EXAMPLES["c2sp"]
NOTE = public_note("c2sp")[1]
LINE = NOTE.removeprefix(f"{TEXT}\n")
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(lambda text: text + "\n")


@pytest.mark.parametrize("name", EXAMPLES)
def test_public_examples_verify_and_nothing_else_under_their_keys(name: str) -> None:
    """Notes that others signed verify; with one letter of the text changed they do not."""
    key, note = public_note(name)

    assert EXAMPLES[name][0] == str(key)
    assert Note.parse(note).verified_by([key]) == (key,)
    with pytest.raises(NoteUnverifiedError):
        Note.parse(f"x{note}").verified_by([key])


@given(TEXTS)
def test_a_signed_text_comes_back_to_the_byte(text: str) -> None:
    """Parsing undoes writing, and the signer's key verifies what it signed."""
    note = signer_of().sign_note(text)

    parsed = Note.parse(note)

    assert (text, note) == (parsed.text, str(parsed))
    assert parsed.verified_by([signer_of().key]) == (signer_of().key,)


def test_a_note_may_carry_several_signatures() -> None:
    """Two keys sign, either is enough, and a signature of an unknown key is ignored."""
    one, other, unknown = signer_of(1, "one"), signer_of(2, "other"), signer_of(3, "unknown")

    note = Note.parse(sign_note("text\n", one, other))

    assert note.verified_by([one.key, other.key, unknown.key]) == (one.key, other.key)
    with pytest.raises(NoteUnverifiedError, match="no trusted key"):
        note.verified_by([unknown.key])


def test_a_wrong_signature_of_a_trusted_key_spoils_the_note() -> None:
    """Even beside a good one: the specification says to reject."""
    one, other = signer_of(1, "one"), signer_of(2, "other")
    lines = (
        Note.parse(sign_note("text\n", one)).signatures + Note.parse(sign_note("else\n", other)).signatures
    )

    with pytest.raises(NoteUnverifiedError, match="other is wrong"):
        Note("text\n", lines).verified_by([one.key, other.key])


def test_a_key_of_the_same_name_is_another_key() -> None:
    """Name and key id together say which key."""
    with pytest.raises(NoteUnverifiedError):
        Note.parse(signer_of(1).sign_note("text\n")).verified_by([signer_of(2).key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        TEXT,
        f"{TEXT}{LINE}",
        f"{TEXT}\n{LINE}".removesuffix("\n"),
        f"{TEXT}\n",
        f"{TEXT}\n{LINE}\n",
        f"{TEXT}\n-- example.com/foo AAAAAAAA\n",
        f"{TEXT}\n{LINE.replace(' ', '  ')}",
        f"{TEXT}\n{LINE.replace('=', '')}",
        f"{TEXT}\n{LINE.replace('QM=', 'QN=')}",
        f"{TEXT}\n\u2014 example.com/foo Uw2QOg==\n",
        f"{TEXT}\n\u2014 example.com/foo \u0660\n",
        f"{TEXT}\n\u2014 a+b {LINE.split()[2]}\n",
        f"a\tb\n\n{LINE}",
        f"a\rb\n\n{LINE}",
        f"{TEXT}\n{LINE * 101}",
        "x" * 1_000_001,
    ],
)
def test_what_is_not_a_note_is_named(note: str) -> None:
    """One spelling, to the byte; anything else is refused before a signature is looked at."""
    with pytest.raises(NoteMalformedError):
        Note.parse(note)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000",
        VKEY.upper(),
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("+Ae", "+Ag"),
        VKEY[:-4],
        VKEY + "\n",
        VKEY.replace("example.com/foo", "two words"),
        "\udc80+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "name+00000000+====",
        "name+00000000+",
    ],
)
def test_what_is_not_a_key_is_named(vkey: str) -> None:
    """Wrong id, unknown algorithm, wrong length, impossible name."""
    with pytest.raises(NoteMalformedError):
        parse_vkey(vkey)


@pytest.mark.parametrize("text", ["", "no newline", "bell\x07\n"])
def test_only_a_text_can_be_signed(text: str) -> None:
    """What could not be parsed again is not signed."""
    with pytest.raises(NoteMalformedError):
        signer_of().sign_note(text)


def test_a_signer_never_shows_its_private_key() -> None:
    """Its repr is its public key, and it has no dictionary to dump."""
    signer = signer_of()

    assert repr(signer) == f"Signer({signer.vkey})"
    assert not hasattr(signer, "__dict__")
    assert signer.key == parse_vkey(signer.vkey)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\n"])
def test_a_signer_needs_a_name_that_a_line_can_hold(name: str) -> None:
    """Not empty, no space, no plus."""
    with pytest.raises(NoteMalformedError):
        Ed25519Key(name, bytes(32))


def test_signers_differ_by_name() -> None:
    """The same key under another name is another key."""
    one: Signer = signer_of(1, "one")

    assert one.key_id != signer_of(1, "other").key_id
