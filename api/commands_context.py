"""What a command works with: settings, an opened service, and one clear line on failure."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from api import logs
from api.context import Service
from api.errors import ApiError, SettingsError
from api.settings import Settings, read_settings
from api.startup import open_migrated
from audit.errors import AuditError
from consent.errors import ConsentError
from governance.errors import FactInvalidError, GovernanceError, IdentityInvalidError


class Refusal(click.ClickException):
    """One line on standard error, and exit code 1."""

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """As every other program does it."""
        click.echo(f"leadwarden: {self.message}", err=True)


class BadSettings(Refusal):
    """The environment, not the deed, is at fault."""

    exit_code = 2


@contextmanager
def refusing() -> Iterator[None]:
    """Turn an error of ours into one line: exit 2 for settings, 1 for the rest."""
    try:
        yield
    except SettingsError as error:
        raise BadSettings(str(error)) from error
    except (FactInvalidError, IdentityInvalidError) as error:
        raise Refusal(
            "; ".join(f"{place}: {' '.join(messages)}" for place, messages in error.errors.items())
        ) from error
    except (ApiError, AuditError, ConsentError, GovernanceError) as error:
        raise Refusal(str(error)) from error


def settings() -> Settings:
    """The settings of this process's environment.

    Raises:
        BadSettings: exit 2, with one clear line.
    """
    with refusing():
        return read_settings(os.environ)


@contextmanager
def opened() -> Iterator[Service]:
    """The service of this home, made and migrated where it is new; closed at the end.

    Raises:
        Refusal: the settings, the home or the work inside were refused.
    """
    chosen = settings()
    logs.configure(at_terminal=True)
    with refusing():
        service = open_migrated(chosen)
        try:
            yield service
        finally:
            service.close()
