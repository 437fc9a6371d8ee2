"""What can go wrong in `audit`; no error knows HTTP, no message holds personal data."""

from typing import ClassVar


class AuditError(Exception):
    """Base of this package's errors; `code` is stable and read by programs."""

    code: ClassVar[str] = "audit_error"
