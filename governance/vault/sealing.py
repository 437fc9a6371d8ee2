"""Seals one field under its owner's key, so that it opens at its own place and nowhere else. Pure.

Layout of sealed bytes, all numbers big-endian:

    01 | key version (4) | nonce (12) | AES-256-GCM ciphertext and tag (16)

The associated data name the cell (see `Cell`) and the key version, each part behind its length. Table and
column are permanent ids, constants in the code: renaming a table must not make its fields unreadable.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from governance.errors import SealBroken
from governance.vault.wrapping import KEY_BYTES, NONCE_BYTES

FORMAT = b"\x01"
VERSION_BYTES = 4
NONCE_START = len(FORMAT) + VERSION_BYTES
NONCE_END = NONCE_START + NONCE_BYTES


@dataclass(frozen=True, slots=True)
class DataKey:
    """The unwrapped key of one owner. Hold it for one piece of work; nothing keeps it for later.

    `header` is how everything begins that is sealed under it. `marks` are the newest record versions of what
    was sealed anew, by the place of the cell, as the key store remembers them: what is older does not open.
    """

    owner: str
    version: int
    key: bytes = field(repr=False)
    marks: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)
    header: bytes = field(init=False, repr=False, compare=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError("a data key has 256 bits")
        object.__setattr__(self, "header", FORMAT + self.version.to_bytes(VERSION_BYTES, "big"))
        object.__setattr__(self, "_cipher", AESGCM(self.key))

    def encrypt(self, nonce: bytes, plaintext: bytes, about: bytes) -> bytes:
        """AES-256-GCM: ciphertext and tag. A nonce is never used twice with one key."""
        return self._cipher.encrypt(nonce, plaintext, about)

    def decrypt(self, nonce: bytes, ciphertext: bytes, about: bytes) -> bytes:
        """The inverse of `encrypt`.

        Raises:
            SealBroken: anything is not as it was.
        """
        try:
            return self._cipher.decrypt(nonce, ciphertext, about)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("a sealed field does not open at this place", self.owner) from error


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a sealed value belongs: the only place at which it opens."""

    table: str
    column: str
    record: str
    owner: str
    record_version: int

    @property
    def place(self) -> str:
        """The cell among its owner's, whatever its version."""
        return f"{self.table}.{self.column}/{self.record}"


def seal(key: DataKey, cell: Cell, plaintext: bytes) -> bytes:
    """`plaintext`, readable with this key at this cell only; equal values look different each time.

    Raises:
        ValueError: the key is another owner's.
    """
    if key.owner != cell.owner:
        raise ValueError("a field is sealed under its own owner's key")
    nonce = os.urandom(NONCE_BYTES)
    return key.header + nonce + key.encrypt(nonce, plaintext, _about(key, cell))


def open_sealed(key: DataKey, cell: Cell, sealed: bytes) -> bytes:
    """What was sealed.

    Raises:
        SealBroken: a changed byte, another owner, key version or cell, or bytes of another format; or a
            record version from before the newest, which somebody has put back.
    """
    if key.marks and cell.record_version < key.marks.get(cell.place, 0):
        raise SealBroken("a sealed field is older than the newest of its place", cell.owner)
    if not sealed.startswith(key.header) or key.owner != cell.owner:
        raise SealBroken("a sealed field does not belong to this key", cell.owner)
    return key.decrypt(sealed[NONCE_START:NONCE_END], sealed[NONCE_END:], _about(key, cell))


def _about(key: DataKey, cell: Cell) -> bytes:
    """`context` of these parts, written out for it is the half of sealing that is not the cipher."""
    key_version, record_version = str(key.version), str(cell.record_version)
    return (
        f"18:leadwarden field 1{len(cell.table)}:{cell.table}{len(cell.column)}:{cell.column}"
        f"{len(cell.record)}:{cell.record}{len(cell.owner)}:{cell.owner}"
        f"{len(key_version)}:{key_version}{len(record_version)}:{record_version}"
    ).encode()
