"""Shapes of consents and objections."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.schemas.audit import AuditReceipt, AuditReference
from consent.events import ALL, GRANTING, ConsentStatus
from consent.vocabulary import Channel, ObjectionKind, Purpose, SuppressionKind

METHODS = ("web_form", "double_opt_in", "signed_form", "oral_note", "imported", "api")
OBJECTIONS = (*(kind.value for kind in ObjectionKind), SuppressionKind.UNSUBSCRIBE.value)
SHORT_TEXT = validate.Length(min=1, max=200)


class Words(fields.Field[tuple[str, ...]]):
    """A list of the words of a closed set, each once, or `"all"`."""

    def __init__(self, words: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        if value in (ALL, [ALL]):
            return (ALL,)
        if not isinstance(value, list) or not value or any(word not in self.words for word in value):
            raise ValidationError(f"A list of one or more of: {', '.join(self.words)}.")
        return tuple(dict.fromkeys(value))


CHANNELS = tuple(channel.value for channel in Channel)
PURPOSES = tuple(purpose.value for purpose in Purpose)


class NoticeShown(Schema):
    """The wording that the person was shown."""

    version = fields.String(required=True, validate=SHORT_TEXT)
    text = fields.String(validate=validate.Length(max=100_000))
    language = fields.String(validate=validate.Length(min=2, max=35))


class NewConsentBody(Schema):
    """What a person said about being contacted."""

    lead = fields.Dict(required=True)
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in ConsentStatus]))
    purposes = Words(PURPOSES, required=True)
    channels = Words(CHANNELS, required=True)
    source_key = fields.String(required=True, validate=SHORT_TEXT)
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    notice = fields.Nested(NoticeShown, required=True)
    occurred_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime()
    initiative = fields.String(validate=validate.OneOf(["subject", "controller"]))
    evidence = fields.Dict(keys=fields.String(), values=fields.Raw())

    @validates_schema
    def check_reach(self, data: Mapping[str, Any], **_: Any) -> None:
        """Nobody consents to everything; to stop everything is always possible."""
        if data["status"] in GRANTING:
            errors = {
                name: ["`all` stands only in a refusal or withdrawal."]
                for name in ("purposes", "channels")
                if ALL in data[name]
            }
            if errors:
                raise ValidationError(errors)

    @validates_schema
    def check_expiry(self, data: Mapping[str, Any], **_: Any) -> None:
        """A consent can not end before it began."""
        if "expires_at" in data and data["expires_at"] <= data["occurred_at"]:
            raise ValidationError({"expires_at": ["Must be after occurred_at."]})


class NewObjectionBody(Schema):
    """A "no" that nobody asked for; without channels or purposes it is for all of them."""

    lead = fields.Dict(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(OBJECTIONS))
    channels = Words(CHANNELS, load_default=(ALL,))
    purposes = Words(PURPOSES, load_default=(ALL,))
    received_at = fields.AwareDateTime(required=True)
    via = fields.String(required=True, validate=SHORT_TEXT)


class ConsentTaken(Schema):
    """A consent was recorded; without a lead, as a keyed hash of the address."""

    consent_id = fields.String(required=True)
    status = fields.String(required=True)
    lead_id = fields.String(required=True, allow_none=True)
    audit = fields.Nested(AuditReceipt, required=True)


class ObjectionTaken(Schema):
    """An objection was recorded; without a lead, as a keyed hash of the address."""

    objection_id = fields.String(required=True)
    kind = fields.String(required=True)
    lead_id = fields.String(required=True, allow_none=True)
    audit = fields.Nested(AuditReceipt, required=True)


class ConsentAnswer(Schema):
    """A consent as the ledger holds it; its evidence stays sealed."""

    consent_id = fields.String(required=True)
    lead_id = fields.String(required=True)
    status = fields.String(required=True)
    channels = fields.List(fields.String(), required=True)
    purposes = fields.List(fields.String(), required=True)
    source_key = fields.String(required=True)
    method = fields.String(required=True)
    proof = fields.String(required=True, allow_none=True)
    notice_version = fields.String(required=True)
    occurred_at = fields.String(required=True)
    recorded_at = fields.String(required=True)
    expires_at = fields.String(allow_none=True)
    initiative = fields.String(allow_none=True)
    evidence = fields.Boolean(required=True)
    audit = fields.Nested(AuditReference, required=True)


class ConsentPage(Schema):
    """The consents of a lead, newest first."""

    items = fields.List(fields.Nested(ConsentAnswer), required=True)
    next_cursor = fields.String(allow_none=True, required=True)


class ConsentRecord(Schema):
    """An ISO/IEC TS 27560 record."""

    schema_version = fields.String(required=True)
    record_id = fields.String(required=True)
    pii_principal_id = fields.String(required=True)
    pii_processing = fields.Dict(required=True)
    party_identification = fields.List(fields.Dict(), required=True)
    events = fields.List(fields.Dict(), required=True)
