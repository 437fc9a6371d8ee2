"""What a request would do if it were approved now, store by store: counts and reasons, nobody's data. Pure.

It is searched as the request itself will be, so it is what will be found, unless somebody writes meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from governance.requests.jobs import Task
from governance.requests.planning import ACTIONS, DONE_ON_APPROVAL, OWN_ONLY
from governance.requests.vocabulary import OWN_STORE, Action, Exemption, RequestType
from governance.stores.protocol import Planned, PlannedAction


@dataclass(frozen=True, slots=True)
class Seen:
    """What one store answered: its plan, or why there is none. `by_itself`: no person has to do the work."""

    task: Task
    plan: tuple[Planned, ...] = ()
    error: str | None = None
    by_itself: bool = True


@dataclass(frozen=True, slots=True)
class Own:
    """What the service itself holds of the leads, and the hold that keeps it."""

    rows: int
    held_by: str | None = None


def document(kind: RequestType, seen: Sequence[Seen], own: Own) -> dict[str, Any]:
    """The whole plan. `complete` says that every store answered and nobody has to decide who is meant."""
    action = ACTIONS[kind]
    stores = [] if action in OWN_ONLY else [_store(action, each) for each in seen]
    return {
        "action": action,
        "complete": all(each["outcome"] in _KNOWN for each in stores),
        "on_approval": on_approval(kind),
        "stores": [*stores, _own(action, own)],
    }


def on_approval(kind: RequestType) -> list[str]:
    """What the approval itself does, before any store is touched."""
    if kind is RequestType.ERASURE:
        return ["restrict", "suppress", "lock"]
    return ["restrict"] if kind is RequestType.RESTRICTION else []


_RUNS, _HELD, _BY_HAND, _UNSURE, _SILENT = "will_run", "held", "waits_for_person", "ambiguous", "unknown"
_KNOWN = frozenset({_RUNS, _HELD, _BY_HAND})


def _store(action: Action, seen: Seen) -> dict[str, Any]:
    """One store. What a hold stops is kept, and named; what nobody could say is not guessed."""
    task = seen.task
    hold = task.held if action is Action.ERASE else None
    line: dict[str, Any] = {
        "store": task.claim.store,
        "outcome": _outcome(seen, hold),
        "found": None if seen.error or not seen.by_itself else len(task.found.rows),
        "candidates": len(task.found.candidates),
    }
    if seen.error is not None:
        line["error"] = seen.error
    if hold is not None:
        line["reason"] = f"{Exemption.LEGAL_HOLD}:{hold}"
    line["tables"] = _tables(action, seen, hold)
    return line


def _outcome(seen: Seen, hold: str | None) -> str:
    if hold is not None:
        return _HELD
    if seen.error is not None:
        return _SILENT
    if not seen.by_itself:
        return _BY_HAND
    return _UNSURE if seen.task.found.candidates else _RUNS


def _tables(action: Action, seen: Seen, hold: str | None) -> list[dict[str, Any]]:
    """Line by line: what happens to how many rows, and why any are kept."""
    counts = seen.task.found.counts()
    if hold is not None:
        why = f"{Exemption.LEGAL_HOLD}:{hold}"
        return [_line(table, PlannedAction.KEEP, rows, why) for table, rows in counts.items()]
    if action is not Action.ERASE:
        return [_line(table, action, rows) for table, rows in counts.items()]
    return [
        _line(each.table, each.action, each.rows, each.because, each.kept_columns)
        | ({} if each.retention is None else {"retention": each.retention})
        for each in seen.plan
    ]


def _line(
    table: str, action: str, rows: int, because: str | None = None, kept: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    line: dict[str, Any] = {"table": table, "action": str(action), "rows": rows}
    if because is not None:
        line["because"] = because
    if kept:
        line["kept_columns"] = [{"column": column, "because": why} for column, why in kept]
    return line


def _own(action: Action, own: Own) -> dict[str, Any]:
    """The service's own data, which always go last."""
    held = own.held_by if action is Action.ERASE else None
    line: dict[str, Any] = {"store": OWN_STORE, "outcome": _RUNS, "found": own.rows, "candidates": 0}
    if action is Action.ERASE:
        why = None if held is None else f"{Exemption.LEGAL_HOLD}:{held}"
        done = PlannedAction.DELETE if held is None else PlannedAction.KEEP
        line["outcome"] = _RUNS if held is None else _HELD
        line["tables"] = [_line(OWN_STORE, done, own.rows, why)] if own.rows else []
    elif action is Action.ANSWER:
        line |= {"outcome": _BY_HAND, "tables": []}
    else:
        line["tables"] = [_line(OWN_STORE, action, own.rows)] if own.rows else []
    if action in DONE_ON_APPROVAL:
        line["outcome"] = "done_on_approval"
    return line
