"""Planted values, and every form in which one might lie about."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path


def spellings(text: str) -> Iterator[bytes]:
    """How a value might lie about: raw, in other encodings, encoded, or hashed without a key."""
    raw = text.encode()
    for form in {raw, raw.lower()}:
        yield form
        yield form.hex().encode()
        yield hashlib.sha256(form).digest()
        yield hashlib.sha256(form).hexdigest().encode()
        yield hashlib.sha1(form).hexdigest().encode()  # noqa: S324 - a form to look for
        yield hashlib.md5(form).hexdigest().encode()  # noqa: S324 - a form to look for
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    for cut in range(3):  # base64 of a longer text that holds the value, at each of the three alignments
        yield base64.b64encode(b"\x00" * cut + raw)[4 * (cut > 0) : -4]


def files_under(folder: Path) -> list[Path]:
    """Every file of a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def planted_in(files: Iterable[Path], values: Iterable[str]) -> list[tuple[str, str]]:
    """Which of the values stand in which of the files, in any spelling."""
    wanted = [(value, spelling) for value in values for spelling in spellings(value)]
    found = set()
    for path in files:
        content = path.read_bytes()
        found |= {(path.name, value) for value, spelling in wanted if spelling in content}
    return sorted(found)
