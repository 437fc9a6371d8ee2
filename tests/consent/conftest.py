"""A real database with the tables of `consent` and of what it stands on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from audit.tables import Base as AuditBase
from consent.tables import Base as ConsentBase


@pytest.fixture
def now() -> datetime:
    """The moment of every test that does not move it."""
    return datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A session on a SQLite file of its own."""
    engine = create_engine(f"sqlite:///{tmp_path / 'main.db'}")
    AuditBase.metadata.create_all(engine)
    ConsentBase.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()
