"""Shapes of questions from given facts, and of deadlines."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from api.schemas.decisions import RuleShown, check_zone
from api.schemas.flags import Flag

LONGEST_WORD = 40


class FactsBody(Schema):
    """`facts` in the vocabulary of the contract; every fault is named by its place."""

    facts = fields.Dict(required=True)


class Evaluated(Schema):
    """An answer from facts given in the call: nothing looked up, nothing stored."""

    effect = fields.String(required=True, validate=validate.OneOf(["allow", "deny"]))
    reasons = fields.List(fields.String(), required=True)
    rules = fields.List(fields.Nested(RuleShown), required=True)
    obligations = fields.List(fields.String(), required=True)
    valid_until = fields.AwareDateTime(required=True)
    retry_not_before = fields.String()
    needs_review = fields.Boolean(required=True)
    rulebook = fields.String(required=True)


class AwareInstant(fields.AwareDateTime):
    """An RFC 3339 instant with an offset; a date or a naive time is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Not a valid instant.")
        return super()._deserialize(value, attr, data, **kwargs)


class DeadlineBody(Schema):
    """What happened, when, and where the controller acts; null is as good as absent."""

    regime = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_WORD))
    event = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_WORD))
    occurred_at = AwareInstant(allow_none=True)
    occurred_on = fields.Date(format="iso", allow_none=True)
    time_zone = fields.String(validate=check_zone, allow_none=True)
    calendar = fields.String(validate=validate.Length(min=2, max=LONGEST_WORD), allow_none=True)
    extended = Flag(allow_none=True)
    identity_asked = fields.Date(format="iso", allow_none=True)
    identity_received = fields.Date(format="iso", allow_none=True)
    identity_received_at = AwareInstant(allow_none=True)
    clarification_asked = fields.Date(format="iso", allow_none=True)
    clarification_received = fields.Date(format="iso", allow_none=True)
    first_communication_on = fields.Date(format="iso", allow_none=True)

    @post_load
    def _without_absent(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


class DeadlineShown(Schema):
    """One clock: its last day or instant, the earliest defensible one, the law, how it was counted."""

    name = fields.String(required=True)
    due = fields.String(required=True)
    safe = fields.String(required=True)
    law = fields.String(required=True)
    explanation = fields.String(required=True)


class DeadlinesShown(Schema):
    """Every clock that the event starts."""

    deadlines = fields.List(fields.Nested(DeadlineShown), required=True)
