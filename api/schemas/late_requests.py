"""Requests that are due soon or late."""

from marshmallow import Schema, fields

from governance.requests.lateness import Stage
from governance.requests.vocabulary import Regime, RequestType, Status


class LateRequest(Schema):
    """An open request, and the dates that it is measured by."""

    id = fields.String(required=True)
    stage = fields.Enum(Stage, by_value=True, required=True)
    type = fields.Enum(RequestType, by_value=True, required=True)
    regime = fields.Enum(Regime, by_value=True, required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    safe_by = fields.Date(required=True)
    respond_by = fields.Date(required=True)
    appeal = fields.Boolean(required=True)


class LateRequests(Schema):
    """The most urgent first."""

    items = fields.List(fields.Nested(LateRequest), required=True)
