"""What can go wrong in `consent`; no error knows HTTP, no message holds personal data."""

from typing import ClassVar


class ConsentError(Exception):
    """Base of this package's errors; `code` is stable and read by programs."""

    code: ClassVar[str] = "consent_error"
