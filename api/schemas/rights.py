"""Shapes of what follows on a request: the end of a restriction, and appeals."""

from marshmallow import Schema, fields

from api.schemas.flags import Flag
from api.schemas.request_bodies import LONG_TEXT
from governance.requests.appeals import Result


class LiftBody(Schema):
    """Why a restriction ends, as the person is told; `told_otherwise`: they were told by other means."""

    explanation = fields.String(required=True, validate=LONG_TEXT)
    at = fields.AwareDateTime()
    told_otherwise = Flag(load_default=False)


class AppealBody(Schema):
    """What the person says against the refusal; sealed."""

    said = fields.String(required=True, validate=LONG_TEXT)
    received_at = fields.AwareDateTime()


class AppealDecisionBody(Schema):
    """How the appeal is decided, and why, as the person is told."""

    result = fields.Enum(Result, by_value=True, required=True)
    explanation = fields.String(required=True, validate=LONG_TEXT)
