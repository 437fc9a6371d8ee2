"""`governance.vault.tables`: the key store stands by itself."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from governance.tables import Base
from governance.vault.tables import DataKeyRow, KeyBase, KeyKind


def test_the_key_store_shares_no_table_with_the_main_database() -> None:
    """Two databases, two backups: a table of both would couple them."""
    assert set(KeyBase.metadata.tables).isdisjoint(Base.metadata.tables)


def test_a_closed_set_is_stored_as_its_word(keys: Session, now: datetime) -> None:
    """A person who reads the table sees `lead`; the code sees the enum."""
    row = DataKeyRow(owner="lead-a", kind=KeyKind.LEAD, version=1, epoch=1, wrapped=b"", created_at=now)
    keys.add(row)
    keys.flush()
    keys.expire(row)

    assert row.kind is KeyKind.LEAD
    assert keys.scalar(text("SELECT kind FROM data_keys")) == "lead"
