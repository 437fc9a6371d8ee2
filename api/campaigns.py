"""A campaign list, split by what may be done: who may be contacted, who may not and why, who is unknown.

A list is CSV with a header. The first that is filled of `lead_id`, `email`, `external_id` (with
`external_system`) and `phone` says who a row is about; every other column is carried along.
"""

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeAlias

from api.checks import Tally, references, results
from api.client import Client, Keep
from api.context import Service
from api.errors import CampaignError
from consent.batch import MOST_A_CHUNK
from consent.judging import Sitting
from consent.question import Question

IDENTITIES = ("lead_id", "email", "external_id", "phone")
ADDED = ("decision_id", "reasons", "obligations", "valid_until", "retry_not_before")
UNKNOWN = "LEAD_UNKNOWN"
LISTS = ("allowed", "denied", "unknown")
OWNER_ONLY = 0o600

Reference: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, str]
Ask: TypeAlias = Callable[[Sequence[Reference]], Iterable[Mapping[str, Any]]]
"""A chunk of references to their answers, in order, as the contract writes them."""


@dataclass(slots=True)
class Split:
    """Where the lists were written, and how many rows went where and why."""

    paths: dict[str, Path] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


def split(source: IO[str], target: Path, ask: Ask) -> Iterator[Split]:
    """Write `<target>.allowed.csv`, `.denied.csv` and `.unknown.csv`; yields how far it is after each chunk.

    The lists hold what the source holds, so only their owner may read them.

    Raises:
        CampaignError: the source is not CSV in UTF-8, or has no column that says who a row is about.
    """
    try:
        yield from _split(csv.DictReader(source, restval=""), target, ask)
    except (csv.Error, UnicodeDecodeError):
        raise CampaignError("the file is not CSV in UTF-8") from None


def _split(rows: "csv.DictReader[str]", target: Path, ask: Ask) -> Iterator[Split]:
    columns = _columns(rows)
    found = Split({name: target.with_name(f"{target.name}.{name}.csv") for name in LISTS})
    with ExitStack() as stack:
        lists = {name: _list(stack, path, columns) for name, path in found.paths.items()}
        while chunk := list(islice(rows, MOST_A_CHUNK)):
            answers = ask([reference_of(row) for row in chunk])
            for row, answer in zip(chunk, answers, strict=True):
                name = list_of(answer)
                found.counts[name] += 1
                found.reasons.update([_reasons(answer)[0]] if name == "denied" else [])
                lists[name].writerow({**_given(row, columns), **_told(answer)})
            yield found


def list_of(answer: Mapping[str, Any]) -> str:
    """In which list an answer puts its row; one that could not be read is unknown, which is no yes."""
    if answer.get("effect") == "allow":
        return "allowed"
    return "unknown" if "code" in answer or _reasons(answer)[0] == UNKNOWN else "denied"


def reference_of(row: Mapping[str, str]) -> Reference:
    """Whom a row is about; nobody, where no such column is filled."""
    filled = {name: value.strip() for name, value in row.items() if isinstance(value, str) and value.strip()}
    for name in IDENTITIES:
        if name in filled and name != "external_id":
            return {name: filled[name]}
        if name in filled and "external_system" in filled:
            return {"external": {"system": filled["external_system"], "id": filled[name]}}
    return {}


def ask_here(
    service: Service, sitting: Callable[[], Sitting], question: Question, keep: Keep | None = None
) -> Ask:
    """Asks in this process; `keep` gets the receipts, as in `ask_there`."""

    def ask(chunk: Sequence[Reference]) -> list[Mapping[str, Any]]:
        tally = Tally()
        answers = [json.loads(line) for line in results(service, sitting, references(chunk, question), tally)]
        if keep is not None:
            for each in tally.receipts:
                keep(each["receipt"])
        return answers

    return ask


def ask_there(client: Client, question: Question, keep: Keep | None = None) -> Ask:
    """Asks a running service; `keep` as in `Client.check_many`."""
    return lambda chunk: [
        answer.document or {"effect": "deny", "code": answer.reasons[0]}
        for answer in client.check_many(({"lead": lead, **question.document()} for lead in chunk), keep)
    ]


def _columns(rows: "csv.DictReader[str]") -> list[str]:
    columns = [name for name in rows.fieldnames or () if name]
    if not set(columns) & set(IDENTITIES):
        raise CampaignError(f"the file needs a header with one of: {', '.join(IDENTITIES)}")
    return columns


def _list(stack: ExitStack, path: Path, columns: Sequence[str]) -> "csv.DictWriter[str]":
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    os.fchmod(descriptor, OWNER_ONLY)  # a list of an earlier run keeps the rights it has
    file = stack.enter_context(os.fdopen(descriptor, "w", encoding="utf-8", newline=""))
    writer = csv.DictWriter(file, [*columns, *(name for name in ADDED if name not in columns)])
    writer.writeheader()
    return writer


def _given(row: Mapping[str, Any], columns: Iterable[str]) -> Row:
    return {name: row.get(name) or "" for name in columns}


def _told(answer: Mapping[str, Any]) -> Row:
    return {
        "decision_id": answer.get("decision_id", ""),
        "reasons": " ".join(_reasons(answer)),
        "obligations": " ".join(answer.get("obligations", ())),
        "valid_until": answer.get("valid_until", ""),
        "retry_not_before": answer.get("retry_not_before", ""),
    }


def _reasons(answer: Mapping[str, Any]) -> list[str]:
    return list(answer.get("reasons") or [answer.get("code", "")])
