"""The service's own data on a person, as rows of a package: what it holds, was told, and decided."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from consent import ledger
from consent.decisions import decisions_about
from consent.events import EventKind
from governance import custody
from governance.stores.mapping import Category
from governance.stores.protocol import ExportedRow
from governance.vault.sealing import DataKey

CONTACT, PROOF, INFERRED = (
    Category.CONTACT_DETAILS.value,
    Category.CONSENT_PROOF.value,
    Category.INFERRED.value,
)


def rows_of(session: Session, key: DataKey, told: str, *, portable: bool) -> Iterator[ExportedRow]:
    """The rows of one lead, whose opening the entry `told` announced.

    What the service decided by itself is left out of a portable copy.
    """
    exported = custody.export_lead(session, key, told)
    lead = {"lead_id": exported["lead_id"], "created_at": exported["created_at"]}
    yield _row("lead", {**lead, **exported["attributes"]}, "firmographic")
    for identifier in exported["identifiers"]:
        yield _row("identifiers", identifier, CONTACT)
    if exported["profile"]:
        yield _row("profile", exported["profile"], CONTACT)
    for event in exported["history"]:
        yield _row("history", event, PROOF)
    if not portable:
        yield from _decisions(session, key.owner)


def sources_of(session: Session, lead_id: str) -> list[dict[str, Any]]:
    """Where the data came from, the oldest source first."""
    told = ledger.history(session, lead_id, EventKind.SOURCE)
    return [
        {**each.event.details, "obtained_at": each.event.occurred_at.isoformat()} for each in reversed(told)
    ]


def _decisions(session: Session, lead_id: str) -> Iterator[ExportedRow]:
    """Every answer to "may this person be contacted", with what it rested on."""
    for each in decisions_about(session, lead_id):
        columns = {
            "decision_id": each.id,
            "decided_at": each.answer and each.answer["decided_at"],
            "effect": each.effect,
            "answer": each.answer,
            "facts": each.facts,
            "rulebook": each.rulebook,
        }
        yield _row("decisions", columns, INFERRED)


def _row(table: str, columns: Mapping[str, Any], category: str) -> ExportedRow:
    """One row; what is not a plain value is written as JSON text, so that a table can show it."""
    plain = {
        name: value if isinstance(value, str | int | float | None) else json.dumps(value, ensure_ascii=False)
        for name, value in columns.items()
    }
    return ExportedRow(table, plain, dict.fromkeys(plain, category))
