"""Links that exist only by convention: `contact_id` is `contacts.id`, though no foreign key says so. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from governance.stores.census import SAMPLE, ColumnFacts, Family, Link, TableFacts, bare_name

KEYS = {Family.NUMBER, Family.UUID, Family.TEXT}
ID_COLUMN = re.compile(r"(?:^fk_)?(.+?)_?(?:id|uuid|fk|key)$", re.IGNORECASE)


def with_conventions(census: Mapping[str, TableFacts]) -> dict[str, TableFacts]:
    """The same tables, with the links that names tell and values do not contradict."""
    return {
        name: replace(facts, links=(*facts.links, *_supposed(facts, census)))
        for name, facts in census.items()
    }


def _supposed(facts: TableFacts, census: Mapping[str, TableFacts]) -> Iterator[Link]:
    linked = {link.column for link in facts.links}
    for name, column in facts.columns.items():
        stem = ID_COLUMN.match(_snake(name))
        if name in linked or column.family not in KEYS or stem is None:
            continue
        for target in _called(stem.group(1), facts.name, census):
            key = _only_key(target)
            if key is not None and key.family is column.family and _fits(facts, name, target, key.name):
                yield Link(name, target.name, key.name, column.nullable, supposed=True)


def _called(stem: str, own: str, census: Mapping[str, TableFacts]) -> list[TableFacts]:
    """The one table that is called so, singular or plural; else the one whose name ends so."""
    names = {name: _singular(_snake(bare_name(name))) for name in census if name != own}
    wanted = _singular(stem)
    exact = [name for name, called in names.items() if called == wanted]
    ending = [name for name, called in names.items() if called.endswith(f"_{wanted}")]
    found = exact or ending
    return [census[found[0]]] if len(found) == 1 else []


def _only_key(facts: TableFacts) -> ColumnFacts | None:
    keys = [column for column in facts.columns.values() if column.is_key]
    return keys[0] if len(keys) == 1 else None


def _fits(facts: TableFacts, column: str, target: TableFacts, key: str) -> bool:
    """Whether the rows that were looked at speak against it: all of the other table, and values not in it."""
    values, keys = set(facts.values(column)), set(target.values(key))
    return len(target.rows) >= SAMPLE or values <= keys


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name.removesuffix("s")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).casefold()
