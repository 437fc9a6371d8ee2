"""C2SP signed notes (c2sp.org/signed-note): text, a blank line, and signature lines.

    example.com/log
    2
    Qpq5…=

    — example.com/log Uw2QOkn8…=

A key is spoken of by its vkey, `<name>+<key id, 8 hex>+<base64(algorithm || public key)>`. Ed25519 is
algorithm 0x01, the only one here; another is another class with the properties of `Key`, named in `_KEYS`.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.errors import NoteMalformedError, NoteUnverifiedError

ED25519 = 0x01
ED25519_KEY_BYTES = 32
KEY_ID_BYTES = 4
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
SIGNATURE_START = "\u2014 "  # an em dash and a space

_VKEY = re.compile(r"(?P<name>[^+]+)\+(?P<key_id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Key(Protocol):
    """A public key that is trusted under a name."""

    @property
    def name(self) -> str:
        """The key's name, for a log its origin."""

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, say which key a signature line is about."""

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether this key signed exactly this text."""


class NoteSigner(Protocol):
    """A private key that signs notes."""

    @property
    def name(self) -> str:
        """The key's name."""

    @property
    def key_id(self) -> bytes:
        """Its four bytes."""

    def sign(self, text: str) -> bytes:
        """The signature over the text."""


@dataclass(frozen=True, slots=True)
class Ed25519Key:
    """An Ed25519 public key under a name; `str` gives its vkey."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != ED25519_KEY_BYTES:
            raise NoteMalformedError("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || 0x0A || algorithm || public key)[:4]."""
        text = self.name.encode() + b"\n" + bytes([ED25519]) + self.public_key
        return hashlib.sha256(text).digest()[:KEY_ID_BYTES]

    def verify(self, text: str, signature: bytes) -> bool:
        """RFC 8032 over the text's UTF-8."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([ED25519]) + self.public_key)}"


_KEYS = {ED25519: Ed25519Key}


def parse_vkey(vkey: str) -> Ed25519Key:
    """The key of its text.

    Raises:
        NoteMalformedError: not a vkey, an unknown algorithm, or a key id that is not the key's.
    """
    parts = _VKEY.fullmatch(vkey)
    if parts is None:
        raise NoteMalformedError("a key looks like NAME+8 HEX DIGITS+BASE64")
    encoded = from_base64(parts["key"])
    make = _KEYS.get(encoded[0]) if encoded else None
    if make is None:
        raise NoteMalformedError("the key is of an unknown algorithm")
    key = make(parts["name"], encoded[1:])
    if str(key) != vkey:
        raise NoteMalformedError("the key id is not the key's")
    return key


class Signer:
    """Signs notes with an Ed25519 key under a name; the private key never shows."""

    __slots__ = ("_private_key", "key", "key_id", "name", "vkey")

    def __init__(self, name: str, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.key = Ed25519Key(name, private_key.public_key().public_bytes_raw())
        self.name = name
        self.key_id = self.key.key_id
        self.vkey = str(self.key)

    def __repr__(self) -> str:
        return f"Signer({self.vkey})"

    def sign(self, text: str) -> bytes:
        """RFC 8032 over the text's UTF-8."""
        return self._private_key.sign(text.encode())

    def sign_note(self, text: str) -> str:
        """The text as a note signed by this key alone.

        Raises:
            NoteMalformedError: the text does not end in a newline, or holds a control character.
        """
        return sign_note(text, self)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Strict: one spelling a line.

        Raises:
            NoteMalformedError: not a signature line.
        """
        name, _, encoded = line.removeprefix(SIGNATURE_START).partition(" ")
        raw = from_base64(encoded)
        if len(raw) <= KEY_ID_BYTES:
            raise NoteMalformedError("a signature is too short")
        signature = cls(_check_name(name), raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])
        if str(signature) != line:
            raise NoteMalformedError("a signature line does not start with an em dash")
        return signature

    def __str__(self) -> str:
        return f"{SIGNATURE_START}{self.name} {to_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures; nothing is believed until `verified_by`."""

    text: str
    signatures: tuple[Signature, ...] = field(repr=False)

    @classmethod
    def parse(cls, note: str) -> Self:
        """Strict: `str` of the answer is `note`, to the byte.

        Raises:
            NoteMalformedError: not a signed note.
        """
        if len(note) > MAX_NOTE_BYTES:
            raise NoteMalformedError("the note is too long")
        text, blank, rest = note.rpartition("\n\n")
        if not blank or not rest.endswith("\n"):
            raise NoteMalformedError("a note is a text, a blank line and signature lines")
        lines = rest[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise NoteMalformedError("the note has too many signatures")
        return cls(_check_text(text + "\n"), tuple(Signature.parse(line) for line in lines))

    def __str__(self) -> str:
        return "\n".join([self.text, *map(str, self.signatures), ""])

    def verified_by(self, keys: Sequence[Key]) -> tuple[Key, ...]:
        """The trusted keys that signed; signatures of other keys are ignored, as the specification says.

        Raises:
            NoteUnverifiedError: none of them signed, or one of them is named with a wrong signature.
        """
        found = tuple(
            key
            for key in keys
            for line in self.signatures
            if (line.name, line.key_id) == (key.name, key.key_id) and _holds(key, self.text, line)
        )
        if not found:
            raise NoteUnverifiedError("no trusted key signed the note")
        return found


def sign_note(text: str, *signers: NoteSigner) -> str:
    """The text as a note signed by all of `signers`.

    Raises:
        NoteMalformedError: the text does not end in a newline, or holds a control character.
    """
    lines = tuple(Signature(signer.name, signer.key_id, signer.sign(text)) for signer in signers)
    return str(Note(_check_text(text), lines))


def to_base64(raw: bytes) -> str:
    """RFC 4648, section 4."""
    return base64.b64encode(raw).decode()


def from_base64(text: str) -> bytes:
    """RFC 4648, section 4, strict: one spelling a value.

    Raises:
        NoteMalformedError: not base64, or not its one spelling.
    """
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NoteMalformedError("not base64") from None
    if to_base64(raw) != text:
        raise NoteMalformedError("base64 in another than its one spelling")
    return raw


def _holds(key: Key, text: str, line: Signature) -> bool:
    if not key.verify(text, line.signature):
        raise NoteUnverifiedError(f"the signature of {key.name} is wrong")
    return True


def _check_name(name: str) -> str:
    if (
        not name
        or "+" in name
        or any(mark.isspace() or mark < " " or "\ud800" <= mark <= "\udfff" for mark in name)
    ):
        raise NoteMalformedError("a key's name is not empty and holds no space and no plus")
    return name


def _check_text(text: str) -> str:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteMalformedError("a note's text ends in a newline and holds no control character")
    return text
