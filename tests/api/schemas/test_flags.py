"""True and false, as JSON writes them."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema, ValidationError, fields

from api.declared import declared
from api.schemas.deletion_lists import ListTerms
from api.schemas.flags import Flag


class Body(Schema):
    """One flag."""

    flag = Flag()


@pytest.mark.parametrize("value", [True, False])
def test_true_and_false_are_themselves(*, value: bool) -> None:
    """And nothing else."""
    assert Body().load({"flag": value}) == {"flag": value}


@pytest.mark.parametrize("value", [1, 0, 1.0, "true", "yes", "", None, []])
def test_what_python_takes_for_true_is_refused(value: object) -> None:
    """A consent, or a minor's age, is no matter of taste."""
    with pytest.raises(ValidationError):
        Body().load({"flag": value})


def test_every_flag_of_every_body_is_strict(app: Flask) -> None:
    """Whatever call takes it, however deep it stands."""
    bodies = {declared(view).body for view in app.view_functions.values()} - {None}
    loose = {
        f"{type(schema).__name__}.{name}"
        for body in bodies
        if body is not None
        for schema, name, field in every_field(body())
        if isinstance(field, fields.Boolean) and not isinstance(field, Flag)
    }

    assert len(bodies) > 20
    assert loose == set()


@pytest.mark.parametrize(("text", "approve"), [("true", True), ("false", False)])
def test_a_query_says_true_or_false(*, text: str, approve: bool) -> None:
    """There a flag is a word."""
    assert ListTerms().load({"approve": text})["approve"] is approve


@pytest.mark.parametrize("text", ["1", "yes", "True", ""])
def test_a_query_says_nothing_else(text: str) -> None:
    """An approval least of all."""
    with pytest.raises(ValidationError):
        ListTerms().load({"approve": text})


def every_field(schema: Schema) -> Iterator[tuple[Schema, str, fields.Field[Any]]]:
    """Each field, and those of what is nested in it."""
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        yield schema, name, inner
        if isinstance(inner, fields.Nested):
            yield from every_field(inner.schema)
