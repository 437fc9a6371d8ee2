"""Blind indexes: an address is found again, and a suppression matched, by a keyed hash.

    lookup hash      = HMAC-SHA-256(key, SHA-256(normalised))
    suppression hash = HMAC(key n, … HMAC(key 1, SHA-256(normalised)))

Full length: a truncated hash would make each look-up open other people's records. The inner SHA-256 lets
lists of hashed addresses be matched. Each purpose and kind of identifier has its own key, derived from the
index key of a generation (see `IndexKey.for_kind`).

A look-up index is made anew under another key: `begin_reindex`, write every row under both hashes,
`finish_reindex`. Nobody can do that for suppressions, whose addresses are gone; there the stored hash is
hashed once more (`nested`). A row of any generation keeps matching, so no suppression is lost half-way.

Other processes learn of a new generation at their next `Keyring.refresh`: begin, wait `SETTLED_AFTER`, go on.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import accumulate

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from governance.errors import ReindexStateError
from governance.vault.keyring import IndexKey, Keyring, add_index_key
from governance.vault.tables import IndexKeyRow, IndexPurpose, IndexState

SETTLED_AFTER = timedelta(minutes=2)  # twice the interval at which the service refreshes its keyring


def lookup_hashes(keyring: Keyring, kind: str, normalised: str) -> tuple[bytes, ...]:
    """The hashes to find an identifier by, the current one first; two while a re-index runs.

    Probe them all, and write a row for each.
    """
    return lookup_hashes_of_sha256(keyring, kind, sha256_of(normalised))


def lookup_hashes_of_sha256(keyring: Keyring, kind: str, digest: bytes) -> tuple[bytes, ...]:
    """`lookup_hashes` of an identifier of which only the SHA-256 is known."""
    return tuple([keyed_hash(key.for_kind(kind), digest) for key in keyring.index_keys(IndexPurpose.LOOKUP)])


def suppression_hashes(keyring: Keyring, kind: str, normalised: str) -> tuple[bytes, ...]:
    """The hashes to find a suppression by: probe them all, write the first."""
    return suppression_hashes_of_sha256(keyring, kind, sha256_of(normalised))


def suppression_hashes_of_sha256(keyring: Keyring, kind: str, digest: bytes) -> tuple[bytes, ...]:
    """`suppression_hashes` of an identifier of which only the SHA-256 is known."""
    generations = keyring.index_keys(IndexPurpose.SUPPRESSION)
    if len(generations) == 1:  # nearly always
        return (keyed_hash(generations[0].for_kind(kind), digest),)
    nested = list(accumulate((key.for_kind(kind) for key in generations), _nest, initial=digest))[1:]
    by_age = list(zip(generations, nested, strict=True))
    written = [found for key, found in reversed(by_age) if key.state is IndexState.CURRENT]
    coming = [found for key, found in by_age if key.state is IndexState.COMING]
    return (*written, *coming)


def suppression_hash(keyring: Keyring, kind: str, normalised: str) -> tuple[bytes, int]:
    """The hash to write, and the generation that it is of; both of one look at the keyring."""
    return suppression_hash_of_sha256(keyring, kind, sha256_of(normalised))


def suppression_hash_of_sha256(keyring: Keyring, kind: str, digest: bytes) -> tuple[bytes, int]:
    """`suppression_hash` of an identifier of which only the SHA-256 is known."""
    current = _current_suppression_keys(keyring)
    nest = reduce(_nest, (key.for_kind(kind) for key in current), digest)
    return nest, current[-1].generation


def current_generation(keyring: Keyring) -> int:
    """Of the keys under which suppressions are written now."""
    return _current_suppression_keys(keyring)[-1].generation


def nested(keyring: Keyring, old: Sequence[tuple[str, bytes, int]], generation: int) -> list[bytes]:
    """Hashes of older generations (kind, hash, generation), as `generation` stores them."""
    keys = [key for key in keyring.index_keys(IndexPurpose.SUPPRESSION) if key.generation <= generation]
    return [
        reduce(_nest, (key.for_kind(kind) for key in keys if key.generation > its), found)
        for kind, found, its in old
    ]


def link_keys(keyring: Keyring, kind: str) -> tuple[bytes, ...]:
    """The keys that authenticate links of one kind, the one for new links first."""
    generations = keyring.index_keys(IndexPurpose.LINKS)
    return tuple(key.for_kind(kind) for key in reversed(generations))


def begin_reindex(keys: Session, keyring: Keyring, purpose: IndexPurpose, *, now: datetime) -> int:
    """Adds a coming generation, probed (and for look-ups written) from now on; gives its number.

    Raises:
        ReindexStateError: one is already under way; finish that first.
    """
    held = _rows(keys, purpose)
    if held[-1].state is IndexState.COMING:
        raise ReindexStateError("a re-index is already under way")
    generation = held[-1].generation + 1
    add_index_key(keys, keyring, purpose, generation=generation, state=IndexState.COMING, now=now)
    return generation


def finish_reindex(keys: Session, purpose: IndexPurpose) -> None:
    """Makes the coming generation the current one.

    The old look-up key is destroyed: call this when every row stands under the coming hash. Suppression
    keys stay, being the inner ones of the nest. Refresh the keyring once this is committed.

    Raises:
        ReindexStateError: none is under way.
    """
    coming = _rows(keys, purpose)[-1]
    if coming.state is not IndexState.COMING:
        raise ReindexStateError("no re-index is under way")
    this_purpose = IndexKeyRow.purpose == purpose
    if purpose is IndexPurpose.LOOKUP:
        keys.execute(delete(IndexKeyRow).where(this_purpose, IndexKeyRow.generation < coming.generation))
    keys.execute(update(IndexKeyRow).where(this_purpose).values(state=IndexState.CURRENT))


def sha256_of(normalised: str) -> bytes:
    """The digest that the hashes rest on, and that others' lists of hashed addresses hold."""
    return hashlib.sha256(normalised.encode()).digest()


def keyed_hash(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256, 32 bytes."""
    return hmac.digest(key, message, "sha256")


def _current_suppression_keys(keyring: Keyring) -> list[IndexKey]:
    generations = keyring.index_keys(IndexPurpose.SUPPRESSION)
    return [key for key in generations if key.state is IndexState.CURRENT]


def _nest(inner: bytes, key: bytes) -> bytes:
    return keyed_hash(key, inner)


def _rows(keys: Session, purpose: IndexPurpose) -> Sequence[IndexKeyRow]:
    statement = select(IndexKeyRow).where(IndexKeyRow.purpose == purpose)
    return keys.scalars(statement.order_by(IndexKeyRow.generation).with_for_update()).all()
