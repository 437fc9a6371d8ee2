"""Shapes of leads: bodies and answers. What the words mean is checked in `governance.leads` and `told`."""

from datetime import UTC, datetime

from marshmallow import Schema, fields, validate

from api.schemas.audit import AuditReceipt
from api.schemas.flags import Flag
from consent.vocabulary import (
    AddressType,
    Channel,
    IdentifierKind,
    NumberType,
    Purpose,
    RecipientKind,
    SourceKind,
)
from governance.leads import MOST_FIELDS, MOST_IDENTIFIERS
from governance.told import ALLOWED

LONGEST_TEXT = 200
LONGEST_NOTE = 4000
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
PURPOSE = r"^(?=.{1,64}\Z)[A-Za-z][a-z0-9]*(?:[ _:./-][a-z0-9]+)*\Z"
"""A few words, only the first with a capital: they stand in the trail in the open, where no name may."""

PURPOSE_WORDS = validate.Regexp(PURPOSE, error="A few words in small letters, at most 64 characters.")
ASSESSMENT = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}\Z")
DECISION_ID = validate.Regexp(r"^[0-9a-f-]{36}\Z")
CHANNEL = validate.OneOf([channel.value for channel in Channel])
SHORT = validate.Length(1, LONGEST_TEXT)


def instant(*, required: bool = False) -> fields.AwareDateTime:
    """An RFC 3339 instant with an offset, within the years in which periods can be counted."""
    within = validate.Range(EARLIEST, LATEST, error="Not between 1900 and 2999.")
    return fields.AwareDateTime(format="iso", required=required, validate=within)


class LeadReference(Schema):
    """Exactly one of these keys."""

    lead_id = fields.String()
    email = fields.String()
    phone = fields.String()
    external = fields.Dict(keys=fields.String(), values=fields.String())


class IdentifierBody(Schema):
    """One identifier; `system` belongs to an external id."""

    type = fields.Enum(IdentifierKind, by_value=True, required=True)
    value = fields.String(required=True, validate=validate.Length(1, 1000))
    system = fields.String(validate=SHORT)


class SourceBody(Schema):
    """Where the lead came from."""

    key = fields.String(required=True, validate=SHORT)
    kind = fields.Enum(SourceKind, by_value=True, required=True)
    obtained_at = instant(required=True)
    provider = fields.String(validate=SHORT, allow_none=True)
    evidence = fields.Dict(keys=fields.String(), allow_none=True)


class NoticeBody(Schema):
    """Which privacy notice the person was given."""

    article = fields.String(required=True, validate=validate.OneOf(("13", "14")))
    version = fields.String(required=True, validate=SHORT)
    given_at = instant(required=True)


class NewLead(Schema):
    """A lead as a source tells of it."""

    identifiers = fields.List(
        fields.Nested(IdentifierBody), required=True, validate=validate.Length(1, MOST_IDENTIFIERS)
    )
    country = fields.String()
    region = fields.String()
    time_zone = fields.String()
    recipient_kind = fields.Enum(RecipientKind, by_value=True)
    address_type = fields.Enum(AddressType, by_value=True)
    number_type = fields.Enum(NumberType, by_value=True)
    minor = Flag()
    profile = fields.Dict(keys=fields.String(), validate=validate.Length(max=MOST_FIELDS))
    source = fields.Nested(SourceBody, required=True)
    notice = fields.Nested(NoticeBody)


class LeadTaken(Schema):
    """The lead, new or known."""

    lead_id = fields.String(required=True)
    created = fields.Boolean(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class LeadChanges(Schema):
    """What to correct; null makes an attribute unknown and removes a profile field.

    `identifiers` replace all those of their types.
    """

    identifiers = fields.List(fields.Nested(IdentifierBody), validate=validate.Length(1, MOST_IDENTIFIERS))
    country = fields.String(allow_none=True)
    region = fields.String(allow_none=True)
    time_zone = fields.String(allow_none=True)
    recipient_kind = fields.Enum(RecipientKind, by_value=True, allow_none=True)
    address_type = fields.Enum(AddressType, by_value=True, allow_none=True)
    number_type = fields.Enum(NumberType, by_value=True, allow_none=True)
    minor = Flag(allow_none=True)
    profile = fields.Dict(keys=fields.String(), validate=validate.Length(max=MOST_FIELDS))


class LeadChanged(Schema):
    """What was changed, by name."""

    lead_id = fields.String(required=True)
    changed = fields.List(fields.String(), required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class LookupBody(Schema):
    """Whom to open, and what for: a few words in small letters, which the trail keeps in the open."""

    lead = fields.Nested(LeadReference, required=True)
    purpose = fields.String(
        required=True,
        validate=PURPOSE_WORDS,
    )


class OpenedLead(Schema):
    """A lead in plain text."""

    lead_id = fields.String(required=True)
    identifiers = fields.List(fields.Nested(IdentifierBody), required=True)
    profile = fields.Dict(keys=fields.String(), required=True)
    attributes = fields.Dict(keys=fields.String(), required=True)
    sources = fields.List(fields.Dict(keys=fields.String()), required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class NewEvent(Schema):
    """A fact about a lead; which details belong to which kind is in the contract's vocabulary."""

    kind = fields.String(required=True, validate=validate.OneOf(sorted(ALLOWED)))
    occurred_at = instant(required=True)
    email_from_sale = Flag()
    own_similar_products = Flag()
    opt_out_offered_at_collection = Flag()
    article = fields.String(validate=validate.OneOf(("13", "14")))
    version = fields.String(validate=SHORT)
    register = fields.String(validate=validate.Regexp(r"^[A-Za-z][A-Za-z0-9_/-]{0,63}\Z"))
    listed = Flag()
    conspicuous = Flag()
    no_solicitation_statement = Flag()
    evidence = fields.String(validate=validate.Length(1, LONGEST_NOTE))
    substantiated = Flag()
    reason = fields.String(validate=validate.Length(1, LONGEST_NOTE))
    id = fields.String(validate=ASSESSMENT)
    lia = fields.String(validate=ASSESSMENT, metadata={"description": "Another name of `id`."})
    withdrawn = Flag()
    channel = fields.String(validate=CHANNEL)
    channels = fields.List(fields.String(validate=CHANNEL), validate=validate.Length(1))
    purpose = fields.String(validate=validate.OneOf([purpose.value for purpose in Purpose]))
    decision_id = fields.String(validate=DECISION_ID)
    permanent = Flag()
    gpc = Flag()


class EventKept(Schema):
    """The fact as the ledger knows it."""

    event_id = fields.String(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class ImportLine(Schema):
    """A result line of an import; the last line holds `summary` alone."""

    line = fields.Integer()
    status = fields.String(validate=validate.OneOf(("created", "merged", "refused")))
    lead_id = fields.String()
    code = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    summary = fields.Dict(keys=fields.String(), values=fields.Integer())
