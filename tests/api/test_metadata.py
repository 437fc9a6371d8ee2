"""Every table is in one of the two databases, and is told of here."""

import ast
import importlib
from pathlib import Path

from sqlalchemy import MetaData

from api import metadata
from api.metadata import KEYS, MAIN

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "audit", "consent", "governance")


def modules_with_tables() -> set[str]:
    """Names of modules in which some class names its table."""
    found = set()
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        if "__tablename__" in names:
            found.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


def names_of(sides: tuple[MetaData, ...]) -> list[str]:
    """The names of all tables of a database."""
    return [table for side in sides for table in side.tables]


def test_every_module_that_names_a_table_is_imported_and_of_a_known_base() -> None:
    """One that is not would be missing from a fresh database."""
    found, source = modules_with_tables(), Path(metadata.__file__).read_text()
    imported = {
        name.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import)
        for name in node.names
    }

    assert len(found) >= 7
    assert found - imported == set()
    assert {base for name in found for base in bases_of(name)} == {*MAIN, *KEYS}


def bases_of(name: str) -> set[MetaData]:
    """The metadata that the rows of a module belong to."""
    rows = [each for each in vars(importlib.import_module(name)).values() if hasattr(each, "__table__")]
    return {row.metadata for row in rows}


def test_no_name_is_used_twice() -> None:
    """Both databases may be one PostgreSQL server's."""
    names = names_of(MAIN) + names_of(KEYS)

    assert sorted(set(names)) == sorted(names)


def test_keys_and_what_they_seal_are_apart() -> None:
    """A copy of one database opens nothing."""
    assert "data_keys" in names_of(KEYS)
    assert not {name for name in names_of(MAIN) if "data_key" in name or "epoch" in name}
