"""Reads a locked zip by its specification, the slow and plain way, and shares nothing with what writes it."""

import hashlib
import hmac
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def read(zipped: bytes, passphrase: str) -> dict[str, bytes]:
    """The files of the zip, by the directory at its end.

    Raises:
        ValueError: the passphrase is wrong, or something was changed.
    """
    end = zipped.rindex(b"PK\x05\x06")
    count, size, place = struct.unpack_from("<HII", zipped, end + 10)
    assert place + size == end
    files: dict[str, bytes] = {}
    for _ in range(count):
        assert zipped[place : place + 4] == b"PK\x01\x02"
        flags, method = struct.unpack_from("<HH", zipped, place + 8)
        packed, plain, name_size, extra_size, comment_size = struct.unpack_from("<IIHHH", zipped, place + 20)
        [offset] = struct.unpack_from("<I", zipped, place + 42)
        name = zipped[place + 46 : place + 46 + name_size].decode()
        extra = zipped[place + 46 + name_size : place + 46 + name_size + extra_size]
        assert (flags & 1, method, extra) == (1, 99, bytes.fromhex("0199 0700 0200 4145 03 0800"))
        files[name] = _content(zipped, offset, packed, passphrase)
        assert len(files[name]) == plain
        place += 46 + name_size + extra_size + comment_size
    return files


def _content(zipped: bytes, offset: int, packed: int, passphrase: str) -> bytes:
    """One file: what stands behind its own header."""
    name_size, extra_size = struct.unpack_from("<HH", zipped, offset + 26)
    start = offset + 30 + name_size + extra_size
    salt, verifier = zipped[start : start + 16], zipped[start + 16 : start + 18]
    body, code = zipped[start + 18 : start + packed - 10], zipped[start + packed - 10 : start + packed]
    keys = hashlib.pbkdf2_hmac("sha1", passphrase.encode(), salt, 1000, 66)
    if keys[64:] != verifier:
        raise ValueError("the passphrase is wrong")
    if not hmac.compare_digest(hmac.digest(keys[32:64], body, "sha1")[:10], code):
        raise ValueError("the file was changed")
    block = Cipher(algorithms.AES(keys[:32]), modes.ECB()).encryptor()  # noqa: S305 - the counters differ
    plain = bytearray()
    for number, place in enumerate(range(0, len(body), 16), start=1):
        stream = block.update(number.to_bytes(16, "little"))
        plain += bytes(a ^ b for a, b in zip(body[place : place + 16], stream, strict=False))
    return zlib.decompress(bytes(plain), wbits=-15)
