"""Shapes of a log of what was sent, held against decisions."""

from marshmallow import Schema, fields, validate

from api.schemas.leads import CHANNEL, DECISION_ID, instant
from consent.backing import Finding
from consent.vocabulary import Purpose

LONGEST = 8_192  # characters of a receipt


class SentLine(Schema):
    """One contact: to whom, over what, when; and by which decision, where it is known."""

    lead_id = fields.String()
    email = fields.String()
    phone = fields.String()
    external_system = fields.String()
    external_id = fields.String()
    channel = fields.String(required=True, validate=CHANNEL)
    purpose = fields.String(validate=validate.OneOf([purpose.value for purpose in Purpose]))
    sent_at = instant(required=True)
    decision_id = fields.String(validate=DECISION_ID)
    receipt = fields.String(validate=validate.Length(1, LONGEST))


class Reconciled(Schema):
    """A line that a person should look at; the last line of the answer holds `summary` alone."""

    line = fields.Integer()
    finding = fields.String(validate=validate.OneOf([*(each.value for each in Finding), "unreadable"]))
    decision_id = fields.String()
    code = fields.String(metadata={"description": "why a line can not be read"})
    errors = fields.Dict(keys=fields.String())
    summary = fields.Dict(keys=fields.String(), values=fields.Integer())
