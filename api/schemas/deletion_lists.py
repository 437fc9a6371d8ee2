"""Shapes of lists of people to be erased."""

from marshmallow import Schema, fields, validate

from governance.requests.vocabulary import Method, Regime, Submitter


class ListTerms(Schema):
    """What holds for every line, as the query says it."""

    regime = fields.Enum(Regime, by_value=True, load_default=None)
    received_at = fields.AwareDateTime(load_default=None)
    submitted_by = fields.Enum(Submitter, by_value=True, load_default=Submitter.AUTHORISED_AGENT)
    verified = fields.Enum(Method, by_value=True, load_default=None)
    approve = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


class ListLine(Schema):
    """A result line; the last line holds `summary` alone."""

    line = fields.Integer()
    status = fields.String(validate=validate.OneOf(("created", "open", "suppressed", "refused")))
    request_id = fields.String()
    suppressed = fields.List(fields.String())
    code = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    summary = fields.Dict(keys=fields.String(), values=fields.Integer())
