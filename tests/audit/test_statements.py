"""`audit.statements`: rows in and out by the driver, on both databases, with SQLAlchemy's errors."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest
from sqlalchemy import Connection, Engine, create_engine, func, select
from sqlalchemy.exc import IntegrityError

from audit.statements import ROWS_A_COPY, ROWS_A_STATEMENT, HeldInsert, HeldSelect, Values, sent_together
from audit.tables import LinkRow

INSERT = HeldInsert(LinkRow, "entry_id", "salt", "lead_id", "object_id")
SELECT = HeldSelect(LinkRow, "entry_id", "salt", "lead_id", "object_id", by="entry_id", order="entry_id")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of either database, with the table of links."""
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    made = create_engine(url)
    LinkRow.__table__.create(made)  # type: ignore[attr-defined]  # a table, which the declaration hides
    yield made
    made.dispose()


def rows(count: int) -> list[Values]:
    """Rows with what is hard to spell: bytes, nothing, tabs, line ends and backslashes."""
    return [(f"{one:06}", bytes([0, 9, 10, 92, one % 256]), None, "a\t\\N\n'%s") for one in range(count)]


@pytest.mark.parametrize("count", [0, 1, ROWS_A_COPY - 1, ROWS_A_COPY, ROWS_A_STATEMENT + 1])
def test_rows_come_back_as_they_went_in(database: Engine, count: int) -> None:
    """However many, by whatever statement."""
    given = rows(count)
    with database.begin() as connection:
        INSERT.many(connection, given)
    with database.begin() as connection:
        assert [tuple(row) for row in SELECT.rows(connection, [row[0] for row in given])] == given


@pytest.mark.parametrize("count", [1, ROWS_A_COPY])
@pytest.mark.parametrize("way", [nullcontext, sent_together])
def test_a_row_that_is_there_already_is_an_integrity_error(
    database: Engine, count: int, way: Callable[[Connection], AbstractContextManager[None]]
) -> None:
    """As from SQLAlchemy itself, without the values; nothing of the transaction stays."""

    def again() -> None:
        with database.begin() as connection, way(connection):
            INSERT.many(connection, rows(count))

    with database.begin() as connection:
        INSERT.one(connection, rows(1)[0])
    with pytest.raises(IntegrityError) as raised:
        again()

    assert "\\N" not in str(raised.value)
    with database.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(LinkRow)) == 1


@pytest.mark.parametrize("supported", [True, False])
def test_what_is_sent_together_is_there_afterwards(
    database: Engine, monkeypatch: pytest.MonkeyPatch, *, supported: bool
) -> None:
    """Several statements, even of many rows; by an old libpq one after the other."""
    if not supported:
        monkeypatch.setattr("psycopg.Pipeline.is_supported", lambda: False)
    given = rows(2 * ROWS_A_COPY)
    with database.begin() as connection:
        with sent_together(connection):
            INSERT.one(connection, given[0])
            INSERT.many(connection, given[1:])
        assert connection.scalar(select(func.count()).select_from(LinkRow)) == len(given)
