"""From settings to an opened service: directories, databases, keyring, signers."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from api.active_rules import ActiveRulebook
from api.context import Service, utc_now
from api.database import Database, create_missing, open_database
from api.engines import is_sqlite, sqlite_path
from api.errors import SettingsError
from api.kms import open_provider
from api.migrate import KEYS, MAIN, check_current, upgrade
from api.settings import Settings
from audit.keys import announce
from consent.publishing import ensure_starting
from governance.accounts import made_by, make_key
from governance.scopes import OURSELVES, ROLE_SCOPES, Grant, Role
from governance.vault.aws import AwsPlace
from governance.vault.key_directory import KeyDirectory, holds_keys
from governance.vault.keyring import open_keyring
from governance.vault.moving import Moving
from governance.vault.root import RootKeys
from governance.vault.signing import log_signer, receipt_signer
from governance.vault.transit import TransitPlace

OWNER_ONLY = 0o700


def prepare(settings: Settings) -> None:
    """Make the directories, for the owner alone, and the empty database files.

    Raises:
        SettingsError: one of them can not be made.
    """
    urls = [url for url in (settings.database_url, settings.keys_url) if is_sqlite(url)]
    try:
        for directory in (settings.home, settings.checkpoints, *(sqlite_path(url).parent for url in urls)):
            _make_directory(directory)
        for url in urls:
            create_missing(url)
    except OSError as error:
        raise SettingsError(f"{error.filename} can not be made: {error.strerror}") from error


def open_service(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Service:
    """Open everything; the databases are migrated already.

    Raises:
        DatabaseUnavailableError: a database is missing, not migrated or not reachable.
        VaultError: the keys do not fit the key store.
    """
    root = root_keys(settings)
    main, keys = open_database(settings.database_url), open_database(settings.keys_url)
    try:
        return _opened(settings, main, keys, root, clock)
    except Exception:
        main.close()
        keys.close()
        raise


def _opened(
    settings: Settings, main: Database, keys: Database, root: RootKeys, clock: Callable[[], datetime]
) -> Service:
    now = clock()
    keyring = keys.write(lambda session: open_keyring(session, root, now))
    return Service(
        settings=settings,
        main=main,
        keys=keys,
        keyring=keyring,
        log_signer=keys.write(lambda session: log_signer(session, keyring, settings.log_origin, now)),
        receipt_signer=keys.write(lambda session: receipt_signer(session, keyring, now)),
        clock=clock,
        rulebook=ActiveRulebook(main, clock),
    )


def open_migrated(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Service:
    """Make and migrate what is missing, then open: for a start, and for short commands on an empty home.

    Raises:
        SettingsError, DatabaseUnavailableError, VaultError: see `prepare`, `migrate` and `open_service`.
    """
    prepare(settings)
    migrate(settings)
    service = open_service(settings, clock)
    settle(service)
    return service


def settle(service: Service) -> None:
    """Write down what every service begins with: the log's public key, and a rulebook in force."""
    now = service.clock()

    def begin(session: Session) -> None:
        announce(session, service.log_signer, now=now)
        ensure_starting(session, now)

    service.main.write(begin)


def migrate(settings: Settings) -> None:
    """Bring both databases to the newest schema.

    Raises:
        DatabaseUnavailableError: one of them can not be used.
    """
    upgrade(settings.database_url, MAIN)
    upgrade(settings.keys_url, KEYS)


def check_migrated(settings: Settings) -> None:
    """For a process that leaves upgrading to others.

    Raises:
        DatabaseUnavailableError: a database has another schema than this program.
    """
    check_current(settings.database_url, MAIN)
    check_current(settings.keys_url, KEYS)


def first_keys(service: Service) -> list[tuple[Role, str]]:
    """An administrator's and a compliance officer's key, at the first start only.

    Nobody holds a scope before there is a key, so these two are granted by the service itself.
    """
    now = service.clock()

    def make(session: Session) -> list[tuple[Role, str]]:
        if made_by(session, OURSELVES.id):
            return []
        roles = (Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER)
        made = [
            make_key(session, f"first {role}", Grant(ROLE_SCOPES[role]), maker=OURSELVES, now=now)
            for role in roles
        ]
        return [(role, key.token) for role, key in zip(roles, made, strict=True)]

    return service.main.write(make)


def root_keys(settings: Settings) -> RootKeys:
    """The provider of the outermost keys; what still lies at the one before is found there.

    Raises:
        VaultError: the key directory is not safe, or a provider can not be opened.
    """
    to = _provider(settings, settings.kms)
    if settings.kms_before is not None:
        return Moving(to=to, off=_provider(settings, settings.kms_before))
    if settings.kms is not None and holds_keys(settings.key_dir):
        return Moving(to=to, off=_provider(settings, None))
    return to


def _provider(settings: Settings, place: TransitPlace | AwsPlace | None) -> RootKeys:
    return KeyDirectory(settings.key_dir) if place is None else open_provider(place, os.environ)


def _make_directory(path: Path) -> None:
    path.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
