"""The closed words of privacy requests. Source: contract, "Privacy requests"."""

from enum import StrEnum


class RequestType(StrEnum):
    """What the person asks for."""

    ACCESS = "access"
    ERASURE = "erasure"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    PORTABILITY = "portability"
    OPT_OUT_SALE_SHARING = "opt_out_sale_sharing"
    LIMIT_SENSITIVE = "limit_sensitive"
    COMPLAINT = "complaint"


class Regime(StrEnum):
    """Whose law sets the clocks."""

    GDPR = "gdpr"
    UK_GDPR = "uk_gdpr"
    CCPA = "ccpa"
    US_STATE = "us_state"
    CASL = "casl"
    LGPD = "lgpd"


class Status(StrEnum):
    """Where a request stands."""

    AWAITING_VERIFICATION = "awaiting_verification"
    AWAITING_REVIEW = "awaiting_review"
    IN_PROGRESS = "in_progress"
    NEEDS_ATTENTION = "needs_attention"
    COMPLETED = "completed"
    COMPLETED_WITH_EXEMPTIONS = "completed_with_exemptions"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class StepStatus(StrEnum):
    """Where one store's part of a request stands; nothing but the last two counts as done."""

    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    WAITING_FOR_PERSON = "waiting_for_person"
    SUCCEEDED = "succeeded"
    EXEMPT = "exempt"


class Action(StrEnum):
    """What a step does in its store."""

    ERASE = "erase"
    EXPORT = "export"
    RECTIFY = "rectify"
    RESTRICT = "restrict"
    OBJECT = "object"
    ANSWER = "answer"


class Method(StrEnum):
    """How the asker was shown to be the person."""

    CODE = "code"
    LOGIN = "login"
    DOCUMENT_SEEN = "document_seen"
    AGENT_PERMISSION = "agent_permission"
    KNOWN_CHANNEL = "known_channel"


class Assurance(StrEnum):
    """How surely it is known who asks."""

    NONE = "none"
    REASONABLE = "reasonable"
    HIGH = "high"


class Ground(StrEnum):
    """Why a request may be refused."""

    IDENTITY_NOT_VERIFIED = "identity_not_verified"
    MANIFESTLY_UNFOUNDED = "manifestly_unfounded"
    EXCESSIVE = "excessive"
    LEGAL_CLAIMS = "legal_claims"
    LEGAL_OBLIGATION = "legal_obligation"
    OUTSIDE_JURISDICTION = "outside_jurisdiction"
    NO_MATCH = "no_match"
    SUSPECTED_FRAUD = "suspected_fraud"
    OTHER = "other"


class PauseReason(StrEnum):
    """What the controller had to ask the person for."""

    IDENTITY = "identity"
    CLARIFICATION = "clarification"


class Submitter(StrEnum):
    """Who handed the request in."""

    DATA_SUBJECT = "data_subject"
    AUTHORISED_AGENT = "authorised_agent"


class StepError(StrEnum):
    """Why a step is not done, beside the stores' own codes (`governance.stores.errors.StoreCode`).

    Closed codes, because a driver's message may hold a person.
    """

    STORE_INACTIVE = "store_inactive"
    ROWS_REMAIN = "rows_remain"
    ROWS_CAME = "rows_came"
    AMBIGUOUS = "ambiguous"
    NOT_AUTOMATIC = "not_automatic"
    UNPLACED = "unplaced"
    NOT_CORRECTABLE = "not_correctable"
    KEYS_UNAVAILABLE = "keys_unavailable"
    UNEXPECTED = "unexpected"


class Exemption(StrEnum):
    """Why data are kept although their erasure was asked for."""

    LEGAL_HOLD = "legal_hold"
    STORE_KEEPS = "store_keeps"


OWN_STORE = "leadwarden"
"""The name under which the service's own data are a step."""
