"""Reads back after an erasure: the rows found then, and whoever is found now. Of tables as of files."""

from collections.abc import Mapping, Sequence

from governance.stores.comparison import identifies, same
from governance.stores.erasing import by_table, changes
from governance.stores.errors import StoreCode, StoreError
from governance.stores.gathering import Gathering
from governance.stores.latecomers import hanging
from governance.stores.lockstep import Reading
from governance.stores.matching import Question
from governance.stores.protocol import Found, Identity, Left, RowRef
from governance.stores.records import Record
from governance.stores.schema import LiveSchema
from governance.stores.topology import Topology


def read_back(topology: Topology, found: Found, identities: Sequence[Identity]) -> Reading[Left]:
    """What is left of one person, a table; looked for by what belongs to the person alone."""
    asked = [
        one for one in (*identities, *found.learnt) if not any(same(one, other) for other in found.shared)
    ]
    doubted = [candidate.row for candidate in found.candidates]
    certain = [one for one in asked if identifies(one)] or asked
    question = Question(tuple(certain), found.terms.names, others=frozenset(doubted))
    search = Gathering(topology, question, found.rows)
    now = yield from search.run()
    rows = sorted({*found.rows, *now.rows})
    read = {
        name: [search.records[row] for row in refs if row in search.records]
        for name, refs in by_table(rows).items()
        if name in search.reread
    }
    return (yield from _left_over(topology, found, rows, read))


def _left_over(
    topology: Topology, found: Found, rows: Sequence[RowRef], read: Mapping[str, Sequence[Record]]
) -> Reading[Left]:
    """Rows, counted a table, that exist though they should be gone, or still say what they should not.

    Looked for by their own keys, and by the keys of the rows that they hang on: a trigger may have written
    down what it saw deleted. `read` is what was read just now of some tables, with all that is erased there.
    """
    left: list[RowRef] = []
    grouped = by_table(rows)
    for name, shape in topology.shapes.items():
        if shape.mapping.keeps:
            continue
        present = read.get(name)
        if present is None:
            present = yield from hanging(topology, found, name, grouped.get(name, ()), {})
        left += [one.ref for one in present if shape.mapping.deletes or changes(one, shape, found.terms)]
    return Left(Found(rows=tuple(left)).counts(), left)


def refuse_foreign(topology: Topology, found: Found) -> None:
    """Rows of a table that is no longer mapped can not be accounted for.

    Raises:
        StoreError: `mapping_invalid`, naming the table.
    """
    for name in by_table(found.rows):
        if name not in topology.shapes:
            raise StoreError(StoreCode.MAPPING_INVALID, name)


def refuse_gaps(schema: LiveSchema) -> None:
    """A store whose tables are not all there is not worked in.

    Raises:
        StoreError: naming the first table or column that is missing.
    """
    if schema.missing:
        raise StoreError(StoreCode.TABLE_MISSING, schema.missing[0])
    for name, column in schema.missing_columns():
        raise StoreError(StoreCode.COLUMN_MISSING, f"{name}.{column}")
