"""What a request works with: the opened service, and who is calling."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from flask import current_app, g

from api.database import Database
from api.settings import Settings
from audit.note import Signer
from consent.rulebook import Rulebook
from governance.scopes import Caller
from governance.vault.keyring import Keyring
from governance.vault.signing import ReceiptSigner

EXTENSION = "leadwarden"


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that is opened once: both databases, keys, signers, rules and the clock."""

    settings: Settings
    main: Database
    keys: Database
    keyring: Keyring = field(repr=False)
    log_signer: Signer
    receipt_signer: ReceiptSigner
    clock: Callable[[], datetime]
    rulebook: Callable[[], Rulebook]

    def close(self) -> None:
        """Finish running writes and let both databases go."""
        self.main.close()
        self.keys.close()


def utc_now() -> datetime:
    """The wall clock, aware; the only place that reads it."""
    return datetime.now(UTC)


def current() -> Service:
    """The service of the Flask app that answers."""
    return cast("Service", current_app.extensions[EXTENSION])


def caller() -> Caller:
    """Who sent this request; `@needs` has made sure of it."""
    return cast("Caller", g.caller)
