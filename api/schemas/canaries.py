"""Shapes of canary leads."""

from marshmallow import Schema, fields

from api.schemas.audit import AuditReceipt


class CanaryMark(Schema):
    """Whether a lead is a canary from now on; without `audit` where it was so before."""

    lead_id = fields.String(required=True)
    canary = fields.Boolean(required=True)
    audit = fields.Nested(AuditReceipt)


class Canary(Schema):
    """A marked lead."""

    lead_id = fields.String(required=True)
    marked_at = fields.DateTime(required=True)


class Canaries(Schema):
    """A page of canaries."""

    items = fields.List(fields.Nested(Canary), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
