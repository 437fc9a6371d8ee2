"""The codes of an answer: at which stage each is given, and what it takes to be rid of it.

Source: contract, `facts`; the order of the stages is that of `consent.decision`.
"""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """Why the answer is what it is."""

    # 1: resolve
    LEAD_UNKNOWN = "LEAD_UNKNOWN"
    JURISDICTION_UNRESOLVED = "JURISDICTION_UNRESOLVED"
    RECIPIENT_KIND_UNRESOLVED = "RECIPIENT_KIND_UNRESOLVED"
    SOURCE_UNKNOWN = "SOURCE_UNKNOWN"
    RULEBOOK_MISSING = "RULEBOOK_MISSING"
    # 2: record state
    SUPPRESSED_AFTER_ERASURE = "SUPPRESSED_AFTER_ERASURE"
    PROCESSING_RESTRICTED = "PROCESSING_RESTRICTED"
    MINOR = "MINOR"
    RETENTION_EXPIRED = "RETENTION_EXPIRED"
    # 3: purpose
    PURPOSE_INCOMPATIBLE = "PURPOSE_INCOMPATIBLE"
    # 4: objections
    OBJECTION_DIRECT_MARKETING = "OBJECTION_DIRECT_MARKETING"
    OBJECTION_PROFILING = "OBJECTION_PROFILING"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    INTERNAL_DNC = "INTERNAL_DNC"
    SALE_SHARING_OPT_OUT = "SALE_SHARING_OPT_OUT"
    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"
    # 5: channel
    CHANNEL_PROHIBITED = "CHANNEL_PROHIBITED"
    # 6: registers
    DNC_CHECK_MISSING = "DNC_CHECK_MISSING"
    DNC_CHECK_STALE = "DNC_CHECK_STALE"
    DNC_LISTED = "DNC_LISTED"
    # 7: legal basis
    CONSENT_REQUIRED = "CONSENT_REQUIRED"
    CONSENT_SCOPE_MISMATCH = "CONSENT_SCOPE_MISMATCH"
    CONSENT_NOT_DEMONSTRABLE = "CONSENT_NOT_DEMONSTRABLE"
    CONSENT_EXPIRED = "CONSENT_EXPIRED"
    CONSENT_STALE = "CONSENT_STALE"
    SOFT_OPT_IN_CONDITIONS_NOT_MET = "SOFT_OPT_IN_CONDITIONS_NOT_MET"
    IMPLIED_CONSENT_EXPIRED = "IMPLIED_CONSENT_EXPIRED"
    PRESUMED_CONSENT_NOT_SUBSTANTIATED = "PRESUMED_CONSENT_NOT_SUBSTANTIATED"
    ROLE_NOT_RELEVANT = "ROLE_NOT_RELEVANT"
    LIA_MISSING = "LIA_MISSING"
    # 8: transparency
    NOTICE_ART13_MISSING = "NOTICE_ART13_MISSING"
    NOTICE_ART14_OVERDUE = "NOTICE_ART14_OVERDUE"
    # 9: time
    OUTSIDE_PERMITTED_HOURS = "OUTSIDE_PERMITTED_HOURS"
    FREQUENCY_CAP_REACHED = "FREQUENCY_CAP_REACHED"
    # 10: content
    MANDATORY_CONTENT_MISSING = "MANDATORY_CONTENT_MISSING"
    # 11: allow
    CONSENT_VALID = "CONSENT_VALID"
    SOFT_OPT_IN = "SOFT_OPT_IN"
    IMPLIED_CONSENT_EBR = "IMPLIED_CONSENT_EBR"
    IMPLIED_CONSENT_INQUIRY = "IMPLIED_CONSENT_INQUIRY"
    CONSPICUOUS_PUBLICATION = "CONSPICUOUS_PUBLICATION"
    ADDRESS_PROVIDED = "ADDRESS_PROVIDED"
    PRESUMED_CONSENT_SUBSTANTIATED = "PRESUMED_CONSENT_SUBSTANTIATED"
    CORPORATE_SUBSCRIBER_EXEMPT = "CORPORATE_SUBSCRIBER_EXEMPT"
    BUSINESS_ADDRESS_EXEMPT = "BUSINESS_ADDRESS_EXEMPT"
    IMPERSONAL_ADDRESS_EXEMPT = "IMPERSONAL_ADDRESS_EXEMPT"
    B2B_EXEMPT = "B2B_EXEMPT"
    NOT_LISTED_ON_REGISTER = "NOT_LISTED_ON_REGISTER"
    LEGITIMATE_INTEREST = "LEGITIMATE_INTEREST"
    LEGITIMATE_INTEREST_OPT_OUT_REGIME = "LEGITIMATE_INTEREST_OPT_OUT_REGIME"
    OPT_OUT_REGIME = "OPT_OUT_REGIME"
    SERVICE_MESSAGE = "SERVICE_MESSAGE"
    REPLY_TO_REQUEST = "REPLY_TO_REQUEST"


STAGES: tuple[str, ...] = (
    "resolve",
    "record state",
    "purpose",
    "objections",
    "channel",
    "registers",
    "legal basis",
    "transparency",
    "time",
    "content",
    "allow",
)
"""The stages in order; a stage's number is its place, counted from one."""

REVIEWED = frozenset({Reason.JURISDICTION_UNRESOLVED, Reason.CONSENT_STALE, Reason.NOTICE_ART14_OVERDUE})
"""As first reason they ask for a person's review."""

_LATER_CONSENT = "a later consent for this channel and purpose, given by the person's own act"

MISSING: Mapping[Reason, str] = {
    Reason.LEAD_UNKNOWN: "a lead of that reference, taken in with its source",
    Reason.JURISDICTION_UNRESOLVED: "the country in which the recipient is",
    Reason.RECIPIENT_KIND_UNRESOLVED: "who the recipient is in law: a company, an individual or a consumer",
    Reason.SOURCE_UNKNOWN: "where the lead came from, and when",
    Reason.RULEBOOK_MISSING: "a published rulebook that answers for this jurisdiction",
    Reason.SUPPRESSED_AFTER_ERASURE: "nothing: the person was erased and must not be brought back",
    Reason.PROCESSING_RESTRICTED: "the restriction lifted, after telling the person (GDPR art. 18(3))",
    Reason.MINOR: "nothing: minors are not contacted",
    Reason.RETENTION_EXPIRED: "a new contact by the person; else ask once, or delete",
    Reason.PURPOSE_INCOMPATIBLE: (
        "a running contract for a service message, or a request of the person for a reply; no advertising"
    ),
    Reason.OBJECTION_DIRECT_MARKETING: _LATER_CONSENT,
    Reason.OBJECTION_PROFILING: "a later consent to profiling, given by the person's own act",
    Reason.UNSUBSCRIBED: _LATER_CONSENT,
    Reason.CONSENT_WITHDRAWN: _LATER_CONSENT,
    Reason.INTERNAL_DNC: "a later consent to calls, given by the person's own act",
    Reason.SALE_SHARING_OPT_OUT: "a later opt-in to sale or sharing by the person, and no signal against it",
    Reason.BOUNCED: "an address that takes messages",
    Reason.COMPLAINED: "nothing: a complaint stands",
    Reason.CHANNEL_PROHIBITED: "another channel",
    Reason.DNC_CHECK_MISSING: "a check of the register, not listed",
    Reason.DNC_CHECK_STALE: "a new check of the register, not listed",
    Reason.DNC_LISTED: "a valid consent for this channel, or the entry removed from the register",
    Reason.CONSENT_REQUIRED: "a valid consent for this channel and purpose",
    Reason.CONSENT_SCOPE_MISMATCH: "a consent that names this channel and purpose",
    Reason.CONSENT_NOT_DEMONSTRABLE: "proof of how the consent was given",
    Reason.CONSENT_EXPIRED: "a new consent",
    Reason.CONSENT_STALE: "a new consent: the old one lay unused for too long",
    Reason.SOFT_OPT_IN_CONDITIONS_NOT_MET: (
        "every condition of the customer exception: address from a sale, similar products, refusal offered"
    ),
    Reason.IMPLIED_CONSENT_EXPIRED: "a newer purchase, contract or inquiry, or an express consent",
    Reason.PRESUMED_CONSENT_NOT_SUBSTANTIATED: "a concrete, documented reason to presume interest",
    Reason.ROLE_NOT_RELEVANT: "a message that concerns the person's work",
    Reason.LIA_MISSING: "a legitimate-interest assessment on file",
    Reason.NOTICE_ART13_MISSING: "the notice of GDPR art. 13",
    Reason.NOTICE_ART14_OVERDUE: "the notice of GDPR art. 14, or within the month its promise",
    Reason.OUTSIDE_PERMITTED_HOURS: "a moment within the permitted hours of the recipient",
    Reason.FREQUENCY_CAP_REACHED: "time since the earlier contacts",
    Reason.MANDATORY_CONTENT_MISSING: "the content that the law asks for in the message",
}
"""What a denial lacks for a yes, in plain words."""
