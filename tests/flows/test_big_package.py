"""A package of very many rows: built, sent and locked by a service whose memory does not grow with it."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests import three_stores
from tests.flows.living import NDJSON, Living, living, ndjson
from tests.flows.people import request_of
from tests.flows.test_kills import LONG
from tests.flows.test_package_in_a_browser import wait
from tests.governance.vault import winzip
from tests.three_stores import Somebody

SOMEBODY = Somebody(3)
MOST_GROWTH = 160 * 1024
"""Kilobytes that the worker may grow by, whatever the number of rows; all of them at once would take more."""


def most_memory(service: Living) -> int:
    """The largest resident memory of the worker so far, in kilobytes."""
    assert service.process is not None
    parent = service.process.pid
    worker = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0]
    [line] = [each for each in Path(f"/proc/{worker}/status").read_text().splitlines() if "VmHWM" in each]
    return int(line.split()[1])


def grown(folder: Path, rows: int) -> dict[str, str]:
    """The three stores, and a mailer that has written to one person very often."""
    variables = three_stores.build(folder, 5)
    with closing(sqlite3.connect(folder / "mailer.db")) as connection, connection:
        letters = ((SOMEBODY.number, f"Letter {n} of many to {SOMEBODY.name[0]}") for n in range(rows))
        connection.executemany("INSERT INTO sends VALUES (NULL, ?, ?)", letters)
    return variables


@pytest.mark.parametrize("rows", [3_000, pytest.param(100_000, marks=LONG)])
def test_a_package_of_very_many_rows_is_streamed(tmp_path: Path, rows: int) -> None:
    """Every row is in each of its forms; the worker's memory stays within its bound."""
    with living(tmp_path / "home", **grown(tmp_path, rows)) as service:
        for document in three_stores.documents():
            assert service.call("PUT", f"/v1/stores/{document['store']}", document).status == 201
        lines = b"".join(ndjson([three_stores.lead_line(SOMEBODY)]))
        assert service.call("POST", "/v1/leads/import", lines, kind=NDJSON).status == 200
        before = most_memory(service)
        made = service.ask("POST", "/v1/privacy-requests", request_of(SOMEBODY.email, type="access"))
        path = f"/v1/privacy-requests/{made['id']}"
        service.ask("POST", f"{path}/verify", {"method": "document_seen", "result": "verified"})
        service.ask("POST", f"{path}/approve", {})
        wait(service, path)
        link = service.ask("POST", f"{path}/package/link", {})
        page = "/privacy" + link["url"].split("/privacy", 1)[1]
        reply = service.call("POST", page, b"", key=None, kind="application/x-www-form-urlencoded")
        growth = most_memory(service) - before
    files = winzip.read(reply.raw, link["passphrase"])
    letters = [row for row in json.loads(files["data.json"])["stores"]["mailer"] if row["table"] == "sends"]
    cells = list(csv.DictReader(io.StringIO(files["mailer.csv"].decode())))

    assert reply.status == 200
    assert len(letters) == rows + 3
    assert sum(cell["field"] == "subject" for cell in cells) == rows + 3
    assert files["index.html"].count(b"<caption>sends</caption>") == rows + 3
    assert growth < MOST_GROWTH, f"grew by {growth} KiB"
    print(f"{rows} rows: the worker grew by {growth} KiB, the zip has {len(reply.raw)} bytes")  # noqa: T201
