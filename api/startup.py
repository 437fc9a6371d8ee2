"""From settings to an opened service: directories, databases, keyring, signers."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from api.context import Service, utc_now
from api.database import create_missing, open_database
from api.engines import is_sqlite, sqlite_path
from api.errors import SettingsError
from api.settings import Settings
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import open_keyring
from governance.vault.root import RootKeys
from governance.vault.signing import log_signer, receipt_signer

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
    main, keys = open_database(settings.database_url), open_database(settings.keys_url)
    root, now = root_keys(settings), clock()
    keyring = keys.write(lambda session: open_keyring(session, root, now))
    return Service(
        settings=settings,
        main=main,
        keys=keys,
        keyring=keyring,
        log_signer=keys.write(lambda session: log_signer(session, keyring, settings.log_origin, now)),
        receipt_signer=keys.write(lambda session: receipt_signer(session, keyring, now)),
        clock=clock,
    )


def root_keys(settings: Settings) -> RootKeys:
    """The provider of the outermost keys.

    Raises:
        SettingsError: `LEADWARDEN_KMS` names none that is known here.
    """
    if settings.kms is not None:
        raise SettingsError("LEADWARDEN_KMS names no provider that is known here")
    return KeyDirectory(settings.key_dir)


def _make_directory(path: Path) -> None:
    path.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
