"""Fifty people on a list, erased from a CRM that this project did not make and from two other stores.

The CRM is restored into a real PostgreSQL, scanned, and mapped by a reviewer's few edited lines; the list
goes through the command line of a real service. Afterwards every row of every table is searched for each.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests import three_stores
from tests.flows.living import Living, living
from tests.flows.test_bottlecrm import Person, bottlecrm, edited, mentions, take_in_everybody
from tests.governance.stores.conftest import rows_of
from tests.governance.stores.test_bottlecrm import DUMP, VARIABLE, everything

__all__ = ["bottlecrm"]

PATIENCE_SECONDS = 300.0
PAUSE_SECONDS = 0.2
EACH = 25
OTHERS = ("mailer", "desk")
PEOPLE = """
SELECT DISTINCT ON (lower(email)) lower(email), id::text, first_name, last_name, '' FROM {table}
WHERE email <> '' ORDER BY 1 LIMIT {limit}
"""

pytestmark = pytest.mark.skipif(not DUMP.exists(), reason="../shared/data/bottlecrm.pg.sql.gz is not here")


def people_of(url: str, limit: int) -> list[Person]:
    """The first of the CRM's contacts and leads, each person once."""
    found = [
        Person(*map(str, row))
        for table in ("contacts", "lead")
        for row in rows_of(url, PEOPLE.format(table=table, limit=limit))
    ]
    return list({person.email: person for person in found}.values())


def fill(folder: Path, people: Sequence[Person]) -> dict[str, str]:
    """A mailer and a desk that know the same people; their variables."""
    variables = {}
    for part in OTHERS:
        path = folder / f"{part}.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(three_stores.SCHEMAS[part])
            for number, person in enumerate(people):
                name = f"{person.first_name} {person.last_name}"
                if part == "mailer":
                    connection.execute(
                        "INSERT INTO subscribers VALUES (?, ?, ?)", (number, person.email, name)
                    )
                    connection.execute(
                        "INSERT INTO sends VALUES (NULL, ?, ?)", (number, f"To {person.email}")
                    )
                else:
                    connection.execute(
                        "INSERT INTO requesters VALUES (?, ?, ?)", (number, person.email, name)
                    )
                    said = f"{name} <{person.email}> asks"
                    connection.execute("INSERT INTO tickets VALUES (NULL, ?, ?, ?)", (number, name, said))
        variables[f"LEADWARDEN_STORE_{part.upper()}"] = f"sqlite:///{path}"
    return variables


def add(connection: sqlite3.Connection, table: str, *values: object) -> None:
    """A row of one of the two others."""
    places = ", ".join("?" for _ in values)
    connection.execute(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608 - our own tables


@pytest.fixture(scope="module")
def service(bottlecrm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """A service with the three stores, and the CRM's people taken in."""
    folder = tmp_path_factory.mktemp("list")
    others = fill(folder, people_of(bottlecrm, 4 * EACH))
    with living(folder / "home", **{VARIABLE: bottlecrm}, **others) as started:
        scanned = started.run("stores", "scan", "--key", "bottlecrm", "--url", f"env:{VARIABLE}")
        reviewed = folder / "bottlecrm.yaml"
        reviewed.write_text(edited(scanned.stdout))
        assert started.run("stores", "add", str(reviewed)).returncode == 0
        for document in three_stores.documents():
            if document["store"] in OTHERS:
                assert started.call("PUT", f"/v1/stores/{document['store']}", document).status == 201
        take_in_everybody(started, bottlecrm)
        yield started


def listed(service: Living, people: Sequence[Person]) -> None:
    """The list through the command line, every second line a digest; then until each request is done."""
    path = service.home.with_name("list.csv")
    lines = ["email,email_sha256"]
    for number, person in enumerate(people):
        digest = hashlib.sha256(person.email.encode()).hexdigest()
        lines.append(f",{digest}" if number % 2 else f"{person.email},")
    path.write_text("\n".join(lines) + "\n")
    done = service.run("requests", "import", str(path), "--verified", "agent_permission", "--approve")
    assert done.stdout == f"{len(people)} created, 0 open, 0 suppressed, 0 refused\n", done
    until = time.monotonic() + PATIENCE_SECONDS
    while standing(service, "in_progress") or answered(service):
        assert time.monotonic() < until
        time.sleep(PAUSE_SECONDS)


def standing(service: Living, status: str) -> list[dict[str, object]]:
    """The requests of a status."""
    found = service.ask("GET", f"/v1/privacy-requests?status={status}&limit=500")["items"]
    assert isinstance(found, list)
    return found


def answered(service: Living) -> bool:
    """Says of everybody who shares a number with one of the list that they are somebody else."""
    stuck = service.ask("GET", "/v1/privacy-requests?status=needs_attention&limit=500")["items"]
    for request in stuck:
        for step in request["steps"]:
            others = [{"id": each["id"], "same_person": False} for each in step.get("candidates", [])]
            path = f"/v1/privacy-requests/{request['id']}/steps/{step['store']}/decide"
            if others:
                assert service.call("POST", path, {"candidates": others}).status == 200, step
    return bool(stuck)


def test_fifty_people_of_a_list_are_nowhere_afterwards(
    service: Living,
    bottlecrm: str,
) -> None:
    """In no row of the CRM, in no cell of the two others; everybody else is where they were."""
    every = people_of(bottlecrm, 4 * EACH)
    people = [*every[:EACH], *every[-EACH:]]
    before = everything(bottlecrm)
    words = [word.lower() for person in people for word in (person.email, person.id)]
    assert mentions(before, tuple(words))
    listed(service, people)
    after = everything(bottlecrm)
    folder = service.home.parent
    cells = three_stores.cells(folder, *OTHERS)
    left = {person.email for person in people_of(bottlecrm, 4 * EACH + len(people))}

    assert mentions(after, tuple(words)) == {}
    assert [person.email for person in people if person.email in cells] == []
    assert {person.email for person in every} - {person.email for person in people} <= left
    assert all(person.email in cells for person in every[EACH : EACH + 10])
    requests = standing(service, "completed") + standing(service, "completed_with_exemptions")
    assert len(requests) == len(people) == 2 * EACH
    assert "@example.com" not in json.dumps(requests)
