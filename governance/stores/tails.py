"""The last digits of a number as an expression of SQL, for looking up many numbers in one pass of a table.

The same as `comparison.number_tail`, in each database's own words. SQLite has no regular expressions; there
the function is lent to every connection of a store.
"""

import sqlite3
from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from governance.stores.comparison import COARSE_DIGITS, number_tail

LENT = "leadwarden_number_tail"
EXTENSION = r"\s*(;ext=|ext\.?|x|#)\s*\d{1,6}\s*$"
"""As in `comparison`, in a form that PostgreSQL and MariaDB read alike."""


class TailOfNumber(GenericFunction[str]):
    """The last digits of a text that holds a telephone number."""

    type = String()
    name = LENT
    inherit_cache = True


@compiles(TailOfNumber, "postgresql")
def _in_postgres(element: TailOfNumber, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    bare = f"regexp_replace({column}, '{EXTENSION}', '', 'i')"
    return rf"right(regexp_replace({bare}, '\D', '', 'g'), {COARSE_DIGITS})"


@compiles(TailOfNumber, "mysql", "mariadb")
def _in_mariadb(element: TailOfNumber, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    extension = EXTENSION.replace("\\", "\\\\")
    bare = f"regexp_replace({column}, '{extension}', '')"
    return rf"right(regexp_replace({bare}, '\\D', ''), {COARSE_DIGITS})"


def lend(connection: sqlite3.Connection) -> None:
    """Gives a connection to a SQLite store the function."""
    connection.create_function(LENT, 1, _tail, deterministic=True)


def _tail(text: object) -> str | None:
    return None if text is None else number_tail(str(text))
