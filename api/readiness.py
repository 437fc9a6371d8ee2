"""Can this process do its work: write the database, read the keys, prove the log."""

from collections.abc import Callable

from sqlalchemy import text

from api.context import Service
from api.logs import log
from audit.stored_tree import head_note
from governance.vault.signing import receipt_jwks
from governance.vault.tables import Role


def checks(service: Service) -> dict[str, str]:
    """`ok` or `failed` for each part."""
    parts: dict[str, Callable[[Service], object]] = {
        "database": _database,
        "keys": _keys,
        "log": _log,
    }
    return {name: _tried(name, part, service) for name, part in parts.items()}


def _tried(name: str, part: Callable[[Service], object], service: Service) -> str:
    try:
        part(service)
    except Exception as error:  # noqa: BLE001 - whatever it is, the part does not work
        log().warning("not_ready", part=name, exc_info=error)
        return "failed"
    return "ok"


def _database(service: Service) -> object:
    return service.main.write(lambda session: session.execute(text("SELECT 1")).scalar())


def _keys(service: Service) -> object:
    with service.keys.read() as session:
        return receipt_jwks(session), service.keyring.current(Role.EPOCH)


def _log(service: Service) -> object:
    with service.main.read() as session:
        return head_note(session)
