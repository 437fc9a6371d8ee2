"""Reads JSON-able values, and collects what is wrong by the place where it stands. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

Word = TypeVar("Word", bound=StrEnum)


class Reader:
    """Collects errors by place while reading, so that one answer names them all."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def wrong(self, place: str, message: str) -> None:
        """Notes what is wrong at `place`."""
        self.errors.setdefault(place, []).append(message)

    def mapping(self, value: Any, place: str, allowed: set[str] | None = None) -> Mapping[str, Any]:
        """`value` if it is a map with text keys (of `allowed` ones); else, and where absent, an empty map."""
        if value is None and place:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            self.wrong(place, "must be a map")
            return {}
        for key in sorted(set(value) - allowed) if allowed is not None else ():
            self.wrong(f"{place}.{key}" if place else key, "is not a field of this document")
        return value

    def text(self, value: Any, place: str, *, optional: bool = False) -> str | None:
        """`value` if it is a text that says something."""
        if value is None and optional:
            return None
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(place, "must be a text")
        return None

    def word(self, value: Any, words: type[Word], place: str) -> Word | None:
        """`value` as one of a closed set."""
        if isinstance(value, str) and value in {word.value for word in words}:
            return words(value)
        self.wrong(place, "must be one of " + ", ".join(word.value for word in words))
        return None

    def texts(self, value: Any, place: str) -> tuple[str, ...]:
        """`value` if it is a list of texts."""
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.wrong(place, "must be a list of texts")
        return ()
