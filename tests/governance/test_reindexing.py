"""`governance.reindexing`: rows under a second key are added once, rows under a dead one go."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.holdings import add_identifiers, hashed
from governance.identity import email
from governance.own_openings import announce_reindexing
from governance.reindexing import drop_outdated, write_lacking
from governance.tables import IdentifierRow
from governance.vault.index import begin_reindex, finish_reindex, lookup_hashes
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import open_keyring
from governance.vault.keys import mint
from governance.vault.tables import IndexPurpose, KeyKind


def test_an_identifier_moves_from_one_key_to_the_next(
    main_session: Session, keys_session: Session, tmp_path: Path, now: datetime
) -> None:
    """One row before, two while it lasts, one afterwards; every step may be repeated."""
    keyring = open_keyring(keys_session, KeyDirectory(tmp_path / "home.keys"), now)
    keys = list(mint(keys_session, keyring, ["lead-a"], kind=KeyKind.LEAD, now=now).values())
    address = email("ada@analytical.example")
    add_identifiers(main_session, keys[0], hashed(keyring, [address]))
    begin_reindex(keys_session, keyring, IndexPurpose.LOOKUP, now=now)
    keyring.refresh(keys_session)

    def told(step: str) -> str:
        entry_id = announce_reindexing(main_session, 1, step=step, now=now, actor="tester")
        main_session.commit()
        return entry_id

    assert [write_lacking(main_session, keyring, keys, told("written")) for _ in range(2)] == [1, 0]
    assert set(main_session.scalars(select(IdentifierRow.hash))) == set(
        lookup_hashes(keyring, "email", address.key)
    )
    finish_reindex(keys_session, IndexPurpose.LOOKUP)
    keyring.refresh(keys_session)
    for _ in range(2):
        drop_outdated(main_session, keyring, keys, told("dropped"))
        found = tuple(main_session.scalars(select(IdentifierRow.hash)))
        assert found == lookup_hashes(keyring, "email", address.key)
