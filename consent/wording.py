"""Codes in plain words, for people who read why an answer is what it is."""

from collections.abc import Mapping

from consent.reasons import Reason
from consent.rows import GroundKind

MEANING: Mapping[Reason, str] = {
    Reason.LEAD_UNKNOWN: "nobody of that reference is known",
    Reason.JURISDICTION_UNRESOLVED: "it is not known whose law applies",
    Reason.RECIPIENT_KIND_UNRESOLVED: "it is not known who the recipient is in law",
    Reason.SOURCE_UNKNOWN: "it is not known where the lead came from, or when",
    Reason.RULEBOOK_MISSING: "no rulebook is in force",
    Reason.SUPPRESSED_AFTER_ERASURE: "the person was erased and must not be contacted again",
    Reason.PROCESSING_RESTRICTED: "use of the person's data is restricted",
    Reason.MINOR: "the person is a minor",
    Reason.RETENTION_EXPIRED: "the record was kept for longer than it may be used",
    Reason.PURPOSE_INCOMPATIBLE: "the data may not be used for this purpose",
    Reason.OBJECTION_DIRECT_MARKETING: "the person objected to direct marketing",
    Reason.OBJECTION_PROFILING: "the person objected to profiling",
    Reason.UNSUBSCRIBED: "the person unsubscribed",
    Reason.CONSENT_WITHDRAWN: "the person withdrew the consent, or refused it",
    Reason.INTERNAL_DNC: "the person is on the company's own do-not-contact list",
    Reason.SALE_SHARING_OPT_OUT: "the person opted out of the sale or sharing of their data",
    Reason.BOUNCED: "messages to the address came back",
    Reason.COMPLAINED: "the person complained",
    Reason.CHANNEL_PROHIBITED: "the law bars this channel",
    Reason.DNC_CHECK_MISSING: "a do-not-call register was not checked",
    Reason.DNC_CHECK_STALE: "the newest check of a do-not-call register is too old",
    Reason.DNC_LISTED: "the number or address is on a do-not-call register",
    Reason.CONSENT_REQUIRED: "no valid consent covers this channel and purpose, and no other ground suffices",
    Reason.CONSENT_SCOPE_MISMATCH: "a consent on file does not cover this channel and purpose",
    Reason.CONSENT_NOT_DEMONSTRABLE: "a consent on file can not be proved",
    Reason.CONSENT_EXPIRED: "a consent on file has expired",
    Reason.CONSENT_STALE: "a consent on file lay unused for too long",
    Reason.SOFT_OPT_IN_CONDITIONS_NOT_MET: "not every condition of the customer exception is met",
    Reason.IMPLIED_CONSENT_EXPIRED: "the purchase, contract or inquiry lies too long ago",
    Reason.PRESUMED_CONSENT_NOT_SUBSTANTIATED: "the interest that is presumed has no documented reason",
    Reason.ROLE_NOT_RELEVANT: "the message is not known to concern the person's work",
    Reason.LIA_MISSING: "there is no legitimate-interest assessment on file",
    Reason.NOTICE_ART13_MISSING: "the person was not told of the processing (GDPR art. 13)",
    Reason.NOTICE_ART14_OVERDUE: "the person was not told in time where their data came from (GDPR art. 14)",
    Reason.OUTSIDE_PERMITTED_HOURS: "it is outside the permitted hours where the recipient is",
    Reason.FREQUENCY_CAP_REACHED: "the person was contacted as often as is permitted",
    Reason.MANDATORY_CONTENT_MISSING: "the message lacks what the law wants in it",
    Reason.CONSENT_VALID: "a valid consent covers this channel and purpose",
    Reason.SOFT_OPT_IN: "the customer exception: address from a sale, similar products, refusal offered",
    Reason.IMPLIED_CONSENT_EBR: "a business relationship that is recent enough",
    Reason.IMPLIED_CONSENT_INQUIRY: "an inquiry of the person that is recent enough",
    Reason.CONSPICUOUS_PUBLICATION: "an address published in plain sight, without a word against advertising",
    Reason.ADDRESS_PROVIDED: "an address that the person handed over",
    Reason.PRESUMED_CONSENT_SUBSTANTIATED: "a documented reason to presume the person's interest",
    Reason.CORPORATE_SUBSCRIBER_EXEMPT: "the recipient is a company, which needs not consent first",
    Reason.BUSINESS_ADDRESS_EXEMPT: "a work address, and a message about that work",
    Reason.IMPERSONAL_ADDRESS_EXEMPT: "an address of a company that names no person",
    Reason.B2B_EXEMPT: "contact between businesses, which the rule leaves free",
    Reason.NOT_LISTED_ON_REGISTER: "fresh checks found the person on no do-not-call register",
    Reason.LEGITIMATE_INTEREST: "a legitimate interest, with an assessment on file",
    Reason.LEGITIMATE_INTEREST_OPT_OUT_REGIME: "a legitimate interest, until the person objects",
    Reason.OPT_OUT_REGIME: "contact is permitted until the person objects",
    Reason.SERVICE_MESSAGE: "a message under a running contract, without advertising",
    Reason.REPLY_TO_REQUEST: "an answer to what the person asked",
}
"""What each code says."""

GROUNDS: Mapping[GroundKind, str] = {
    GroundKind.SOFT_OPT_IN: (
        "the customer exception: an address from a sale, similar products of one's own, a refusal offered"
        " then and not made since"
    ),
    GroundKind.BUSINESS_RELATIONSHIP: "a running contract, or a purchase that is recent enough",
    GroundKind.INQUIRY: "an inquiry of the person that is recent enough",
    GroundKind.ORGANISATION_RELATIONSHIP: "dealings between the two organisations, and a message about them",
    GroundKind.PUBLICATION: (
        "an address that is published in plain sight, without a word against advertising, and evidence of it"
    ),
    GroundKind.ADDRESS_PROVIDED: "an address that the person handed over",
    GroundKind.PRESUMED_CONSENT: "a concrete, documented reason to presume the person's interest",
}
"""What can stand in for a consent, where the law lets it."""

STAGE_WORDS: Mapping[str, str] = {
    "resolve": "where the lead comes from",
    "record state": "whether the record may be used at all",
    "purpose": "what the contact is for",
    "objections": "whether the person said no",
    "channel": "whether the channel is open",
    "registers": "do-not-call registers",
    "legal basis": "the ground for the contact",
    "transparency": "whether the person was told",
    "time": "hours and frequency",
    "content": "what the message must carry",
}
"""What each stage asks, by its name."""
