"""The events of the ledger: what kinds there are, and what each holds.

All details are optional but those marked with `!`; instants are RFC 3339 text.

- `consent`: status!, channels!, purposes! (lists; `["all"]` only in a refusal or withdrawal), proof,
  expires_at, wording_version, and what a receipt shows
- `objection`: kind!, channels, purposes, via
- `source`: key!, kind!, provider; `occurred_at` is when the data was obtained
- `attributes`: country, region, time_zone, recipient_kind, address_type, number_type, minor; null clears
- `notice_given`: article, version
- `purchase`, `inquiry`: email_from_sale, own_similar_products, opt_out_offered_at_collection
- `contract_started`, `contract_ended`, `inbound_contact`: nothing
- `register_check`: register!, listed!
- `publication`: conspicuous, no_solicitation_statement, evidence
- `presumed_interest`: substantiated, reason
- `legitimate_interest_assessment`: id!, withdrawn
- `message_sent`: channel!, purpose, decision_id
- `bounce`: channel (absent: e-mail), permanent (absent: true); `complaint`: channel
- `signal`: gpc
- `restriction`: type, lifted
- `suppression`: type! (a suppression's or an objection's), channels, hash_match, lifted

Details are readable at rest: an address, a name or any free text of a person stands in `sealed`, never here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from audit.canonical import JSON

ALL = "all"


class EventKind(StrEnum):
    """What was told. The words of the contract's `POST /v1/leads/{id}/events`, and what other calls write."""

    CONSENT = "consent"
    OBJECTION = "objection"
    SOURCE = "source"
    ATTRIBUTES = "attributes"
    NOTICE = "notice_given"
    PURCHASE = "purchase"
    INQUIRY = "inquiry"
    CONTRACT_STARTED = "contract_started"
    CONTRACT_ENDED = "contract_ended"
    INBOUND_CONTACT = "inbound_contact"
    REGISTER_CHECK = "register_check"
    PUBLICATION = "publication"
    PRESUMED_INTEREST = "presumed_interest"
    LEGITIMATE_INTEREST_ASSESSMENT = "legitimate_interest_assessment"
    MESSAGE_SENT = "message_sent"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    SIGNAL = "signal"
    RESTRICTION = "restriction"
    SUPPRESSION = "suppression"


class ConsentStatus(StrEnum):
    """What a person said when asked, or later."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RENEWED = "renewed"


GRANTING = frozenset({ConsentStatus.GIVEN, ConsentStatus.RENEWED})

_ALWAYS_STOP = frozenset(
    {EventKind.OBJECTION, EventKind.CONTRACT_ENDED, EventKind.BOUNCE, EventKind.COMPLAINT}
)
_STOP_UNLESS_LIFTED = frozenset({EventKind.RESTRICTION, EventKind.SUPPRESSION})


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about a lead. `sealed` is evidence under the lead's data key; `id` is given when recorded."""

    lead_id: str
    kind: EventKind
    occurred_at: datetime
    details: Mapping[str, JSON]
    sealed: bytes | None = field(default=None, repr=False)
    id: str | None = None


def stops(event: Event) -> bool:
    """Whether the event takes a permission away: on a tie of instants it counts as the later one."""
    details = event.details
    if event.kind in _ALWAYS_STOP:
        return True
    if event.kind in _STOP_UNLESS_LIFTED:
        return not details.get("lifted")
    if event.kind is EventKind.CONSENT:
        return details["status"] not in GRANTING
    return any(details.get(name) is True for name in ("listed", "minor", "gpc", "withdrawn"))


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the ledger holds it, with the audit entry that covers it."""

    event: Event
    recorded_at: datetime
    entry_id: str
