"""Turns what a database driver raises into the closed codes of a store: a driver's message quotes data."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pymysql.err
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from governance.stores.errors import StoreCode, StoreError

# Source: PostgreSQL, appendix A. The first two characters name the class.
POSTGRES = {
    "57014": StoreCode.TIMED_OUT,
    "25P03": StoreCode.TIMED_OUT,
    "55P03": StoreCode.LOCKED,
    "40P01": StoreCode.LOCKED,
    "40001": StoreCode.LOCKED,
    "42P01": StoreCode.TABLE_MISSING,
    "42703": StoreCode.COLUMN_MISSING,
    "42501": StoreCode.PERMISSION_DENIED,
    "25006": StoreCode.PERMISSION_DENIED,
    "28": StoreCode.PERMISSION_DENIED,
    "23": StoreCode.CONSTRAINT,
    "27": StoreCode.CONSTRAINT,
    "42": StoreCode.MAPPING_INVALID,
    "22": StoreCode.MAPPING_INVALID,
}
# Source: SQLite, result codes.
SQLITE = {
    "SQLITE_BUSY": StoreCode.LOCKED,
    "SQLITE_LOCKED": StoreCode.LOCKED,
    "SQLITE_INTERRUPT": StoreCode.TIMED_OUT,
    "SQLITE_READONLY": StoreCode.PERMISSION_DENIED,
    "SQLITE_AUTH": StoreCode.PERMISSION_DENIED,
    "SQLITE_PERM": StoreCode.PERMISSION_DENIED,
    "SQLITE_CONSTRAINT": StoreCode.CONSTRAINT,
    "SQLITE_MISMATCH": StoreCode.MAPPING_INVALID,
}
# Source: MariaDB, error codes; 3024 and 3572 are MySQL's. Codes that are not here are of connecting.
MARIADB = {
    StoreCode.TIMED_OUT: {1317, 1969, 3024},
    StoreCode.LOCKED: {1020, 1205, 1213, 3572},
    StoreCode.TABLE_MISSING: {1051, 1109, 1146},
    StoreCode.COLUMN_MISSING: {1054},
    StoreCode.PERMISSION_DENIED: {1044, 1045, 1142, 1143, 1227, 1290, 1370, 1698, 1792, 1836},
    StoreCode.CONSTRAINT: {1048, 1062, 1169, 1217, 1364, 1451, 1452, 1557, 1644, 1761, 3819, 4025},
    StoreCode.MAPPING_INVALID: {1049, 1064, 1264, 1265, 1267, 1292, 1366, 1406, 1411, 1690},
}


@contextmanager
def translated() -> Iterator[None]:
    """Raises `StoreError` for whatever the driver raises; nothing of the original is shown with it."""
    code: StoreCode | None = None
    try:
        yield
    except DBAPIError as error:
        code = code_of(error.orig)
    except PoolTimeoutError:
        code = StoreCode.TIMED_OUT
    except SQLAlchemyError:
        code = StoreCode.MAPPING_INVALID
    if code is not None:
        raise StoreError(code) from None


def code_of(error: BaseException | None) -> StoreCode:
    """The closed code of a driver's exception."""
    if isinstance(error, sqlite3.Error):
        return _sqlite_code(error)
    if isinstance(error, pymysql.err.MySQLError):
        number = error.args[0] if error.args else None
        return next((code for code, numbers in MARIADB.items() if number in numbers), StoreCode.UNREACHABLE)
    state = getattr(error, "sqlstate", None)
    if not isinstance(state, str):
        return StoreCode.UNREACHABLE
    return POSTGRES.get(state) or POSTGRES.get(state[:2]) or StoreCode.UNREACHABLE


def _sqlite_code(error: sqlite3.Error) -> StoreCode:
    name = getattr(error, "sqlite_errorname", "") or ""
    for prefix, code in SQLITE.items():
        if name.startswith(prefix):
            return code
    # SQLite gives missing tables and columns the same general code; its wording has not changed since 2004.
    message = str(error)
    if message.startswith("no such table"):
        return StoreCode.TABLE_MISSING
    if message.startswith(("no such column", "table ")):
        return StoreCode.COLUMN_MISSING
    return StoreCode.UNREACHABLE
