"""Shapes of privacy requests as they are shown: states, clocks, steps, certificates."""

from marshmallow import Schema, fields

from api.schemas.audit import AuditReceipt
from api.schemas.letters import RecipientAnswer
from governance.requests.vocabulary import Assurance, Ground, Method


class Deadlines(Schema):
    """The dates until which something is due; `safe_by` is the earliest defensible one."""

    acknowledge_by = fields.String()
    respond_by = fields.String()
    safe_by = fields.String()
    extension_notice_by = fields.String()


class WaitingCandidate(Schema):
    """A row that may be the person's."""

    id = fields.String(required=True)
    table = fields.String(required=True)


class StepAnswer(Schema):
    """One store's part; `leadwarden` is the service's own data."""

    store = fields.String(required=True)
    action = fields.String(required=True)
    status = fields.String(required=True)
    found = fields.Integer(required=True, allow_none=True)
    changed = fields.Integer(required=True, allow_none=True)
    remaining = fields.Integer(required=True, allow_none=True)
    kept = fields.Integer()
    attempts = fields.Integer(required=True)
    last_error = fields.String()
    reason = fields.String()
    candidates = fields.List(fields.Nested(WaitingCandidate))


class CertificateLink(Schema):
    """Where the newest certificate is."""

    number = fields.Integer(required=True)
    issued_at = fields.String(required=True)
    href = fields.String(required=True)
    look_back_until = fields.String()


class ProofAnswer(Schema):
    """One attempt to show who asks."""

    method = fields.Enum(Method, by_value=True, required=True)
    passed = fields.Boolean(required=True)
    at = fields.String(required=True)
    actor = fields.String(required=True)


class VerificationAnswer(Schema):
    """How surely it must be known who asks, how surely it is, and by which attempts."""

    required = fields.Enum(Assurance, by_value=True, required=True)
    reached = fields.Enum(Assurance, by_value=True, required=True)
    proofs = fields.List(fields.Nested(ProofAnswer), required=True)


class RefusalAnswer(Schema):
    """Why a request was refused, and by which law, where one says so."""

    ground = fields.Enum(Ground, by_value=True, required=True)
    law = fields.String()


class AppealAnswer(Schema):
    """An appeal against the refusal, and how it was decided."""

    number = fields.Integer(required=True)
    received_at = fields.String(required=True)
    respond_by = fields.String(required=True)
    result = fields.String(required=True, allow_none=True)
    decided_at = fields.String()


class RequestAnswer(Schema):
    """A request: states, clocks and counts, and nothing of the person."""

    id = fields.String(required=True)
    type = fields.String(required=True)
    regime = fields.String(required=True)
    status = fields.String(required=True)
    reason = fields.String()
    received_at = fields.String(required=True)
    submitted_by = fields.String(required=True)
    deadlines = fields.Nested(Deadlines, required=True)
    verification = fields.Nested(VerificationAnswer, required=True)
    approved_by = fields.List(fields.String())
    refusal = fields.Nested(RefusalAnswer)
    appeals = fields.List(fields.Nested(AppealAnswer))
    lift_at = fields.String()
    lifted_at = fields.String()
    steps = fields.List(fields.Nested(StepAnswer), required=True)
    certificate = fields.Nested(CertificateLink)


class RequestChanged(RequestAnswer):
    """A request after a change, and the entry that says so."""

    audit = fields.Nested(AuditReceipt, required=True)


class RequestPage(Schema):
    """Requests, the newest first."""

    items = fields.List(fields.Nested(RequestAnswer), required=True)
    next_cursor = fields.String(allow_none=True)


class CertificateAnswer(Schema):
    """The signed certificate: what it says, the JWS it was read from, and the proofs of its entries."""

    version = fields.Integer(required=True)
    request_id = fields.String(required=True)
    number = fields.Integer(required=True)
    type = fields.String(required=True)
    regime = fields.String(required=True)
    status = fields.String(required=True)
    controller = fields.String(required=True)
    received_at = fields.String(required=True)
    approved_at = fields.String(required=True)
    completed_at = fields.String(required=True)
    look_back_until = fields.String(required=True)
    steps = fields.List(fields.Dict(), required=True)
    recipients = fields.List(fields.Nested(RecipientAnswer), required=True)
    exemptions = fields.List(fields.Dict(), required=True)
    entries = fields.List(fields.Dict(), required=True)
    jws = fields.String(required=True)
    proofs = fields.List(fields.Dict(), required=True)


class StepHistory(Schema):
    """Every change of every step."""

    items = fields.List(fields.Dict(), required=True)
