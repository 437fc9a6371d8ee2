"""What a message may carry where a mail's headers are made of it. Pure.

A line break in an address or a subject would begin a header of its own, so it is refused where the message is
queued, and again by the mail library where it is sent.
"""

import re

from governance.errors import MessageInvalidError

LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3
LONGEST_SUBJECT = 200
LONGEST_TEXT = 64_000

_ADDRESS = re.compile(r"[^\s@<>()\[\]:;,\\\"]+@[^\s@<>()\[\]:;,\\\"]+")


def is_address(text: str) -> bool:
    """Whether `text` is one bare mail address: no name, no list, nothing that a header could be made of."""
    return len(text) <= LONGEST_ADDRESS and text.isprintable() and _ADDRESS.fullmatch(text) is not None


def check_letter(to: str | None, subject: str, text: str) -> None:
    """Lets a letter pass that can be sent as it is; `to` is None where no address is known.

    Raises:
        MessageInvalidError: it can not; the message repeats nothing of it.
    """
    if to is not None and not is_address(to):
        raise MessageInvalidError("a letter needs one bare mail address")
    if not subject.strip() or not subject.isprintable() or len(subject) > LONGEST_SUBJECT:
        raise MessageInvalidError(f"a subject is one line of at most {LONGEST_SUBJECT} characters")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise MessageInvalidError(f"a text has at most {LONGEST_TEXT} characters, and says something")
