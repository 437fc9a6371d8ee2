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


def test_data_keys_lie_in_the_order_in_which_a_rotation_goes_through_them(keys: Session) -> None:
    """With rows where they happen to be, each chunk of a rotation would touch every page of the file."""
    made = keys.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'data_keys'"))

    assert made is not None
    assert made.rstrip().endswith("WITHOUT ROWID")
