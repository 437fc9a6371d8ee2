"""Shapes of legal holds."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.schemas.audit import AuditReceipt
from api.schemas.request_bodies import LONG_TEXT


class HoldBody(Schema):
    """A legal hold on a lead, or on what a query names in a store."""

    lead = fields.Dict()
    store = fields.String(validate=validate.Length(min=1, max=64))
    query = fields.Dict()
    reason = fields.String(required=True, validate=LONG_TEXT)
    until = fields.AwareDateTime()

    @validates_schema
    def one_object(self, data: dict[str, Any], **_: Any) -> None:
        """It holds either a lead, or a store with a query.

        Raises:
            ValidationError: both, neither, or a query without its store.
        """
        if ("lead" in data) == ("store" in data):
            raise ValidationError("Give either a lead, or a store and a query.", "lead")
        if "store" in data and "query" not in data:
            raise ValidationError("A store's hold needs a query; {} is the whole store.", "query")
        if "lead" in data and "query" in data:
            raise ValidationError("A query belongs to a store.", "query")


class HoldAnswer(Schema):
    """A hold in force."""

    key = fields.String(required=True)
    on = fields.String(required=True)
    store = fields.String()
    until = fields.String()
    created_at = fields.String(required=True)


class HoldPlaced(HoldAnswer):
    """A hold just placed, and the entry that says so."""

    audit = fields.Nested(AuditReceipt, required=True)


class HoldLifted(Schema):
    """A hold that ended."""

    key = fields.String(required=True)
    lifted = fields.Boolean(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class HoldPage(Schema):
    """A page of the holds in force."""

    items = fields.List(fields.Nested(HoldAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
