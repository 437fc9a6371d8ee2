"""Shapes of links to packages."""

from marshmallow import Schema, fields, validate

from api.schemas.audit import AuditReceipt
from governance.requests.package_links import GOOD_FOR, LONGEST

HOUR = 3600


class PackageLinkBody(Schema):
    """How long the link is good for."""

    hours = fields.Integer(
        load_default=int(GOOD_FOR.total_seconds()) // HOUR,
        validate=validate.Range(min=1, max=int(LONGEST.total_seconds()) // HOUR),
    )


class PackageLinkMade(Schema):
    """A link and its passphrase, shown this once; they belong on different ways to the person."""

    url = fields.String(required=True)
    passphrase = fields.String(required=True)
    good_until = fields.AwareDateTime(required=True)
    audit = fields.Nested(AuditReceipt, required=True)
