"""Shapes of privacy requests and legal holds."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.questions import zones
from api.schemas.audit import AuditReceipt
from api.schemas.letters import RecipientAnswer
from governance.requests.handover import LONGEST_TOKEN
from governance.requests.recipients import Answer
from governance.requests.vocabulary import (
    Assurance,
    Ground,
    Method,
    PauseReason,
    Regime,
    RequestType,
    Submitter,
)

LONG_TEXT = validate.Length(min=1, max=10_000)
MOST_IDENTITIES = 50
RESULTS = ("verified", "failed")


def known_zone(name: str) -> None:
    """Passes an IANA time zone.

    Raises:
        ValidationError: it is none.
    """
    if name not in zones():
        raise ValidationError("Must be a time zone of the IANA database.")


class Flag(fields.Boolean):
    """True or false of JSON, and nothing that Python thinks equal to them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


class NewRequestBody(Schema):
    """A person's request, as it came in."""

    id = fields.UUID()
    type = fields.Enum(RequestType, by_value=True, required=True)
    regime = fields.Enum(Regime, by_value=True)
    identities = fields.List(
        fields.Dict(), required=True, validate=validate.Length(min=1, max=MOST_IDENTITIES)
    )
    received_at = fields.AwareDateTime()
    time_zone = fields.String(validate=known_zone)
    submitted_by = fields.Enum(Submitter, by_value=True, load_default=Submitter.DATA_SUBJECT)
    note = fields.String(validate=LONG_TEXT)


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


class VerifyBody(Schema):
    """The result of one attempt to show who asks."""

    method = fields.Enum(Method, by_value=True, required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    statement = fields.String(validate=LONG_TEXT)
    ask_person = Flag(load_default=False)

    @validates_schema
    def of_an_agent(self, data: dict[str, Any], **_: Any) -> None:
        """A statement says what an agent was permitted; whoever is asked about it was not shown it failed.

        Raises:
            ValidationError: it belongs to another method or result, or is missing.
        """
        by_agent = data["method"] is Method.AGENT_PERMISSION
        if "statement" in data and not by_agent:
            raise ValidationError("Only an agent's permission has a statement.", "statement")
        if data["ask_person"] and not (by_agent and "statement" in data and data["result"] == "verified"):
            raise ValidationError("The person is asked about a permission that was seen.", "ask_person")


class LoginBody(Schema):
    """A login at the controller, signed by it."""

    token = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TOKEN))


class EmptyBody(Schema):
    """Nothing to say."""


class RefuseBody(Schema):
    """Why the request is turned down; the explanation is for the person, and sealed."""

    ground = fields.Enum(Ground, by_value=True, required=True)
    explanation = fields.String(required=True, validate=LONG_TEXT)


class ExtendBody(Schema):
    """Why more time is needed; the person is told, and it is sealed."""

    reason = fields.String(required=True, validate=LONG_TEXT)


class PauseBody(Schema):
    """What was asked of the person."""

    reason = fields.Enum(PauseReason, by_value=True, required=True)


class Judgement(Schema):
    """Whether a candidate is the person."""

    id = fields.String(required=True)
    same_person = Flag(required=True)


class CompleteBody(Schema):
    """That a person did a step by hand, and what the recipient behind the store answered, if asked."""

    answer = fields.Enum(Answer, by_value=True)


class DecideBody(Schema):
    """An answer for every candidate that waits."""

    candidates = fields.List(fields.Nested(Judgement), required=True, validate=validate.Length(min=1))

    @validates_schema
    def each_once(self, data: dict[str, Any], **_: Any) -> None:
        """Two answers about one candidate would be none.

        Raises:
            ValidationError: one stands there twice.
        """
        ids = [each["id"] for each in data["candidates"]]
        if len(ids) != len(set(ids)):
            raise ValidationError("Each candidate once.", "candidates")


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


class HoldBody(Schema):
    """A legal hold on a lead, or on what a query names in a store."""

    lead = fields.Dict()
    store = fields.String(validate=validate.Length(min=1, max=64))
    query = fields.Dict()
    reason = fields.String(required=True, validate=LONG_TEXT)
    until = fields.AwareDateTime()

    @validates_schema
    def one_object(self, data: dict[str, Any], **_: Any) -> None:
        """It holds either a lead, or a store with a query.

        Raises:
            ValidationError: both, neither, or a query without its store.
        """
        if ("lead" in data) == ("store" in data):
            raise ValidationError("Give either a lead, or a store and a query.", "lead")
        if "store" in data and "query" not in data:
            raise ValidationError("A store's hold needs a query; {} is the whole store.", "query")
        if "lead" in data and "query" in data:
            raise ValidationError("A query belongs to a store.", "query")


class HoldAnswer(Schema):
    """A hold in force."""

    key = fields.String(required=True)
    on = fields.String(required=True)
    store = fields.String()
    until = fields.String()
    created_at = fields.String(required=True)


class HoldPlaced(HoldAnswer):
    """A hold just placed, and the entry that says so."""

    audit = fields.Nested(AuditReceipt, required=True)


class HoldLifted(Schema):
    """A hold that ended."""

    key = fields.String(required=True)
    lifted = fields.Boolean(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class HoldPage(Schema):
    """A page of the holds in force."""

    items = fields.List(fields.Nested(HoldAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
