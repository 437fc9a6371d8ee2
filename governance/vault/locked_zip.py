"""A zip that a passphrase opens, written as its content comes: AES-256 as WinZip, 7-Zip, macOS tools read it.

Source: WinZip, "AES Encryption Information: Encryption Specification AE-1 and AE-2", here AE-2; and PKWARE
APPNOTE 6.3.10. Each file has a salt of its own; of its key, half encrypts (AES-256 in counter mode, the
counter little-endian from 1), half authenticates (HMAC-SHA-1, first ten bytes, over what is encrypted).

The format fixes PBKDF2 at 1,000 rounds, which is few: so passphrases are made here, of 100 bits, and never
chosen. Names and sizes of the files are not encrypted. See ADR 19.
"""

import hashlib
import hmac
import secrets
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs that nobody takes for one another
GROUPS, GROUP = 5, 4

SALT, VERIFIER, MAC, KEY = 16, 2, 10, 32
ROUNDS = 1000
BLOCK = 16
AT_ONCE = 64 * 1024
MOST_BYTES = 0xFFFFFFFF
"""Of one file, and of the whole: beyond it a zip needs other headers."""

LOCAL, DESCRIPTOR, CENTRAL, END = 0x04034B50, 0x08074B50, 0x02014B50, 0x06054B50
VERSION, METHOD_AES, FLAGS = 51, 99, 0x0001 | 0x0008 | 0x0800  # encrypted; sizes follow; names in UTF-8
EXTRA = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, zlib.DEFLATED)  # AE-2, 256 bits, deflated inside


class ZipTooLargeError(ValueError):
    """More than this form of a zip can hold."""


def new_passphrase() -> str:
    """A hundred random bits, to be read out on a telephone: `7K3M-WX2P-9RTB-4HQ8-ZD6N`."""
    signs = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)]
    return "-".join("".join(signs[start : start + GROUP]) for start in range(0, len(signs), GROUP))


def locked(
    files: Iterator[tuple[str, Iterator[bytes]]], passphrase: str, *, now: datetime
) -> Iterator[bytes]:
    """The zip in pieces: each of `files`, a name and its content, is read once and never kept whole.

    Raises:
        ZipTooLargeError: a file, or all together, pass four gigabytes.
    """
    written, entries = 0, []
    for name, content in files:
        entry = _Entry(name.encode(), _dos(now), written)
        for piece in entry.write(content, passphrase):
            written += len(piece)
            yield piece
        entries.append(entry)
    central = b"".join(entry.central() for entry in entries)
    if written > MOST_BYTES:
        raise ZipTooLargeError("more than four gigabytes")
    count = len(entries)
    yield central + struct.pack("<IHHHHIIH", END, 0, 0, count, count, len(central), written, 0)


@dataclass(slots=True)
class _Entry:
    """One file of the zip; its sizes are known once it is written."""

    name: bytes
    when: tuple[int, int]
    offset: int
    plain: int = 0
    packed: int = 0

    def write(self, content: Iterator[bytes], passphrase: str) -> Iterator[bytes]:
        """Header, salt, verifier, the encrypted content, its code, and the sizes."""
        head = struct.pack(
            "<IHHHHHIIIHH", LOCAL, VERSION, FLAGS, METHOD_AES, *self.when, 0, 0, 0, len(self.name), len(EXTRA)
        )
        yield head + self.name + EXTRA
        lock = _Lock.of(passphrase)
        yield lock.salt + lock.verifier
        self.packed = SALT + VERIFIER + MAC
        for piece in self._deflated(content):
            encrypted = lock.encrypt(piece)
            self.packed += len(encrypted)
            yield encrypted
        if max(self.plain, self.packed) > MOST_BYTES:
            raise ZipTooLargeError("a file of more than four gigabytes")
        yield lock.mac.digest()[:MAC] + struct.pack("<IIII", DESCRIPTOR, 0, self.packed, self.plain)

    def central(self) -> bytes:
        """The entry in the directory at the end; AE-2 keeps no checksum of what it hides."""
        head = struct.pack(
            "<IHHHHHHIIIHHHHHII",
            CENTRAL,
            VERSION,
            VERSION,
            FLAGS,
            METHOD_AES,
            *self.when,
            0,
            self.packed,
            self.plain,
            len(self.name),
            len(EXTRA),
            0,
            0,
            0,
            0o600 << 16,
            self.offset,
        )
        return head + self.name + EXTRA

    def _deflated(self, content: Iterator[bytes]) -> Iterator[bytes]:
        """The content compressed, in pieces of a useful size."""
        packer, waiting = zlib.compressobj(wbits=-zlib.MAX_WBITS), bytearray()
        for piece in content:
            self.plain += len(piece)
            waiting += packer.compress(piece)
            if len(waiting) >= AT_ONCE:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting) + packer.flush()


@dataclass(slots=True)
class _Lock:
    """The keys of one file, and how far their stream is used."""

    salt: bytes
    verifier: bytes
    blocks: CipherContext = field(repr=False)
    mac: "hmac.HMAC" = field(repr=False)
    counter: int = 1
    left: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, passphrase: str) -> "_Lock":
        """Fresh keys from the passphrase and a random salt."""
        salt = secrets.token_bytes(SALT)
        derived = hashlib.pbkdf2_hmac("sha1", passphrase.encode(), salt, ROUNDS, 2 * KEY + VERIFIER)
        encrypting, signing, verifier = derived[:KEY], derived[KEY : 2 * KEY], derived[2 * KEY :]
        blocks = Cipher(algorithms.AES(encrypting), modes.ECB()).encryptor()  # noqa: S305 - each block once: a counter
        return cls(salt, verifier, blocks, hmac.new(signing, digestmod="sha1"))

    def encrypt(self, piece: bytes) -> bytes:
        """The piece under the next part of the key stream."""
        if not piece:
            return b""
        missing = -(-max(0, len(piece) - len(self.left)) // BLOCK)
        counters = b"".join(
            number.to_bytes(BLOCK, "little") for number in range(self.counter, self.counter + missing)
        )
        self.counter += missing
        stream = self.left + self.blocks.update(counters)
        used, self.left = stream[: len(piece)], stream[len(piece) :]
        mixed = int.from_bytes(piece, "big") ^ int.from_bytes(used, "big")
        encrypted = mixed.to_bytes(len(piece), "big")
        self.mac.update(encrypted)
        return encrypted


def _dos(now: datetime) -> tuple[int, int]:
    """Time and date as a zip has them, to two seconds."""
    time = now.hour << 11 | now.minute << 5 | now.second // 2
    return time, (now.year - 1980) << 9 | now.month << 5 | now.day
