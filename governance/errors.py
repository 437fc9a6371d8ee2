"""What can go wrong in `governance`; no error knows HTTP, no message holds personal data."""

from typing import ClassVar


class GovernanceError(Exception):
    """Base of this package's errors; `code` is stable and read by programs."""

    code: ClassVar[str] = "governance_error"
