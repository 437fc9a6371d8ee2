"""Two real databases and a keyring, and leads to put into them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from audit.ids import random_id
from audit.tables import Base as AuditBase
from consent.tables import Base as ConsentBase
from governance import custody, intake, own_openings
from governance.identity import Identifier
from governance.leads import new_lead
from governance.own_openings import Purpose
from governance.placement import Placed
from governance.tables import Base
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import Keyring, open_keyring
from governance.vault.keys import load, mint
from governance.vault.sealing import DataKey
from governance.vault.tables import KeyBase, KeyKind

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ACTOR = "tester"


def a_lead(*identifiers: tuple[str, ...], **changes: Any) -> dict[str, Any]:
    """A lead as the door hands it on: `("email", value)`, `("external", id, system)`."""
    given = identifiers or (("email", "jane.doe@example.com"),)
    names = ("type", "value", "system")
    return {
        "identifiers": [dict(zip(names, one, strict=False)) for one in given],
        "source": {"key": "fair-2026", "kind": "event", "obtained_at": NOW},
        **changes,
    }


@dataclass(frozen=True, slots=True)
class Desk:
    """What `api` does around the effects of `governance`: sessions, commits, keys."""

    main: Engine
    key_store: Engine
    keyring: Keyring
    clock: Iterator[datetime] = field(
        default_factory=lambda: (NOW + timedelta(seconds=passed) for passed in count())
    )

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A committed transaction of the main database."""
        with Session(self.main) as session, session.begin():
            yield session

    @contextmanager
    def keys(self) -> Iterator[Session]:
        """A committed transaction of the key store."""
        with Session(self.key_store) as session, session.begin():
            yield session

    def key_of(self, lead_id: str) -> DataKey:
        """The data key of a lead."""
        with self.keys() as session:
            return load(session, self.keyring, [lead_id])[lead_id]

    def take_in(self, *documents: Mapping[str, Any]) -> list[Placed]:
        """Take leads in, as one chunk."""
        leads = [new_lead(document) for document in documents]
        fresh = [random_id() for _ in leads]
        with self.session() as session:
            placed = intake.survey(session, self.keyring, leads, fresh)
        with self.keys() as session:
            keys = self._keys(session, placed)
        with self.session() as session:
            return intake.take_in(
                session, self.keyring, keys, leads, fresh, now=next(self.clock), actor=ACTOR
            )

    def a_known_lead(self, *identifiers: tuple[str, ...], **changes: Any) -> str:
        """The id of a lead that was taken in."""
        [placed] = self.take_in(a_lead(*identifiers, **changes))
        assert placed.lead_id is not None
        return placed.lead_id

    def told(self, lead_id: str) -> str:
        """The entry that announces one opening of a lead, committed."""
        with self.session() as session:
            entries = own_openings.announce(
                session, [lead_id], "request-1", purpose=Purpose.SEARCH, now=next(self.clock)
            )
        return entries[lead_id]

    def export(self, lead_id: str) -> dict[str, Any]:
        """Everything held of a lead, announced and opened."""
        told, key = self.told(lead_id), self.key_of(lead_id)
        with self.session() as session:
            return custody.export_lead(session, key, told)

    def identifiers(self, lead_id: str) -> tuple[Identifier, ...]:
        """The identifiers of a lead, announced and opened."""
        told, key = self.told(lead_id), self.key_of(lead_id)
        with self.session() as session:
            [(_, identifiers)] = custody.identifiers_of(session, [key], told)
        return identifiers

    def _keys(self, session: Session, placed: Sequence[Placed]) -> dict[str, DataKey]:
        owners = [one.lead_id for one in placed if one.lead_id is not None]
        return mint(session, self.keyring, owners, kind=KeyKind.LEAD, now=NOW)


@contextmanager
def open_desk(path: Path) -> Iterator[Desk]:
    """A new desk whose files lie in `path`."""
    main, key_store = (create_engine(f"sqlite:///{path / name}") for name in ("main.db", "keys.db"))
    for base in (AuditBase, ConsentBase, Base):
        base.metadata.create_all(main)
    KeyBase.metadata.create_all(key_store)
    with Session(key_store) as session, session.begin():
        keyring = open_keyring(session, KeyDirectory(path / "directory"), NOW)
    yield Desk(main, key_store, keyring)
    main.dispose()
    key_store.dispose()
