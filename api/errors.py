"""What can go wrong at the doors; `problems` says which status each one answers."""

from datetime import timedelta
from typing import ClassVar

from governance.messages.patience import DeliveryCode


class ApiError(Exception):
    """Base of this package's errors; `code` is stable and read by programs."""

    code: ClassVar[str] = "api_error"


class SettingsError(ApiError):
    """The environment asks for something unknown, malformed or unsafe; the message is the one line shown."""

    code = "settings_invalid"


class HomeInUseError(ApiError):
    """Another process serves this home."""

    code = "home_in_use"


class DatabaseUnavailableError(ApiError):
    """A database can not be read or written: missing, locked, read-only, full, unreachable, not migrated."""

    code = "unavailable"


class DatabaseClosedError(DatabaseUnavailableError):
    """The service is stopping."""

    code = "stopping"


class SpoolUnavailableError(ApiError):
    """There is no room, or no right, for the file in which results wait until the last one is there."""

    code = "unavailable"


class OpeningsSpentError(ApiError):
    """Whoever asks has opened as many people as they may; there is room again after `wait`."""

    code = "too_many_openings"

    def __init__(self, wait: timedelta) -> None:
        super().__init__("as many people were opened as may be, for now")
        self.wait = wait


class RunningServiceError(ApiError):
    """The service that runs on this home can not be reached, or refuses."""

    code = "running_service"


class DeliveryError(ApiError):
    """A message did not get through; `reason` is one of the closed codes of `patience.DeliveryCode`."""

    code = "delivery_failed"

    def __init__(self, reason: DeliveryCode) -> None:
        super().__init__(f"not delivered: {reason}")
        self.reason = reason


class CampaignError(ApiError):
    """A campaign list can not be read."""

    code = "campaign_unreadable"
