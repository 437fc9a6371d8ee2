"""What erasing would do to the rows of one table, for the plan that an officer approves. Pure."""

from governance.stores.mapping import TableMapping
from governance.stores.protocol import Planned, PlannedAction


def planned(mapping: TableMapping, rows: int) -> Planned:
    """One line of the plan."""
    if mapping.deletes:
        return Planned(mapping.name, PlannedAction.DELETE, rows)
    until = None if mapping.retention is None else mapping.retention.in_words
    if mapping.keeps:
        return Planned(mapping.name, PlannedAction.KEEP, rows, mapping.because, retention=until)
    kept = {
        c.name: c.because or "" for c in mapping.columns.values() if c.name not in mapping.erased_columns()
    }
    columns = tuple(sorted(kept.items()))
    return Planned(mapping.name, PlannedAction.REDACT, rows, None, columns, until if columns else None)
