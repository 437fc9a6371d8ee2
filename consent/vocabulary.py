"""The closed words of the contract: channels, purposes, kinds. Source: contract, `facts`."""

from enum import StrEnum


class Channel(StrEnum):
    """How a lead would be contacted."""

    EMAIL = "email"
    PHONE_LIVE = "phone_live"
    PHONE_AUTOMATED = "phone_automated"
    SMS = "sms"
    POST = "post"
    SOCIAL_MESSAGE = "social_message"
    MESSAGING_APP = "messaging_app"
    RETARGETING_ADS = "retargeting_ads"
    FAX = "fax"
    IN_APP = "in_app"


class Purpose(StrEnum):
    """What the contact, or the use of the data, is for."""

    DIRECT_MARKETING = "direct_marketing"
    SERVICE_NOTICE = "service_notice"
    REPLY_TO_REQUEST = "reply_to_request"
    RESEARCH = "research"
    LEGAL_NOTICE = "legal_notice"
    PROFILING = "profiling"
    ENRICHMENT = "enrichment"
    SHARING = "sharing"


class RecipientKind(StrEnum):
    """Who the recipient is in law; absent means unknown, judged as an individual."""

    CORPORATE_SUBSCRIBER = "corporate_subscriber"
    INDIVIDUAL_SUBSCRIBER = "individual_subscriber"
    CONSUMER = "consumer"


class IdentifierKind(StrEnum):
    """What an identifier of a person is."""

    EMAIL = "email"
    PHONE = "phone"
    EXTERNAL = "external"


class AddressType(StrEnum):
    """What an e-mail address says about its owner."""

    ROLE = "role"
    NAMED_WORK = "named_work"
    PERSONAL = "personal"


class NumberType(StrEnum):
    """What is known of a phone number; unknown is judged as a mobile."""

    MOBILE = "mobile"
    BUSINESS_LANDLINE = "business_landline"
    UNKNOWN = "unknown"


class SourceKind(StrEnum):
    """How a lead was come by."""

    WEB_FORM = "web_form"
    CONTENT_DOWNLOAD = "content_download"
    WEBINAR = "webinar"
    EVENT = "event"
    BUSINESS_CARD = "business_card"
    DATA_BROKER = "data_broker"
    PUBLIC_WEBSITE = "public_website"
    REFERRAL = "referral"
    LINKEDIN_LEAD_FORM = "linkedin_lead_form"
    LINKEDIN_PROFILE = "linkedin_profile"
    PRODUCT_SIGNUP = "product_signup"
    INBOUND_CALL = "inbound_call"
    OUTBOUND_CALL = "outbound_call"
    EMAIL_OUTREACH = "email_outreach"
    DIRECT_MAIL = "direct_mail"
    PAID_ADVERTISING = "paid_advertising"
    INTENT_PLATFORM = "intent_platform"
    PARTNER = "partner"


class Proof(StrEnum):
    """How a consent can be shown; a consent without one is not demonstrable."""

    DOUBLE_OPT_IN = "double_opt_in"
    SIGNED_WEB_FORM = "signed_web_form"
    WEB_FORM = "web_form"
    ORAL_NOTE = "oral_note"


class ObjectionKind(StrEnum):
    """What the person objected to."""

    DIRECT_MARKETING = "direct_marketing"
    PROFILING = "profiling"
    DO_NOT_CALL = "do_not_call"
    DO_NOT_SELL_OR_SHARE = "do_not_sell_or_share"


class SuppressionKind(StrEnum):
    """Why an address must not be used."""

    UNSUBSCRIBE = "unsubscribe"
    ERASURE_SUPPRESSION = "erasure_suppression"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"


class Effect(StrEnum):
    """The answer."""

    ALLOW = "allow"
    DENY = "deny"
