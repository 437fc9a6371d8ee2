"""Fixtures for the trail: signers from fixed keys, and logs in real databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from audit import export
from audit.actions import Action
from audit.entry import Entry
from audit.log import Appended, append_many
from audit.note import Signer
from audit.sequencer import sequence
from audit.tables import Base

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ORIGIN = "example.com/leadwarden"


def signer_of(number: int = 0, origin: str = ORIGIN) -> Signer:
    """A signer whose key is always the same for a number."""
    return Signer(origin, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


def entries(count: int, start: int = 0) -> list[Entry]:
    """Entries a minute apart; every third about the same lead."""
    return [
        Entry(
            Action.LEAD_LOOKED_UP,
            f"key-{number % 2}",
            NOW + timedelta(minutes=number),
            lead_id="lead-1" if number % 3 == 0 else f"lead-{number + 2}",
            object_id=f"object-{number}",
            facts={"fields": ["email"], "purpose": "research", "number": number},
        )
        for number in range(start, start + count)
    ]


def fill(session: Session, count: int, signer: Signer, start: int = 0) -> list[Appended]:
    """Append and sequence entries."""
    made = append_many(session, entries(count, start))
    sequence(session, signer, NOW)
    return made


def transcript(session: Session, period: export.Period = export.WHOLE) -> bytes:
    """The exported file."""
    plan = export.plan(session, period)
    pages = (export.page(session, start, end) for start, end in plan.pages())
    return bytes(plan.header) + b"".join(pages)


@pytest.fixture
def signer() -> Signer:
    """The log's signer."""
    return signer_of()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite file with the tables of the trail."""
    made = create_engine(f"sqlite:///{tmp_path / 'log.db'}")
    Base.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on it."""
    with Session(engine) as opened:
        yield opened
