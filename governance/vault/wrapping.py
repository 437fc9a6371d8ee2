"""One key under another, bound to what it is for. Pure.

Keys are wrapped with AES-256-GCM-SIV (RFC 8452): an epoch key may wrap a thousand million data keys, more
than random 96-bit nonces allow plain GCM, and a nonce drawn twice then reveals no more than equality.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance.errors import WrapBrokenError

KEY_BYTES = 32
NONCE_BYTES = 12


def context(*parts: str | int) -> bytes:
    """Associated data: each part behind its length in characters, so that no two tuples share their bytes.

    A number is written in decimal: `context("a", 12)` is `1:a2:12`.
    """
    return "".join([f"{len(text)}:{text}" for text in map(str, parts)]).encode()


def new_key() -> bytes:
    """256 random bits of the operating system."""
    return os.urandom(KEY_BYTES)


def derive(key: bytes, info: bytes, *, salt: bytes | None = None, length: int = KEY_BYTES) -> bytes:
    """HKDF-SHA-256 (RFC 5869): a key of its own for the purpose that `info` names."""
    return HKDF(SHA256(), length, salt, info).derive(key)


class Wrapper:
    """A wrapping key, ready for use; its bytes are not kept in Python and never shown."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCMSIV(key)

    def wrap(self, plaintext: bytes, about: bytes) -> bytes:
        """Nonce and ciphertext, openable only together with the same `about` (see `context`)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, about)

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        """What was wrapped.

        Raises:
            WrapBrokenError: a changed byte, another key, or another context.
        """
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about)
        except (InvalidTag, ValueError) as error:
            raise WrapBrokenError("a wrapped key does not open here") from error
