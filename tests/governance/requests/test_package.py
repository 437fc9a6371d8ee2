"""The package: complete, escaped, harmless, and never wholly in memory."""

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from governance.requests import package
from governance.requests.article15 import Told, article_15

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ABOUT = article_15(Told("Example Ltd", ()))


def line(table: str, **columns: Any) -> bytes:
    """One row as the spool keeps it."""
    return json.dumps({"table": table, "columns": columns, "categories": {}}).encode() + b"\n"


def opened(stores: dict[str, list[bytes]], about: dict[str, Any] = ABOUT) -> dict[str, str]:
    """The files of a package."""
    rows = {store: (lambda pieces=pieces: iter(pieces)) for store, pieces in stores.items()}
    content = b"".join(package.stream(rows, about, now=NOW))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_every_store_has_its_table_and_all_are_in_the_json() -> None:
    """Nothing is in one form and not in the other."""
    files = opened({"crm": [line("people", id=1, name="Bo"), line("notes", body="x")], "shop": []})

    assert set(files) == {"index.html", "data.json", "crm.csv", "shop.csv", "article-15.json"}
    assert json.loads(files["data.json"]) == {
        "stores": {
            "crm": [
                {"table": "people", "columns": {"id": 1, "name": "Bo"}, "categories": {}},
                {"table": "notes", "columns": {"body": "x"}, "categories": {}},
            ],
            "shop": [],
        }
    }
    assert list(csv.reader(io.StringIO(files["crm.csv"]))) == [
        ["table", "row", "field", "value"],
        ["people", "1", "id", "1"],
        ["people", "1", "name", "Bo"],
        ["notes", "2", "body", "x"],
    ]


def test_what_looks_like_a_formula_is_not_run_by_a_spreadsheet() -> None:
    """A lead who is called =HYPERLINK(...) stays a name; a phone number stays one too."""
    rows = [line("people", name='=HYPERLINK("x")', note="-1+1", phone="+49 30 123456", empty=None)]
    values = [row["value"] for row in csv.DictReader(io.StringIO(opened({"crm": rows})["crm.csv"]))]

    assert values == ['\'=HYPERLINK("x")', "'-1+1", "+49 30 123456", ""]


def test_the_page_shows_values_and_runs_none() -> None:
    """A script in a note is text; the controller's name too."""
    about = {**ABOUT, "controller": "<i>Example</i>"}
    page = opened({"crm": [line("notes", body="<script>alert(1)</script>")]}, about)["index.html"]

    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<i>Example" not in page


class Outline(HTMLParser):
    """What a screen reader goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the tag, its id, and where it leads."""
        self.tags.append(tag)
        about = dict(attrs)
        self.targets.add(about.get("id") or "")
        self.links.add(about.get("href") or "")


def test_the_page_can_be_read_aloud_and_gone_through_by_headings() -> None:
    """A language, one first heading, captions, row headers, and links within the page that lead somewhere."""
    page = opened({"crm": [line("people", name="Bo")]})["index.html"]
    outline = Outline()
    outline.feed(page)

    assert '<html lang="en">' in page
    assert outline.tags.count("h1") == 1
    assert {"main", "nav", "caption", "th"} <= set(outline.tags)
    assert {link[1:] for link in outline.links if link.startswith("#")} <= outline.targets


def test_a_large_package_is_never_wholly_in_memory() -> None:
    """Twenty thousand rows pass through a few megabytes."""

    def rows() -> Iterator[bytes]:
        for start in range(0, 20_000, 500):
            yield b"".join(
                line("notes", id=number, body=f"note {number} " * 20) for number in range(start, start + 500)
            )

    tracemalloc.start()
    size = sum(len(piece) for piece in package.stream({"crm": rows}, ABOUT, now=NOW))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 100_000
    assert peak < 6 * 1024 * 1024
