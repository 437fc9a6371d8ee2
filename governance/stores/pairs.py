"""Finds pairs of columns that point anywhere: `entity_type` and `entity_id`, with no foreign key. Pure."""

import re
from collections.abc import Iterator

from governance.stores.census import TableFacts


def pair_columns(facts: TableFacts) -> Iterator[str]:
    """The id columns of pairs such as `entity_type` and `entity_id`, or `content_type_id` and `object_id`."""
    linked = {link.column for link in facts.links}
    types = [name for name in facts.columns if re.search(r"type(_id)?$", name)]
    for name in facts.columns:
        stem = re.sub(r"_?id$", "", name)
        paired = f"{stem}_type" in facts.columns or (stem == "object" and "content_type_id" in facts.columns)
        named_alone = stem == "entity" and "entity" in facts.columns
        if name.endswith("id") and name not in linked and ((types and paired) or named_alone):
            yield name


def type_named(facts: TableFacts, column: str, table: str) -> dict[str, str] | None:
    """The condition under which a pair points at `table`: a type called like it, singular or plural."""
    stem = re.sub(r"_?id$", "", column)
    kind = next((name for name in (f"{stem}_type", stem) if name in facts.columns), None)
    if kind is None:
        return None
    singular = table.casefold().removesuffix("s")
    for value in sorted(set(facts.values(kind))):
        if value.casefold().removesuffix("s") == singular:
            return {kind: value}
    return None


def model_row(types: TableFacts, table: str) -> int | str | None:
    """The key of the row that stands for `table` in a table of types: `contact` for `crm_contact`."""
    key = next((name for name, column in types.columns.items() if column.is_key), None)
    if key is None or "model" not in types.columns:
        return None
    for row in types.rows:
        model, label = str(row.get("model")).casefold(), str(row.get("app_label", "")).casefold()
        if table.casefold() in {model, f"{model}s", f"{label}_{model}"}:
            found: int | str = row[key]
            return found
    return None
