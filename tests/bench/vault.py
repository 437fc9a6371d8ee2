"""The vault against bare AES-GCM of `cryptography`, in the same run; and how fast keys move."""

import os
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from governance.custody import purge
from governance.fields import seal_field
from governance.holdings import FIELDS
from governance.vault import rotation
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import open_keyring
from governance.vault.keys import destroy, load, mint
from governance.vault.sealing import Cell, DataKey, open_sealed, seal
from governance.vault.tables import KeyBase, KeyKind, Role
from tests.governance.lead_desk import Desk, open_desk
from tests.governance.vault.walks import rotate

TIMES = 50_000
RUNS = 5
KEYS = 50_000
PLAINTEXT = b"ada.lovelace@analytical.example."
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def per_second(deed: Callable[[], object]) -> float:
    """How often a deed is done in a second of CPU: the median of some runs."""
    rates = []
    for _ in range(RUNS):
        begun = time.process_time()
        for _ in range(TIMES):
            deed()
        rates.append(TIMES / (time.process_time() - begun))
    return median(rates)


def fields() -> None:
    """Sealing and opening a 32-byte field, beside the cipher alone with associated data of the same size."""
    key = DataKey(str(uuid.uuid4()), 1, os.urandom(32))
    cell = Cell("lead_fields", "value", str(uuid.uuid4()), key.owner, 1)
    bare, nonce, about = AESGCM(key.key), os.urandom(12), bytes(150)
    sealed, encrypted = seal(key, cell, PLAINTEXT), bare.encrypt(nonce, PLAINTEXT, about)
    bare_seal = per_second(lambda: bare.encrypt(os.urandom(12), PLAINTEXT, about))
    bare_open = per_second(lambda: bare.decrypt(nonce, encrypted, about))
    ours_seal = per_second(lambda: seal(key, cell, PLAINTEXT))
    ours_open = per_second(lambda: open_sealed(key, cell, sealed))
    _say("seal", ours_seal, bare_seal)
    _say("open", ours_open, bare_open)


def keys() -> None:
    """Minting, loading, destroying and re-wrapping data keys on SQLite, with full flushes."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/keys.db")
        KeyBase.metadata.create_all(engine)
        with Session(engine) as session:
            session.execute(text("PRAGMA journal_mode=WAL"))
            _keys(session, Path(folder))
        engine.dispose()


def _keys(session: Session, folder: Path) -> None:
    keyring = open_keyring(session, KeyDirectory(folder / "home.keys"), NOW)
    owners = [str(uuid.uuid4()) for _ in range(KEYS)]
    minting = _seconds(lambda: mint(session, keyring, owners, kind=KeyKind.LEAD, now=NOW))
    session.commit()
    loading = _seconds(lambda: load(session, keyring, owners))
    moving = _seconds(lambda: rotate(session, keyring, Role.EPOCH, NOW, size=rotation.CHUNK))
    one = _seconds(lambda: _erase(session, owners[0]))
    print(f"mint     {KEYS / minting:>10,.0f}/s")  # noqa: T201
    print(f"load     {KEYS / loading:>10,.0f}/s")  # noqa: T201
    print(f"re-wrap  {KEYS / moving:>10,.0f}/s   a million in {1e6 * moving / KEYS:.0f} s")  # noqa: T201
    print(f"destroy  {one * 1000:>10.1f} ms, one key and its commit, however many fields it sealed")  # noqa: T201


def erasing() -> None:
    """Leads with more and more sealed rows: the vault's part of an erasure, and that of the main database."""
    for rows in (10, 100, 1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder, open_desk(Path(folder)) as desk:
            leads = [
                desk.a_known_lead(("email", f"ada-{number}@analytical.example")) for number in range(RUNS)
            ]
            for lead in leads:
                with desk.session() as session:
                    FIELDS.many(session.connection(), _sealed_rows(desk.key_of(lead), rows))
            with Session(desk.key_store) as keys:
                vault = median([_seconds(partial(_erase, keys, lead)) for lead in leads])
            main = median([_seconds(partial(_purge, desk, lead)) for lead in leads])
        print(f"erase a lead of {rows:>6,} rows   vault {vault * 1000:6.1f} ms   rows {main * 1000:6.1f} ms")  # noqa: T201


def _sealed_rows(key: DataKey, rows: int) -> list[tuple[str, str, bytes, int]]:
    return [(key.owner, f"field-{row}", seal_field(key, f"field-{row}", 1, b'"x"'), 1) for row in range(rows)]


def _purge(desk: Desk, lead_id: str) -> None:
    with desk.session() as session:
        purge(session, lead_id)


def _erase(session: Session, owner: str) -> None:
    destroy(session, owner, now=NOW)
    session.commit()


def _seconds(deed: Callable[[], object]) -> float:
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def _say(name: str, ours: float, bare: float) -> None:
    print(f"{name}     {ours:>10,.0f}/s   bare AES-GCM {bare:>10,.0f}/s   ratio {ours / bare:.2f}")  # noqa: T201


def main() -> None:
    """All three."""
    fields()
    keys()
    erasing()
