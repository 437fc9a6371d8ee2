"""Shapes of candidates that a person compares."""

from marshmallow import Schema, fields


class ShownCandidate(Schema):
    """A row that may be the person's, with the values by which to tell."""

    id = fields.String(required=True)
    table = fields.String(required=True)
    shown = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class CandidatesAnswer(Schema):
    """Who is asked for, and who may be them."""

    identities = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)
    candidates = fields.List(fields.Nested(ShownCandidate), required=True)
