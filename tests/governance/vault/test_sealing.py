"""`governance.vault.sealing`: a field opens at its own place, whole, with its own key; never elsewhere."""

from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import SealBroken
from governance.vault.sealing import Cell, DataKey, open_sealed, seal
from tests.governance.vault.walks import vectors

KEY = DataKey("lead-a", 1, bytes(range(32)))
CELL = Cell("t-fields", "c-value", "record-1", "lead-a", 1)


@given(st.binary(max_size=300), st.integers(0, 2**31))
def test_what_is_sealed_opens(plaintext: bytes, record_version: int) -> None:
    """Opening is the inverse of sealing, for any bytes."""
    cell = replace(CELL, record_version=record_version)

    assert plaintext == open_sealed(KEY, cell, seal(KEY, cell, plaintext))


def test_the_stored_format_never_changes() -> None:
    """Bytes that an earlier version wrote still open.

    Format 1, key version 1, a nonce of zeros, then AES-256-GCM of "Ada" under the key 00 01 … 1f with the
    associated data of `CELL`, made with `cryptography` alone.
    """
    sealed = "0100000001" + "00" * 12 + "4fd8d472ff022843bb582c615f2f2b82264260"

    assert open_sealed(KEY, CELL, bytes.fromhex(sealed)) == b"Ada"


def test_equal_values_look_different() -> None:
    """Nothing can be counted or compared without the key."""
    assert seal(KEY, CELL, b"Ada") != seal(KEY, CELL, b"Ada")


@given(st.data())
def test_every_flipped_bit_is_refused(data: st.DataObject) -> None:
    """Header, nonce, ciphertext and tag: no bit can be changed unnoticed."""
    sealed = bytearray(seal(KEY, CELL, b"ada@example.com"))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8

    with pytest.raises(SealBroken):
        open_sealed(KEY, CELL, bytes(sealed))


@given(st.integers(0, 47))
def test_a_cut_value_is_refused(length: int) -> None:
    """Every shorter prefix, the empty one too."""
    sealed = seal(KEY, CELL, b"ada@example.com")

    assert len(sealed) == 48
    with pytest.raises(SealBroken):
        open_sealed(KEY, CELL, sealed[:length])


def test_no_sealed_value_opens_at_another_place() -> None:
    """The whole matrix: each pair of places over owner, table, column, record and both versions is refused.

    The keys of an owner's two versions are the same bytes here, so that only the context can refuse.
    """
    keys = {
        (owner, version): DataKey(owner, version, secret)
        for owner, secret in (("lead-a", bytes(32)), ("lead-b", bytes(32)))
        for version in (1, 2)
    }
    places = [
        (keys[owner, key_version], Cell(table, column, record, owner, record_version))
        for owner, key_version, table, column, record, record_version in product(
            ("lead-a", "lead-b"), (1, 2), ("t1", "t2"), ("c1", "c2"), ("r1", "r2"), (1, 2)
        )
    ]
    sealed = [seal(key, cell, b"x") for key, cell in places]
    accepted = [
        (source, target)
        for source, target in permutations(range(len(places)), 2)
        if _opens(*places[target], sealed[source])
    ]

    assert len(places) == 64
    assert accepted == []


def _opens(key: DataKey, cell: Cell, sealed: bytes) -> bool:
    try:
        open_sealed(key, cell, sealed)
    except SealBroken:
        return False
    return True


def test_a_field_is_not_sealed_under_another_owners_key() -> None:
    """A mistake in the code stops before anything is written."""
    with pytest.raises(ValueError, match="own owner"):
        seal(KEY, replace(CELL, owner="lead-b"), b"Ada")


def test_a_data_key_has_256_bits() -> None:
    """A shorter AES would work as well, and must not."""
    with pytest.raises(ValueError, match="256"):
        DataKey("lead-a", 1, bytes(16))


def test_nothing_of_a_key_shows_in_the_repr() -> None:
    """Neither in logs nor in tracebacks that print values."""
    assert repr(KEY) == "DataKey(owner='lead-a', version=1)"


def test_the_cipher_meets_the_public_vectors() -> None:
    """Wycheproof's AES-GCM cases with our key and nonce sizes, good and forged; the rest is not ours."""
    good = forged = 0
    for group, case in vectors("aes_gcm_test.json"):
        if (group["keySize"], group["ivSize"]) != (256, 96):
            continue
        key = DataKey("", 1, bytes.fromhex(case["key"]))
        nonce, about, plaintext = (bytes.fromhex(case[name]) for name in ("iv", "aad", "msg"))
        ciphertext = bytes.fromhex(case["ct"] + case["tag"])
        if case["result"] == "valid":
            good += 1
            assert ciphertext == key.encrypt(nonce, plaintext, about)
            assert plaintext == key.decrypt(nonce, ciphertext, about)
        else:
            forged += 1
            with pytest.raises(SealBroken):
                key.decrypt(nonce, ciphertext, about)

    assert (good, forged) == (39, 27)
