"""What a sender must do beside the answer. Source: contract, `facts`."""

from datetime import date
from enum import StrEnum


class Obligation(StrEnum):
    """One duty; `RECHECK_BY` is completed by a day, see `recheck_by`."""

    INCLUDE_UNSUBSCRIBE = "include_unsubscribe"
    INCLUDE_UNSUBSCRIBE_FREE_OF_CHARGE = "include_unsubscribe_free_of_charge"
    OPT_OUT_ADDRESS = "opt_out_address"
    OFFER_OPT_OUT = "offer_opt_out"
    UNSUBSCRIBE_VALID_30_DAYS = "unsubscribe_valid_30_days"
    UNSUBSCRIBE_VALID_60_DAYS = "unsubscribe_valid_60_days"
    OPT_OUT_VALID_30_DAYS = "opt_out_valid_30_days"
    POSTAL_ADDRESS = "postal_address"
    IDENTIFY_SENDER = "identify_sender"
    IDENTIFY_CALLER = "identify_caller"
    SHOW_CALLER_ID = "show_caller_id"
    NO_DECEPTIVE_SUBJECT = "no_deceptive_subject"
    NO_MISREPRESENTATION = "no_misrepresentation"
    NO_PROMOTIONAL_CONTENT = "no_promotional_content"
    STAY_WITHIN_REQUEST = "stay_within_request"
    GIVE_ART14_NOTICE = "give_art14_notice"
    STATE_SOURCE = "state_source"
    OFFER_RIGHT_TO_OBJECT_IN_CALL = "offer_right_to_object_in_call"
    GIVE_ADDRESS_ON_REQUEST = "give_address_on_request"
    HONOUR_INTERNAL_DNC = "honour_internal_dnc"
    RECORD_REASON = "record_reason"
    ASK_ONCE_OR_DELETE = "ask_once_or_delete"
    BLOCK_IMPORT = "block_import"
    RECORD_MATCH_WITHOUT_REPROFILING = "record_match_without_reprofiling"
    SHOW_OPT_OUT_STATUS = "show_opt_out_status"
    RECHECK_BY = "recheck_by"
    LABEL_ADVERTISEMENT = "label_advertisement"


def recheck_by(day: date) -> str:
    """`recheck_by:2026-12-01`: the last day on which an implied consent is valid."""
    return f"{Obligation.RECHECK_BY}:{day.isoformat()}"
