"""What stands against a mapping of files is said before it is trusted."""

from typing import Any

import pytest

from governance.stores.opening import Probed, probe
from governance.stores.reading import parse
from tests.governance.stores.files.conftest import TABLES, VARIABLE, Shelf, document, exports
from tests.governance.stores.files.test_bucket import version

ONE = {"identity": {"email": "email"}, "erase": "delete"}


def probed(shelf: Shelf, tables: dict[str, Any], **changes: Any) -> Probed:
    """What is said of a document over a shelf."""
    return probe(parse(document(tables, **changes)), {VARIABLE: shelf.url})


def test_exports_that_fit_have_no_problems(shelf: Shelf) -> None:
    """In each sort of place."""
    exports(shelf).close()
    assert probed(shelf, TABLES) == Probed(reachable=True)


@pytest.mark.parametrize(
    ("files", "tables", "said"),
    [
        ({"a.csv": b"email\n"}, {"b.csv": ONE}, "tables.b.csv: there is no such table"),
        ({"a.csv": b"mail\n"}, {"a.csv": ONE}, "tables.a.csv.email: there is no such column"),
        ({"a.csv": b"email,email\n"}, {"a.csv": ONE}, "tables.a.csv: has no heading, or one that names"),
        ({"a.parquet": b"email\n"}, {"a.parquet": ONE}, "tables.a.parquet: is not a Parquet file"),
        ({"a.dat": b"email\n"}, {"a.dat": ONE}, "tables.a.dat: is neither CSV nor Parquet by its name"),
        (
            {"a.csv": b"email\n"},
            {"a.csv": ONE, "*.csv": ONE},
            "tables.*.csv: a.csv is a.csv's, too",
        ),
        (
            {"a-1.csv": b"email,x\n", "a-2.csv": b"email,y\n"},
            {"a-*.csv": ONE},
            "tables.a-*.csv: its files do not have the same columns",
        ),
    ],
)
def test_each_fault_is_named(
    folder: Shelf, files: dict[str, bytes], tables: dict[str, Any], said: str
) -> None:
    """By a sentence that begins with its place."""
    for name, content in files.items():
        folder.put(name, content)
    found = probed(folder, tables)
    assert found.reachable
    assert any(problem.startswith(said) for problem in found.problems), found.problems


def test_what_the_name_does_not_tell_the_document_may(folder: Shelf) -> None:
    """A format for a name that tells none."""
    folder.put("a.dat", b"email:x\n")
    assert probed(folder, {"a.dat": ONE | {"format": {"kind": "csv", "delimiter": ":"}}}).problems == ()


def test_a_place_that_does_not_answer_is_not_reachable(folder: Shelf) -> None:
    """Nor is an address that is none."""
    gone = probe(parse(document({"a.csv": ONE})), {VARIABLE: folder.url + "-gone"})
    assert gone == Probed(reachable=False, problems=("url: unreachable",))
    odd = probe(parse(document({"a.csv": ONE})), {VARIABLE: "ftp://x"})
    assert odd == Probed(reachable=False, problems=("url: mapping_invalid",))


def test_a_bucket_that_keeps_old_versions_must_be_decided(bucket: Shelf) -> None:
    """What is replaced there stays, and the person in it."""
    version(bucket)
    bucket.put("a.csv", b"email\n")
    assert any("old versions" in problem for problem in probed(bucket, {"a.csv": ONE}).problems)
    assert probed(bucket, {"a.csv": ONE}, old_versions="delete").problems == ()
    assert probed(bucket, {"a.csv": ONE}, old_versions={"keep": "the law"}).problems == ()
