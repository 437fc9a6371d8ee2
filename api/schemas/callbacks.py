"""What a store is answered that calls back."""

from marshmallow import Schema, fields, validate


class CallTaken(Schema):
    """The call is taken, whether it says anything new or not."""

    status = fields.String(required=True, validate=validate.OneOf(["accepted"]))
