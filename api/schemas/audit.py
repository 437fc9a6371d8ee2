"""What the trail's calls answer."""

from marshmallow import Schema, fields, validate

from consent.backing import Finding


class AuditReference(Schema):
    """The entry of the trail that covers a change."""

    entry_id = fields.String(required=True)


class AuditReceipt(AuditReference):
    """The entry that covers what was just done, and the log's signed promise that it will hold it."""

    receipt = fields.String(
        required=True,
        metadata={"description": "a signed note; kept, it proves an omission: `python -m audit verify`"},
    )


class LogEntry(Schema):
    """One entry, as its bytes say."""

    index = fields.Integer(allow_none=True, metadata={"description": "null as long as it is pending"})
    entry_id = fields.String()
    action = fields.String()
    actor = fields.String()
    at = fields.String()
    facts = fields.Dict(keys=fields.String())
    lead = fields.String(metadata={"description": "salted commitment, hex"})
    object = fields.String(metadata={"description": "salted commitment, hex"})


class LogEntries(Schema):
    """A page of entries in the log's order; `erased` says that the lead asked for is gone."""

    items = fields.List(fields.Nested(LogEntry))
    next_cursor = fields.String(allow_none=True)
    erased = fields.Boolean()


class InclusionProof(Schema):
    """RFC 6962, section 2.1.1; hashes in base64."""

    index = fields.Integer()
    size = fields.Integer()
    path = fields.List(fields.String())


class ProvedEntry(LogEntry):
    """One entry with its exact bytes and, once it is sequenced, what proves it."""

    bytes = fields.String(metadata={"description": "base64 of the hashed bytes"})
    leaf_hash = fields.String(metadata={"description": "base64"})
    link = fields.Dict(keys=fields.String(), allow_none=True)
    proof = fields.Nested(InclusionProof, allow_none=True)
    checkpoint = fields.String(allow_none=True)
    tlog_proof = fields.String(allow_none=True)


class ConsistencyProof(Schema):
    """RFC 6962, section 2.1.2; hashes in base64."""

    from_ = fields.Integer(data_key="from")
    to = fields.Integer()
    path = fields.List(fields.String())
    checkpoints = fields.Dict(keys=fields.String())


class LogKey(Schema):
    """A public key of the log, as vkey."""

    vkey = fields.String()
    since = fields.AwareDateTime()
    until = fields.AwareDateTime(allow_none=True)


class LogKeys(Schema):
    """The log's name and every key that ever signed it."""

    origin = fields.String()
    keys = fields.List(fields.Nested(LogKey))


class ExposedLead(Schema):
    """Fields of one lead that a key has opened."""

    lead_id = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields")


class Exposure(Schema):
    """What would be affected if a key had leaked."""

    actor = fields.String()
    openings = fields.Integer()
    of_erased = fields.Integer()
    leads = fields.List(fields.Nested(ExposedLead))


class ToldConsent(Schema):
    """What was said of consent to such a contact, before it."""

    consent_id = fields.String()
    status = fields.String()
    occurred_at = fields.String()
    proof = fields.String(allow_none=True)
    wording_version = fields.String(allow_none=True)
    audit = fields.Nested(AuditReference)


class Contact(Schema):
    """Something that was sent, and what stood behind it."""

    at = fields.String()
    channel = fields.String()
    purpose = fields.String(allow_none=True)
    finding = fields.String(validate=validate.OneOf([each.value for each in Finding]))
    decision = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={"description": "as `GET /v1/decisions/{id}`"},
    )
    consents = fields.List(fields.Nested(ToldConsent))
    audit = fields.Nested(AuditReference)


class Contacts(Schema):
    """The contacts of a day, the oldest first; `erased` says that the lead is gone."""

    lead_id = fields.String()
    contacts = fields.List(fields.Nested(Contact))
    erased = fields.Boolean()
