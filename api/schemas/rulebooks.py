"""Shapes of rulebooks and of their publishing."""

from marshmallow import Schema, fields, validate

from api.schemas.audit import AuditReceipt

STATES = ("waiting", "scheduled", "active", "superseded")


class NewRulebook(Schema):
    """A whole rulebook, and from when it is to count; without a day as soon as it is confirmed."""

    document = fields.Dict(required=True)
    effective_from = fields.AwareDateTime()


class TriedRulebook(Schema):
    """A whole rulebook, only to be tried."""

    document = fields.Dict(required=True)


class PublicationShown(Schema):
    """One publishing of a rulebook."""

    id = fields.String(required=True)
    hash = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    effective_from = fields.AwareDateTime(required=True)
    published_by = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)
    confirmed_by = fields.String(required=True, allow_none=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)


class PublicationDone(PublicationShown):
    """One that was just published or confirmed, with the entry that says so."""

    audit = fields.Nested(AuditReceipt, required=True)


class Publications(Schema):
    """A page of them, the newest first."""

    items = fields.List(fields.Nested(PublicationShown), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RulebookShown(Schema):
    """The content of a rulebook, under the hash that decisions name it by."""

    hash = fields.String(required=True)
    document = fields.Dict(required=True)


class CaseDifference(Schema):
    """A case of the table that the rulebook answers otherwise."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    expected = fields.String(required=True)
    given = fields.String(required=True)


class FlipShown(Schema):
    """A stored decision that would be another."""

    decision_id = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)


class Trial(Schema):
    """What publishing a rulebook would change."""

    hash = fields.String(required=True)
    version = fields.String(required=True)
    differences = fields.List(fields.Nested(CaseDifference), required=True)
    decisions_tried = fields.Integer(required=True)
    flips = fields.List(fields.Nested(FlipShown), required=True)
