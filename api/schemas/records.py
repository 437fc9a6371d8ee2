"""Shapes of the records of processing, and of a year's metrics."""

from marshmallow import Schema, fields


class ActivityRecipient(Schema):
    """Who receives what is in a system, and where they are."""

    system = fields.String(required=True)
    name = fields.String(required=True)
    where = fields.String(required=True)


class Activity(Schema):
    """One processing activity: letters (b) to (g) of Article 30(1)."""

    purpose = fields.String(required=True)
    systems = fields.List(fields.String(), required=True)
    subjects = fields.List(fields.String(), required=True)
    categories = fields.List(fields.String(), required=True)
    recipients = fields.List(fields.Nested(ActivityRecipient), required=True)
    transfers = fields.List(fields.String(), required=True)
    erasure = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    security = fields.List(fields.String(), required=True)


class Article30Record(Schema):
    """The record of processing activities."""

    controller = fields.String(required=True)
    contact = fields.String(required=True, allow_none=True)
    made_at = fields.String(required=True)
    law = fields.String(required=True)
    activities = fields.List(fields.Nested(Activity), required=True)
    without_purpose = fields.List(fields.String(), required=True)


class KindMetrics(Schema):
    """The numbers of one kind of request."""

    received = fields.Integer(required=True)
    complied_in_whole = fields.Integer(required=True)
    complied_in_part = fields.Integer(required=True)
    denied = fields.Integer(required=True)
    denied_by_ground = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    withdrawn = fields.Integer(required=True)
    open = fields.Integer(required=True)
    median_days = fields.Float(required=True, allow_none=True)
    mean_days = fields.Float(required=True, allow_none=True)


class RequestMetrics(Schema):
    """How the requests of a year were answered."""

    year = fields.Integer(required=True)
    regime = fields.String(required=True, allow_none=True)
    kinds = fields.Dict(keys=fields.String(), values=fields.Nested(KindMetrics), required=True)
