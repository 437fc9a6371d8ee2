"""How long a message waits after a failure, and when nobody tries any more: pure.

Waits grow, as the Standard Webhooks specification advises, from seconds to half a day; together about a day.
A letter about a request is worth no more than that: whoever failed for a day is a matter for a person.
"""

from datetime import timedelta
from enum import StrEnum


class DeliveryCode(StrEnum):
    """Why a message was not delivered. Closed, because a server's own words may repeat an address."""

    NOT_CONFIGURED = "not_configured"  # no way to send it was set
    NO_ADDRESS = "no_address"  # nothing is known to write to
    KEY_DESTROYED = "key_destroyed"  # what it said can not be read any more
    UNREACHABLE = "unreachable"  # no connection
    TIMED_OUT = "timed_out"  # connected, and then silence
    INSECURE = "insecure"  # no encryption, or a certificate that proves nothing
    MALFORMED_ANSWER = "malformed_answer"  # what came back is not the protocol
    REDIRECTED = "redirected"  # webhooks are not sent on to other addresses
    GONE = "gone"  # the receiver wants no more (410)
    THROTTLED = "throttled"  # too many for the receiver
    REFUSED = "refused"  # any other no
    SERVER_FAILED = "server_failed"  # the receiver's own fault
    LOGIN_REFUSED = "login_refused"  # the mail server does not take our credentials
    SENDER_REFUSED = "sender_refused"  # ... our own address
    RECIPIENT_REFUSED = "recipient_refused"  # ... the recipient's address
    UNEXPECTED = "unexpected"


FINAL = frozenset(
    {
        DeliveryCode.NOT_CONFIGURED,
        DeliveryCode.NO_ADDRESS,
        DeliveryCode.KEY_DESTROYED,
        DeliveryCode.GONE,
        DeliveryCode.RECIPIENT_REFUSED,
    }
)
"""What no waiting cures."""

WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=3),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=7),
    timedelta(hours=12),
)


UNTRIED_WAIT = timedelta(seconds=30)
"""How long a message waits whose receiver had just fallen silent for another."""


def after_failure(tries: int, code: DeliveryCode) -> timedelta | None:
    """How long a message waits after its `tries`-th failure (counted from 1); None: it failed for good."""
    return None if code in FINAL or tries > len(WAITS) else WAITS[tries - 1]
