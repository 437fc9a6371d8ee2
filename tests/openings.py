"""Holds the whole suite to one rule: what is decrypted of a lead was announced by a committed entry before.

`watched` stands around every test. It looks on at the one place where fields of leads are decrypted
(`governance.custody`), and looks for each announcing entry by a connection of its own, which sees only what
is committed.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from governance import custody
from governance.vault.sealing import DataKey

_COUNT = (
    "SELECT (SELECT count(*) FROM audit_pending WHERE entry_id = {mark})"
    " + (SELECT count(*) FROM audit_entries WHERE entry_id = {mark})"
)


@dataclass
class Watch:
    """What a test opened, and what had been said of it."""

    announced: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    uncommitted: list[str] = field(default_factory=list)
    decrypted: set[str] = field(default_factory=set)

    def faults(self) -> list[str]:
        """What breaks the rule."""
        said = {lead for _, leads in self.announced for lead in leads}
        entries = [entry for entry, _ in self.announced]
        return [
            *(f"decrypted without an entry: {lead}" for lead in sorted(self.decrypted - said)),
            *(f"announced by an entry that is not committed: {entry}" for entry in self.uncommitted),
            *(f"opened twice under one entry: {one}" for one in set(entries) if entries.count(one) > 1),
        ]


def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Look on while a test runs; then hold it to the rule."""
    watch = Watch()
    _watch_announcements(monkeypatch, watch)
    for name in ("open_identifier", "open_field", "open_evidence"):
        _watch_decryption(monkeypatch, watch, name)
    yield watch
    assert watch.faults() == []


def _watch_announcements(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    require_told = custody.require_told

    def watching(session: Session, lead_ids: Collection[str], told: str) -> None:
        require_told(session, lead_ids, told)
        watch.announced.append((told, frozenset(lead_ids)))
        if not is_committed(session, told):
            watch.uncommitted.append(told)

    monkeypatch.setattr(custody, "require_told", watching)


def _watch_decryption(monkeypatch: pytest.MonkeyPatch, watch: Watch, name: str) -> None:
    opens: Callable[..., Any] = getattr(custody, name)

    def watching(key: DataKey, *args: Any, **kwargs: Any) -> Any:
        watch.decrypted.add(key.owner)
        return opens(key, *args, **kwargs)

    monkeypatch.setattr(custody, name, watching)


def is_committed(session: Session, entry_id: str) -> bool:
    """Whether another connection sees the entry."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        path = connection.exec_driver_sql("PRAGMA database_list").all()[0][2]
        other = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return bool(other.execute(_COUNT.format(mark="?"), (entry_id, entry_id)).fetchone()[0])
        finally:
            other.close()
    engine = create_engine(connection.engine.url)
    with engine.connect() as reader:
        found = reader.scalar(text(_COUNT.format(mark=":entry_id")), {"entry_id": entry_id})
    engine.dispose()
    return bool(found)
