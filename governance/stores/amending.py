"""Writes corrections and restrictions into a SQL store, in one transaction, and reads them back after it."""

from collections.abc import Sequence

from sqlalchemy import Engine

from governance.stores.correcting import columns_to_correct
from governance.stores.engine import WRITES
from governance.stores.erasing import Change, by_table, write_changes
from governance.stores.faults import translated
from governance.stores.protocol import RowRef
from governance.stores.queries import by_key
from governance.stores.topology import Topology


def amend(
    engine: Engine, topology: Topology, rows: Sequence[RowRef], change: Change
) -> tuple[dict[str, int], dict[str, int]]:
    """Rows changed, and rows that should have been and are not, a table.

    Raises:
        StoreError: nothing was written.
    """
    grouped = by_table(rows)
    if not grouped:
        return {}, {}
    shapes = {name: topology.shapes[name] for name in grouped}
    changed, left = dict.fromkeys(grouped, 0), dict.fromkeys(grouped, 0)
    with (
        translated(),
        engine.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        for name, shape in shapes.items():
            columns = columns_to_correct(shape.mapping)
            held = by_key(connection, shape, columns, grouped[name], to_change=True)
            changed[name] = write_changes(connection, shape, held, change)
    with translated(), engine.connect() as connection:
        for name, shape in shapes.items():
            read = by_key(connection, shape, columns_to_correct(shape.mapping), grouped[name])
            left[name] = sum(1 for record in read if change(record, shape))
    return counted(changed), counted(left)


def counted(counts: dict[str, int]) -> dict[str, int]:
    """Only the tables of which there is something to say."""
    return {name: count for name, count in counts.items() if count}
