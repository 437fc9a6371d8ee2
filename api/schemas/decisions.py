"""Shapes of checks and their answers."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from api.questions import quick, quick_batch, zones
from api.schemas.audit import AuditReceipt, AuditReference
from api.schemas.consents import CHANNELS, PURPOSES
from api.schemas.flags import Flag
from consent.outcomes import OutcomeKind

MOST_REFERENCES = 10_000


class Content(Schema):
    """What is known of the message; a flag that is absent is not known."""

    promotional = Flag()
    unsubscribe = Flag()
    postal_address = Flag()
    accurate_header = Flag()
    topic = fields.String(validate=validate.Length(max=200))


class Context(Schema):
    """What the sender promises about the message."""

    notice_in_first_message = Flag()
    mass_sending = Flag()
    b2b_message = Flag()
    role_relevant = Flag()


def check_zone(value: str) -> None:
    """The zone is one of IANA's.

    Raises:
        ValidationError: it is not.
    """
    if value not in zones():
        raise ValidationError("Not an IANA time zone.")


class Asked(Schema):
    """What is asked, whoever it is about."""

    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    at = fields.AwareDateTime()
    time_zone = fields.String(validate=check_zone)
    content = fields.Nested(Content)
    context = fields.Nested(Context)


class QuestionBody(Asked):
    """May this lead be contacted?"""

    lead = fields.Dict(required=True)

    def load(self, data: Any, **kwargs: Any) -> Any:
        """Good questions are recognised at a tenth of the cost; see `api.questions`."""
        found = quick(data)
        return super().load(data, **kwargs) if found is None else found


class BatchBody(Asked):
    """May these leads be contacted? Each reference is judged by itself, a bad one too."""

    leads = fields.List(fields.Raw(), required=True, validate=validate.Length(min=1, max=MOST_REFERENCES))

    def load(self, data: Any, **kwargs: Any) -> Any:
        """As for a single question."""
        found = quick_batch(data, MOST_REFERENCES)
        return super().load(data, **kwargs) if found is None else found


class RuleShown(Schema):
    """A rule that the answer rests on."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    citation = fields.String(required=True)


class Answer(Schema):
    """May I, now? `reasons[0]` decided; a caller treats everything but a 200 `allow` as no."""

    decision_id = fields.String(required=True)
    effect = fields.String(required=True, validate=validate.OneOf(["allow", "deny"]))
    reasons = fields.List(fields.String(), required=True)
    rules = fields.List(fields.Nested(RuleShown), required=True)
    obligations = fields.List(fields.String(), required=True)
    valid_until = fields.AwareDateTime(required=True)
    retry_not_before = fields.String()
    needs_review = fields.Boolean(required=True)
    lead_id = fields.String()
    rulebook = fields.String(required=True)
    audit = fields.Nested(AuditReference, required=True)
    receipt = fields.String()


class BatchSummary(Schema):
    """How many answers of each kind."""

    allow = fields.Integer(required=True)
    deny = fields.Integer(required=True)
    errors = fields.Integer(required=True)


class BatchAnswer(Schema):
    """One result a reference, in the order asked; a bad one has `code` and `errors`, and says deny.

    Up to a thousand results share an entry of the trail, which each of them names; `receipts` are of those.
    """

    results = fields.List(fields.Dict(), required=True)
    summary = fields.Nested(BatchSummary, required=True)
    receipts = fields.List(fields.Nested(AuditReceipt), required=True)


class OutcomeBody(Schema):
    """What was done with an answer."""

    outcome = fields.String(required=True, validate=validate.OneOf([kind.value for kind in OutcomeKind]))
    at = fields.AwareDateTime(required=True)


class OutcomeTold(Schema):
    """The outcome on record."""

    decision_id = fields.String(required=True)
    outcome = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class ProofShown(Schema):
    """SHA-256(0x00 || salt || text) is the leaf at `position` of the tree whose root the entry holds."""

    entry_id = fields.String(required=True)
    text = fields.String(required=True)
    salt = fields.String(required=True)
    leaf = fields.String(required=True)
    position = fields.Integer(required=True)
    size = fields.Integer(required=True)
    path = fields.List(fields.String(), required=True)


class DecisionShown(Schema):
    """A stored decision, explained; of an erased lead only what names nobody."""

    decision_id = fields.String(required=True)
    day = fields.String(required=True)
    effect = fields.String(required=True)
    rulebook = fields.String(required=True)
    erased = fields.Boolean(required=True)
    audit = fields.Nested(AuditReference, required=True)
    lead_id = fields.String()
    question = fields.Dict()
    facts = fields.Dict()
    answer = fields.Dict()
    explanation = fields.Dict(allow_none=True)
    outcome = fields.Dict(allow_none=True)
    receipt = fields.String()
    proof = fields.Nested(ProofShown)


class KeySet(Schema):
    """The keys that receipts are signed with (RFC 7517), retired ones too."""

    keys = fields.List(fields.Dict(), required=True)
