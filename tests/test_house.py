"""The house rules that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("audit", "consent", "governance", "api")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc"}


def sources(*packages: str) -> Iterator[Path]:
    """Every Python file of the packages but the migrations."""
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def test_every_init_file_is_a_map_and_nothing_else() -> None:
    """A package's __init__ holds its docstring only, so nothing hides in an import."""
    busy = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.name == "__init__.py" and len(ast.parse(path.read_text()).body) != 1
    ]

    assert busy == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    """`utils` and its kin are drawers, not reasons; a route module may carry a resource's name."""
    vague = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.stem in FORBIDDEN_NAMES and path.parent.name not in {"routes", "schemas"}
    ]

    assert vague == []


def test_only_api_commits() -> None:
    """The caller owns the transaction: a change and its log entry commit together or not at all."""
    committing = [
        str(path.relative_to(ROOT))
        for path in sources("audit", "consent", "governance")
        if re.search(r"\.(commit|rollback)\(\)", path.read_text())
    ]

    assert committing == []


def test_only_api_reads_the_clock_and_the_environment() -> None:
    """`now` is an argument everywhere else, so every rule can be tried at any moment."""
    pattern = re.compile(r"datetime\.now\(|time\.time\(|date\.today\(|os\.environ|os\.getenv")
    reading = [
        str(path.relative_to(ROOT))
        for path in sources("audit", "consent", "governance")
        if pattern.search(path.read_text())
    ]

    assert reading == []


def test_no_foreign_key_cascades() -> None:
    """A do-not-contact row must never go away because something else did."""
    cascading = [str(path.relative_to(ROOT)) for path in sources() if "ondelete" in path.read_text()]

    assert cascading == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_carry_hashes_and_no_address(lock: str) -> None:
    """An install takes exactly what was tried, from whatever index the machine uses."""
    text = (ROOT / lock).read_text()
    pins = re.findall(r"^[a-z0-9][\w.\[\]-]*==", text, re.MULTILINE)
    unhashed = re.findall(r"^[a-z0-9][^\n]*==[^\n\\]*$", text, re.MULTILINE)

    assert pins
    assert unhashed == []
    assert "://" not in text
