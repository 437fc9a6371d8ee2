"""Reads what a store document says of files: how tables are written, and what becomes of old versions."""

import codecs
from collections.abc import Mapping
from typing import Any

from governance.stores.files.description import FileFormat, Layout, OldVersions
from governance.stores.files.places import is_safe
from governance.stores.reader import Reader

LAYOUT_FIELDS = {"kind", "delimiter", "encoding"}


def read_layout(reader: Reader, value: Any, place: str) -> Layout | None:
    """A table's `format`: `csv`, `parquet`, or a map of what the file does not tell itself."""
    if value is None:
        return None
    fields = {"kind": value} if isinstance(value, str) else reader.mapping(value, place, LAYOUT_FIELDS)
    kind, delimiter = fields.get("kind"), fields.get("delimiter")
    if delimiter is not None and (
        not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n'
    ):
        reader.wrong(f"{place}.delimiter", "must be one character")
    encoding = reader.text(fields.get("encoding"), f"{place}.encoding", optional=True)
    if encoding is not None and not _is_encoding(encoding):
        reader.wrong(f"{place}.encoding", "is no encoding of text that is known")
    return Layout(
        None if kind is None else reader.word(kind, FileFormat, f"{place}.kind"), delimiter, encoding
    )


def read_old_versions(reader: Reader, value: Any) -> OldVersions | None:
    """`old_versions`: `delete`, or `{keep: WHY}`."""
    if value is None:
        return None
    if value == "delete":
        return OldVersions()
    if not isinstance(value, Mapping) or set(value) != {"keep"}:
        reader.wrong("old_versions", "must be delete, or {keep: WHY}")
        return None
    because = reader.text(value["keep"], "old_versions.keep")
    return None if because is None else OldVersions(because)


def check_names(reader: Reader, tables: Mapping[str, Any]) -> None:
    """Tables of files are named by their path below the place."""
    for name in tables:
        if not is_safe(name):
            reader.wrong(f"tables.{name}", "must be a path below the folder or bucket, without . or ..")


def _is_encoding(name: str) -> bool:
    """Whether it encodes texts; Python also knows encodings of bytes."""
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, UnicodeError):
        return False
    return True
