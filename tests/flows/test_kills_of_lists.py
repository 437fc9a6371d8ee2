"""`kill -9` of the real service while a deletion list is taken in and worked off over three stores.

Each time it is started again on the same home and, while there is no answer to it, the same list is sent once
more. In the end the stores are what they are after an undisturbed run, and nothing was done twice.
"""

import hashlib
import http.client
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import three_stores
from tests.flows import trail
from tests.flows.living import NDJSON, Living, living, ndjson
from tests.flows.stored import main, rows
from tests.flows.test_kills import LONG, ONCE, Scale, beside, kill_and_start, statuses, until
from tests.three_stores import Somebody

PATH = "/v1/privacy-requests/import?verified=agent_permission&approve=true&regime=ccpa"
OTHERS = 15


def request_of(somebody: Somebody) -> str:
    """The id that the list gives to the person's request."""
    return f"0b7c7e1c-8d5b-4b1b-9e0e-{somebody.number:012d}"


def line_of(somebody: Somebody) -> dict[str, str]:
    """The person in clear, or by a digest."""
    named = {"id": request_of(somebody)}
    if somebody.number % 2:
        return named | {"email": somebody.email}
    return named | {"email_sha256": hashlib.sha256(somebody.email.encode()).hexdigest()}


def prepared(service: Living, people: int) -> None:
    """Three stores, and everybody as a lead."""
    for document in three_stores.documents():
        assert service.call("PUT", f"/v1/stores/{document['store']}", document).status == 201
    lines = b"".join(ndjson(three_stores.lead_line(Somebody(n)) for n in range(1, people + 1)))
    assert service.call("POST", "/v1/leads/import", lines, kind=NDJSON).status == 200


def send(service: Living, people: Sequence[Somebody]) -> None:
    """The list, until it is answered whole; a line is then taken, or was before."""
    lines = b"".join(ndjson(map(line_of, people)))
    known: Counter[str] = Counter()
    while not known:
        try:
            reply = service.call("POST", PATH, lines, kind=NDJSON)
        except (OSError, http.client.HTTPException):
            continue
        if reply.status != 503:
            known = Counter(each.get("code") or each["status"] for each in reply.lines[:-1])
    assert set(known) <= {"created", "open", "request_exists"}, known
    assert known.total() == len(people)


def undisturbed(folder: Path, people: Sequence[Somebody]) -> str:
    """What the stores hold after a run in which nothing happened."""
    folder.mkdir()
    variables = three_stores.build(folder, len(people) + OTHERS)
    with living(folder / "home", **variables) as service:
        prepared(service, len(people) + OTHERS)
        send(service, people)
        until(lambda: statuses(service)["completed"] == len(people))
    return three_stores.cells(folder)


@pytest.mark.parametrize("scale", [Scale(20, 2), pytest.param(Scale(400, 100), marks=LONG)])
def test_a_list_survives_kills(tmp_path: Path, scale: Scale) -> None:
    """The same end as without them: nobody of the list is left, nobody else is touched, each once."""
    people = [Somebody(number) for number in range(1, scale.amount + 1)]
    expected = undisturbed(tmp_path / "calm", people)
    folder = tmp_path / "wild"
    folder.mkdir()
    variables = three_stores.build(folder, scale.amount + OTHERS)
    chance = random.Random(scale.kills)  # noqa: S311 - moments, not secrets
    with living(folder / "home", **variables) as service:
        prepared(service, scale.amount + OTHERS)
        with beside(lambda: send(service, people)):
            for _ in range(scale.kills):
                kill_and_start(service, chance)
        until(lambda: statuses(service)["completed"] == scale.amount)
        assert_done_once(service, people)
        last = rows(main(service), "SELECT max(entry_id) FROM privacy_request_entry")[0][0]
        exported = trail.export(service, [last])
    cells = three_stores.cells(folder)

    assert cells == expected
    assert [word for one in people for word in one.words if word in cells] == []
    assert all(Somebody(scale.amount + n).email in cells for n in range(1, OTHERS + 1))
    assert_told_once(trail.entries(exported), scale.amount)
    assert trail.verified(exported) == len(trail.entries(exported))


def assert_done_once(service: Living, people: Sequence[Somebody]) -> None:
    """One request and one certificate for each, and steps that read back as empty."""
    found = rows(
        main(service), "SELECT request_id, count(*), max(number) FROM privacy_request_certificate GROUP BY 1"
    )
    steps = rows(main(service), "SELECT DISTINCT status, remaining FROM privacy_request_step")

    assert sorted(found) == [(request_of(one), 1, 1) for one in people]
    assert steps == [("succeeded", 0)]


def assert_told_once(entries: Sequence[dict[str, Any]], people: int) -> None:
    """Each transition of each request stands in the trail once, and each lead was destroyed once."""
    told = Counter(entry["action"] for entry in entries)

    assert {verb: told[f"request.{verb}"] for verb in ONCE} == dict.fromkeys(ONCE, people)
    assert told["lead.shredded"] == people
