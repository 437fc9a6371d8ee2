"""Where files are: a folder or a bucket, both told by a variable and never by a document.

A place lists its files by pattern, opens one at a time for reading, and puts a new one in an old one's place
only if the old one is still what was read.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fnmatch import translate
from typing import BinaryIO, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from governance.stores.errors import StoreCode, StoreError

HIDDEN = ".leadwarden-"
"""How files begin that are being written; they are nobody's tables."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file was when it was read: changed by whatever changes the file."""

    parts: tuple[object, ...] = field(repr=False)


Write = Callable[[BinaryIO, BinaryIO], bool]
"""Reads the old file, writes the new one, and says whether it differs."""


class Place(Protocol):
    """A folder or a bucket. Every method raises `StoreError` where it can not answer."""

    def names(self) -> Iterator[str]:
        """The files below the place, their folders parted by `/`."""

    def open(self, name: str) -> AbstractContextManager[tuple[BinaryIO, Stamp]]:
        """A file to be read from any position, and what it is now."""

    def rewrite(self, name: str, write: Write) -> None:
        """Puts what `write` wrote in the file's place, whole or not at all, if it differs.

        Raises:
            StoreError: `locked` where the file was changed by somebody else meanwhile: nothing was put.
        """

    def keeps_old_versions(self) -> bool:
        """Whether what is replaced stays behind as an old version."""

    def old_versions(self, name: str) -> int:
        """How many old versions of a file there are."""

    def delete_old_versions(self, name: str) -> None:
        """Deletes them, for good."""

    def close(self) -> None:
        """Lets connections go."""


@dataclass(frozen=True, slots=True)
class Address:
    """A place's address: `file:///FOLDER`, or `s3://BUCKET/PREFIX?region=…&endpoint=…`."""

    scheme: str
    host: str
    path: str
    options: Mapping[str, str] = field(default_factory=dict)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


def read_address(url: str) -> Address:
    """The address in a variable.

    Raises:
        StoreError: `mapping_invalid` where it is none.
    """
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise StoreError(StoreCode.MAPPING_INVALID) from None
    options = {name: values[-1] for name, values in asked.items()}
    host, path = parts.hostname or "", unquote(parts.path)
    fits = (
        parts.scheme == "file" and not host and path.startswith("/") and not options,
        parts.scheme == "s3" and host and not set(options) - {"region", "endpoint"},
    )
    if not any(fits):
        raise StoreError(StoreCode.MAPPING_INVALID)
    user, password = parts.username, parts.password
    return Address(
        parts.scheme,
        host,
        path,
        options,
        None if user is None else unquote(user),
        None if password is None else unquote(password),
    )


def is_safe(pattern: str) -> bool:
    """Whether a table's name names files below the place: no way up, no way out, nothing hidden."""
    parts = pattern.split("/")
    return bool(pattern) and all(
        part and not part.startswith(".") and not re.search(r"[\\\0\r\n]", part) for part in parts
    )


def matching(place: Place, pattern: str) -> list[str]:
    """The files that a table's name means, in order; `*` and `?` stand for letters within one folder.

    Raises:
        StoreError: `table_missing` where there is none: an export that is not there holds nobody only by
            mistake.
    """
    folders, wanted = pattern.split("/"), []
    patterns = [re.compile(translate(part)) for part in folders]
    for name in place.names():
        parts = name.split("/")
        if len(parts) == len(patterns) and all(
            each.match(part) for each, part in zip(patterns, parts, strict=True)
        ):
            wanted.append(name)
    if not wanted:
        raise StoreError(StoreCode.TABLE_MISSING, pattern)
    return sorted(wanted)
