"""What the decorators of a view say about it, kept beside the view for the documents and the tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from marshmallow import Schema


@dataclass(slots=True)
class Declared:
    """One view's declarations. `scopes` is None until `@needs` or `@public` spoke; empty means any key."""

    scopes: tuple[str, ...] | None = None
    public: bool = False
    idempotent: bool = False
    decides: bool = False
    body: type[Schema] | None = None
    media_types: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)
    answers: dict[int, type[Schema] | None] = field(default_factory=dict)
    media_type: str = "application/json"

    @property
    def authorised(self) -> bool:
        """Whether somebody decided who may call it."""
        return self.public or self.scopes is not None


def declared(view: Callable[..., Any]) -> Declared:
    """The declarations of a view; `functools.wraps` hands the same object on to every layer around it."""
    return cast("Declared", view.__dict__.setdefault("declared", Declared()))
