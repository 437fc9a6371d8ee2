"""True and false, as JSON writes them."""

from typing import Any

from marshmallow import fields


class Flag(fields.Boolean):
    """True or false of JSON, and nothing that Python thinks equal to them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value
