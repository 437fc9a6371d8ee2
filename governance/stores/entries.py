"""Draws the entry of one table of a proposal: identities, columns by category, what becomes of them. Pure."""

from typing import Any

from governance.stores.census import Family
from governance.stores.guessing import Meaning, Sure
from governance.stores.sorting import IDENTIFYING, Role, Sorted, kinds_by_type

PERSONAL = (
    Meaning.EMAIL,
    Meaning.PHONE,
    Meaning.NAME,
    Meaning.ADDRESS,
    Meaning.HANDLE,
    Meaning.TRACE,
    Meaning.SPECIAL,
)
DETAILS = (Meaning.EMAIL, Meaning.PHONE, Meaning.NAME, Meaning.ADDRESS, Meaning.HANDLE)
CATEGORIES = {
    Meaning.TRACE: "technographic",
    Meaning.SPECIAL: "special",
    Meaning.JOB: "firmographic",
    Meaning.SCORE: "inferred",
    Meaning.PROSE: "free_text",
    Meaning.JSON: "free_text",
}


def draw_entry(table: Sorted, erase: str) -> dict[str, Any]:
    """A table's entry, and how sure it is.

    The identity of a table that stays, or that holds texts, is its row's own: a mail's sender may be anybody.
    """
    drawn: dict[str, Any] = {}
    texts = table.role is Role.PLAIN and table.meaning(Meaning.PROSE, Meaning.JSON)
    identity = _identity(table, of_row=erase == "redact" or bool(texts))
    if identity:
        drawn["identity"] = identity
    columns = _columns(table, redacts=erase == "redact", company=table.role is Role.COMPANY)
    if columns:
        drawn["columns"] = columns
    drawn["erase"] = erase
    drawn["sure"] = _surest(table)
    return drawn


def draw_shared(table: Sorted) -> dict[str, Any]:
    """The entry of a record of several people: only the person's own words are taken out of its columns."""
    drawn = draw_entry(table, "redact")
    for column in drawn.get("columns", {}).values():
        column["erase"] = "redact"
    return drawn


def _identity(table: Sorted, *, of_row: bool) -> dict[str, Any]:
    points = kinds_by_type(table.facts)
    if points:
        return {
            value: [{"kind": meaning.value, "when": {kind: name}} for name, meaning in sorted(held.items())]
            for value, (kind, held) in points.items()
        }
    wanted = (Meaning.EMAIL,) if table.role is Role.COMPANY else IDENTIFYING
    return {
        column: {"kind": table.guesses[column].meaning.value, "stands_for": "row"}
        if of_row
        else table.guesses[column].meaning.value
        for column in table.meaning(*wanted)
    }


def _columns(table: Sorted, *, redacts: bool, company: bool) -> dict[str, Any]:
    """Every column that says something of a person; in a deleted row only what the export needs to know."""
    found: dict[str, Any] = {}
    points = kinds_by_type(table.facts)
    for name, guessed in table.guesses.items():
        meaning = guessed.meaning
        if redacts and meaning is Meaning.SCORE:
            continue  # says nothing of anybody once its row does not
        if name in points:
            found[name] = {"category": "contact_details"}
        elif meaning in DETAILS or meaning in CATEGORIES:
            category = CATEGORIES.get(meaning, "contact_details")
            found[name] = {"category": "firmographic" if company and meaning in DETAILS else category}
        if redacts and name in found:
            found[name]["erase"] = _becomes(table, name, company=company)
    return found


def _becomes(table: Sorted, name: str, *, company: bool) -> Any:
    """What a column of a redacted row holds afterwards."""
    column, meaning = table.facts.columns[name], table.guesses[name].meaning
    if meaning in {Meaning.PROSE, Meaning.JSON} or company:
        return "redact"
    if column.nullable:
        return None
    return {"set": ""} if column.family is Family.TEXT else "redact"


def _surest(table: Sorted) -> str:
    """As sure as the least sure of the columns by which people are found."""
    order = [Sure.LOW, Sure.MEDIUM, Sure.HIGH]
    found = [table.guesses[name].sure for name in table.meaning(*IDENTIFYING)]
    if not table.facts.rows or any(link.supposed for link in table.facts.links):
        found.append(Sure.LOW)
    return min(found, key=order.index, default=Sure.MEDIUM).value
