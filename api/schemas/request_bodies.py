"""Shapes of what is said about privacy requests: taken in, verified, decided."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.schemas.decisions import check_zone
from api.schemas.flags import Flag
from governance.requests.handover import LONGEST_TOKEN
from governance.requests.recipients import Answer
from governance.requests.vocabulary import Ground, Method, PauseReason, Regime, RequestType, Submitter

LONGEST_TEXT = 10_000
LONG_TEXT = validate.Length(min=1, max=LONGEST_TEXT)
MOST_IDENTITIES = 50
RESULTS = ("verified", "failed")


class NewRequestBody(Schema):
    """A person's request, as it came in."""

    id = fields.UUID()
    type = fields.Enum(RequestType, by_value=True, required=True)
    regime = fields.Enum(Regime, by_value=True)
    identities = fields.List(
        fields.Dict(), required=True, validate=validate.Length(min=1, max=MOST_IDENTITIES)
    )
    received_at = fields.AwareDateTime()
    time_zone = fields.String(validate=check_zone)
    submitted_by = fields.Enum(Submitter, by_value=True, load_default=Submitter.DATA_SUBJECT)
    note = fields.String(validate=LONG_TEXT)


class VerifyBody(Schema):
    """The result of one attempt to show who asks."""

    method = fields.Enum(Method, by_value=True, required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    statement = fields.String(validate=LONG_TEXT)
    ask_person = Flag(load_default=False)

    @validates_schema
    def of_an_agent(self, data: dict[str, Any], **_: Any) -> None:
        """A statement says what an agent was permitted; whoever is asked about it was not shown it failed.

        Raises:
            ValidationError: it belongs to another method or result, or is missing.
        """
        by_agent = data["method"] is Method.AGENT_PERMISSION
        if "statement" in data and not by_agent:
            raise ValidationError("Only an agent's permission has a statement.", "statement")
        if data["ask_person"] and not (by_agent and "statement" in data and data["result"] == "verified"):
            raise ValidationError("The person is asked about a permission that was seen.", "ask_person")


class LoginBody(Schema):
    """A login at the controller, signed by it."""

    token = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TOKEN))


class EmptyBody(Schema):
    """Nothing to say."""


class RefuseBody(Schema):
    """Why the request is turned down; the explanation is for the person, and sealed."""

    ground = fields.Enum(Ground, by_value=True, required=True)
    explanation = fields.String(required=True, validate=LONG_TEXT)


class ExtendBody(Schema):
    """Why more time is needed; the person is told, and it is sealed."""

    reason = fields.String(required=True, validate=LONG_TEXT)


class PauseBody(Schema):
    """What was asked of the person."""

    reason = fields.Enum(PauseReason, by_value=True, required=True)


class Judgement(Schema):
    """Whether a candidate is the person."""

    id = fields.String(required=True)
    same_person = Flag(required=True)


class CompleteBody(Schema):
    """That a person did a step by hand, and what the recipient behind the store answered, if asked."""

    answer = fields.Enum(Answer, by_value=True)


class DecideBody(Schema):
    """An answer for every candidate that waits."""

    candidates = fields.List(fields.Nested(Judgement), required=True, validate=validate.Length(min=1))

    @validates_schema
    def each_once(self, data: dict[str, Any], **_: Any) -> None:
        """Two answers about one candidate would be none.

        Raises:
            ValidationError: one stands there twice.
        """
        ids = [each["id"] for each in data["candidates"]]
        if len(ids) != len(set(ids)):
            raise ValidationError("Each candidate once.", "candidates")
