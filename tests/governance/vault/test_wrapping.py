"""`governance.vault.wrapping`: what is wrapped opens with its own key and context, and not otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import WrapBrokenError
from governance.vault.wrapping import KEY_BYTES, Wrapper, context, derive, new_key
from tests.governance.vault.walks import vectors

PARTS = st.lists(st.text(max_size=6), max_size=4)


def test_a_context_is_its_parts_behind_their_lengths() -> None:
    """The bytes are fixed: a change would make every key unreadable."""
    assert context("a", 12, "") == b"1:a2:120:"


@given(PARTS, PARTS)
def test_two_contexts_are_equal_only_when_their_parts_are(one: list[str], other: list[str]) -> None:
    """No way of cutting the same letters differently gives the same context."""
    assert (one == other) == (context(*one) == context(*other))


@given(st.binary(max_size=64), st.binary(max_size=16))
def test_what_is_wrapped_comes_back(plaintext: bytes, about: bytes) -> None:
    """Unwrapping is the inverse of wrapping."""
    wrapper = Wrapper(new_key())

    assert plaintext == wrapper.unwrap(wrapper.wrap(plaintext, about), about)


@given(st.data())
def test_every_flipped_bit_is_refused(data: st.DataObject) -> None:
    """Nonce, ciphertext and tag are all covered."""
    wrapper = Wrapper(new_key())
    wrapped = bytearray(wrapper.wrap(b"a data key", b"about"))
    place = data.draw(st.integers(0, len(wrapped) * 8 - 1))
    wrapped[place // 8] ^= 1 << place % 8

    with pytest.raises(WrapBrokenError):
        wrapper.unwrap(bytes(wrapped), b"about")


def test_another_key_or_context_opens_nothing() -> None:
    """A wrapped key can not be moved to another row, nor read under another epoch."""
    wrapper = Wrapper(new_key())
    wrapped = wrapper.wrap(b"a data key", b"about")

    with pytest.raises(WrapBrokenError):
        wrapper.unwrap(wrapped, b"about another")
    with pytest.raises(WrapBrokenError):
        Wrapper(new_key()).unwrap(wrapped, b"about")


@given(st.binary(max_size=40))
def test_bytes_that_were_never_wrapped_are_refused(rubbish: bytes) -> None:
    """Short and empty bytes too, and with the same error."""
    with pytest.raises(WrapBrokenError):
        Wrapper(new_key()).unwrap(rubbish, b"about")


def test_a_wrapper_shows_nothing_of_its_key() -> None:
    """Neither repr nor attributes hold the bytes."""
    key = b"k" * KEY_BYTES
    wrapper = Wrapper(key)

    assert "kkkk" not in repr(wrapper)
    assert not hasattr(wrapper, "__dict__")


def test_key_derivation_meets_the_public_vectors() -> None:
    """Wycheproof's HKDF-SHA-256 cases, those that must be refused too."""
    tried = 0
    for _, case in vectors("hkdf_sha256_test.json"):
        ikm, salt, info = (bytes.fromhex(case[name]) for name in ("ikm", "salt", "info"))
        if case["result"] == "invalid":
            with pytest.raises(ValueError, match="Cannot derive keys larger"):
                derive(ikm, info, salt=salt, length=case["size"])
        else:
            assert bytes.fromhex(case["okm"]) == derive(ikm, info, salt=salt, length=case["size"])
        tried += 1

    assert tried == 86
