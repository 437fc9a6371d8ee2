"""`governance.vault.index`: hashes that find, that others' lists can be matched with, and that rotate."""

import hashlib
import hmac
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from governance.errors import ReindexStateError
from governance.vault.index import (
    begin_reindex,
    current_generation,
    finish_reindex,
    keyed_hash,
    lookup_hashes,
    lookup_hashes_of_sha256,
    nested,
    sha256_of,
    suppression_hash,
    suppression_hashes,
    suppression_hashes_of_sha256,
)
from governance.vault.keyring import Keyring
from governance.vault.tables import IndexPurpose
from tests.governance.vault.walks import vectors

EMAIL = "ada@example.com"


def begin(keys: Session, keyring: Keyring, purpose: IndexPurpose, now: datetime) -> None:
    """Begins a re-index and lets this process know."""
    begin_reindex(keys, keyring, purpose, now=now)
    keyring.refresh(keys)


def finish(keys: Session, keyring: Keyring, purpose: IndexPurpose) -> None:
    """Finishes a re-index and lets this process know."""
    finish_reindex(keys, purpose)
    keyring.refresh(keys)


def test_a_hash_is_an_hmac_of_the_sha256_at_full_length(keyring: Keyring) -> None:
    """So that a list of SHA-256 hashes can be matched, and no two people share one."""
    (key,) = keyring.index_keys(IndexPurpose.LOOKUP)
    digest = hashlib.sha256(EMAIL.encode()).digest()

    assert (hmac.digest(key.for_kind("email"), digest, "sha256"),) == lookup_hashes(keyring, "email", EMAIL)
    assert lookup_hashes_of_sha256(keyring, "email", digest) == lookup_hashes(keyring, "email", EMAIL)
    assert suppression_hashes_of_sha256(keyring, "email", digest) == suppression_hashes(
        keyring, "email", EMAIL
    )


def test_purposes_and_kinds_do_not_meet(keyring: Keyring) -> None:
    """The same text gives four unrelated hashes, so that tables can not be joined by them."""
    hashes = {
        found
        for kind in ("email", "external")
        for found in lookup_hashes(keyring, kind, EMAIL) + suppression_hashes(keyring, kind, EMAIL)
    }

    assert len(hashes) == 4


def test_look_ups_work_throughout_a_reindex(keys: Session, keyring: Keyring, now: datetime) -> None:
    """Two hashes while it runs, the old one first; afterwards the new one alone."""
    (old,) = lookup_hashes(keyring, "email", EMAIL)
    begin(keys, keyring, IndexPurpose.LOOKUP, now)
    during = lookup_hashes(keyring, "email", EMAIL)
    finish(keys, keyring, IndexPurpose.LOOKUP)

    assert during[0] == old
    assert during[1:] == lookup_hashes(keyring, "email", EMAIL)
    assert during[1] != old


def test_a_reindex_destroys_the_old_look_up_key(keys: Session, keyring: Keyring, now: datetime) -> None:
    """An old backup's index can not be asked any more whether somebody was in it."""
    begin(keys, keyring, IndexPurpose.LOOKUP, now)
    finish(keys, keyring, IndexPurpose.LOOKUP)

    assert [key.generation for key in keyring.index_keys(IndexPurpose.LOOKUP)] == [2]


def test_a_suppression_is_found_at_every_moment_of_a_rotation(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """Whether its row was written before, during or after, and whether it was nested yet or not."""
    rows = {suppression_hashes(keyring, "email", EMAIL)[0]}
    for _ in range(2):
        begin(keys, keyring, IndexPurpose.SUPPRESSION, now)
        rows.add(suppression_hashes(keyring, "email", EMAIL)[0])
        assert rows <= set(suppression_hashes(keyring, "email", EMAIL))
        finish(keys, keyring, IndexPurpose.SUPPRESSION)
        assert rows <= set(suppression_hashes(keyring, "email", EMAIL))
        rows.add(suppression_hashes(keyring, "email", EMAIL)[0])

    assert len(rows) == 3


def test_a_process_that_knows_only_of_the_beginning_finds_what_the_others_write(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """That is why a rotation waits between beginning and finishing."""
    begin(keys, keyring, IndexPurpose.SUPPRESSION, now)
    probed = suppression_hashes(keyring, "email", EMAIL)
    finish(keys, keyring, IndexPurpose.SUPPRESSION)

    assert suppression_hashes(keyring, "email", EMAIL)[0] in probed


def test_a_nested_row_is_the_hash_of_the_new_generation(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """Addresses that nobody knows any more move to a new key."""
    (old,) = suppression_hashes(keyring, "email", EMAIL)
    begin(keys, keyring, IndexPurpose.SUPPRESSION, now)
    finish(keys, keyring, IndexPurpose.SUPPRESSION)

    assert (*nested(keyring, [("email", old, 1)], 2), old) == suppression_hashes(keyring, "email", EMAIL)
    assert suppression_hash(keyring, "email", EMAIL) == (nested(keyring, [("email", old, 1)], 2)[0], 2)


def test_a_row_of_any_age_is_nested_through_every_later_key(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """One that two rotations have missed too."""
    old, first = suppression_hash(keyring, "email", EMAIL)
    for _ in range(2):
        begin(keys, keyring, IndexPurpose.SUPPRESSION, now)
        finish(keys, keyring, IndexPurpose.SUPPRESSION)
    newest, generation = suppression_hash(keyring, "email", EMAIL)
    [between] = nested(keyring, [("email", old, first)], 2)

    assert (first, generation, current_generation(keyring)) == (1, 3, 3)
    assert nested(keyring, [("email", old, 1), ("email", between, 2)], 3) == [newest, newest]


def test_a_reindex_is_begun_once_and_finished_once(keys: Session, keyring: Keyring, now: datetime) -> None:
    """A second beginning would lose the first one's rows."""
    with pytest.raises(ReindexStateError):
        finish_reindex(keys, IndexPurpose.LOOKUP)
    begin(keys, keyring, IndexPurpose.LOOKUP, now)
    with pytest.raises(ReindexStateError):
        begin_reindex(keys, keyring, IndexPurpose.LOOKUP, now=now)


def test_the_keyed_hash_meets_the_public_vectors() -> None:
    """Wycheproof's HMAC-SHA-256 cases; ours is never cut, so cut tags are compared with its start."""
    tried = 0
    for group, case in vectors("hmac_sha256_test.json"):
        found = keyed_hash(bytes.fromhex(case["key"]), bytes.fromhex(case["msg"]))
        right = bytes.fromhex(case["tag"]) == found[: group["tagSize"] // 8]
        assert right == (case["result"] == "valid"), case["tcId"]
        tried += 1

    assert tried == 174


def test_the_digest_is_of_the_utf8_bytes() -> None:
    """As in everybody's lists of hashed addresses."""
    assert hashlib.sha256("ä@example.com".encode()).digest() == sha256_of("ä@example.com")
