"""What a service keeps, counted and read beside it, in its SQLite files."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.flows.living import Living

TRAIL = "audit_"
"""Tables of the trail, which grows when somebody is refused."""


def main(service: Living) -> Path:
    """The main database."""
    return service.home / "leadwarden.db"


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a query gives on a SQLite file, while its service lives."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(statement).fetchall()


def counts(service: Living) -> dict[str, int]:
    """The number of rows of every table of the main database but those of the trail."""
    path = main(service)
    tables = [row[0] for row in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: rows(path, f'SELECT count(*) FROM "{name}"')[0][0]  # noqa: S608 - names of the schema
        for name in tables
        if not name.startswith(TRAIL)
    }
