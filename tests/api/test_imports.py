"""Importing files over HTTP: order, bad lines, bad bytes, broken connections, memory."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from api.context import Service
from api.imports import CHUNK, CSV, NDJSON, import_leads
from audit.tables import PendingRow
from governance.tables import LeadRow
from governance.vault.tables import DataKeyRow
from tests.api.routes.test_leads import AT, a_lead, erase
from tests.conftest import KeyOf

HEADER = (
    "email,phone,external_system,external_id,country,source_key,source_kind,source_obtained_at,profile.city"
)


def ndjson(*documents: Any) -> bytes:
    """A body of lines; bytes are taken as they are."""
    return b"".join(
        (one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in documents
    )


def person(number: int) -> dict[str, Any]:
    """A lead of its own."""
    return a_lead({"type": "email", "value": f"person{number}@example.com"}, profile={"city": "Ghent"})


def results(answer: Any) -> list[dict[str, Any]]:
    """The lines of an answer."""
    return [json.loads(line) for line in answer.data.splitlines()]


def send(
    client: FlaskClient, body: bytes, headers: dict[str, str], media_type: str = NDJSON
) -> list[dict[str, Any]]:
    """The result lines of an import that is accepted."""
    answer = client.post("/v1/leads/import", data=body, content_type=media_type, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == NDJSON
    return results(answer)


def leads_in(service: Service) -> int:
    """How many leads there are."""
    with service.main.read() as session:
        return session.scalar(select(func.count()).select_from(LeadRow)) or 0


def keys_in(service: Service) -> int:
    """How many data keys there are."""
    with service.keys.read() as session:
        return session.scalar(select(func.count()).select_from(DataKeyRow)) or 0


def test_every_line_has_its_result_in_order(client: FlaskClient, key_of: KeyOf, service: Service) -> None:
    """New, known, conflicting, malformed: each its own, and the summary adds up."""
    found = send(
        client,
        ndjson(
            person(1),
            person(2),
            b"",
            person(1),
            b"{nonsense",
            b'{"identifiers": "\xff"}',
            a_lead({"type": "email", "value": "person1@example.com\n"}),
            a_lead({"type": "email", "value": "person9@example.com"}, salary="much"),
            a_lead(
                {"type": "email", "value": "person1@example.com"},
                {"type": "email", "value": "person2@example.com"},
            ),
            b" " * 70_000,
            b"[" * 50_000,
            b"17",
            person(3),
        ),
        key_of("leads:write"),
    )
    *lines, summary = found

    assert [(one["line"], one["status"], one.get("code")) for one in lines] == [
        (1, "created", None),
        (2, "created", None),
        (4, "merged", None),
        (5, "refused", "malformed_json"),
        (6, "refused", "bad_encoding"),
        (7, "refused", "validation_failed"),
        (8, "refused", "validation_failed"),
        (9, "refused", "identity_conflict"),
        (10, "refused", "line_too_long"),
        (11, "refused", "malformed_json"),
        (12, "refused", "validation_failed"),
        (13, "created", None),
    ]
    assert lines[0]["lead_id"] == lines[2]["lead_id"]
    assert summary == {"summary": {"created": 3, "merged": 1, "refused": 8}}
    assert "person" not in json.dumps(found)
    assert leads_in(service) == keys_in(service) == 3


def test_a_csv_with_a_bad_row_in_the_middle(client: FlaskClient, key_of: KeyOf, service: Service) -> None:
    """Too many columns, a quote never closed, broken UTF-8: the neighbours come in."""
    rows = [
        HEADER.encode(),
        f"a@example.com,,,,DE,k,event,{AT},Köln".encode(),
        f"b@example.com,,,,DE,k,event,{AT},Köln,too,many".encode(),
        f'c@example.com,,,,DE,k,event,{AT},"Köln'.encode(),
        f"d@example.com,,,,DE,k,event,{AT},K\xf6ln".encode("latin-1"),
        f"e@example.com,,,,XX,k,event,{AT},Paris".encode(),
        f',,crm,7,DE,k,event,{AT},"Frankfurt, Oder"'.encode(),
    ]
    *lines, summary = send(client, b"\r\n".join(rows), key_of("leads:write"), CSV)

    assert [(one["line"], one["status"], one.get("code")) for one in lines] == [
        (2, "created", None),
        (3, "refused", "wrong_columns"),
        (4, "refused", "wrong_columns"),
        (5, "refused", "bad_encoding"),
        (6, "refused", "validation_failed"),
        (7, "created", None),
    ]
    assert lines[4]["errors"] == {"country": ["Not an ISO 3166-1 alpha-2 code."]}
    assert summary == {"summary": {"created": 2, "merged": 0, "refused": 4}}
    assert leads_in(service) == 2


@pytest.mark.parametrize("header", [b"", b"email,shoe_size", b"email,email", b"\xff"])
def test_a_header_that_is_none_is_a_clear_problem(
    client: FlaskClient, key_of: KeyOf, service: Service, header: bytes
) -> None:
    """422 before anything is taken in."""
    answer = client.post(
        "/v1/leads/import", data=header + b"\na,b\n", content_type=CSV, headers=key_of("leads:write")
    )

    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]) == ["header"]
    assert leads_in(service) == 0


@pytest.mark.parametrize(
    ("scopes", "code"),
    [(("leads:write", "requests:read"), "suppressed_after_erasure"), (("leads:write",), "refused")],
)
def test_the_erased_stay_away_and_spoil_nobody(
    client: FlaskClient, key_of: KeyOf, service: Service, scopes: tuple[str, ...], code: str
) -> None:
    """In the middle of a chunk; the code says no more than the key may know."""
    erase(service, "person2@example.com")
    found = send(client, ndjson(person(1), person(2), person(3)), key_of(*scopes))

    assert [one.get("code") for one in found] == [None, code, None, None]
    assert found[1] == {"line": 2, "status": "refused", "code": code}
    assert keys_in(service) == 2


def test_an_import_of_nothing_is_an_empty_summary(client: FlaskClient, key_of: KeyOf) -> None:
    """And another media type is 415."""
    headers = key_of("leads:write")
    wrong = client.post("/v1/leads/import", data=b"x", content_type="text/plain", headers=headers)

    assert send(client, b"", headers) == [{"summary": {"created": 0, "merged": 0, "refused": 0}}]
    assert wrong.status_code == 415


def test_the_same_file_again_merges(client: FlaskClient, key_of: KeyOf, service: Service) -> None:
    """More than a chunk, twice: nobody twice, and no key left over."""
    body, headers = ndjson(*map(person, range(CHUNK + 50))), key_of("leads:write")
    first, again = send(client, body, headers), send(client, body, headers)

    assert first[-1] == {"summary": {"created": CHUNK + 50, "merged": 0, "refused": 0}}
    assert again[-1] == {"summary": {"created": 0, "merged": CHUNK + 50, "refused": 0}}
    assert [one.get("lead_id") for one in first] == [one.get("lead_id") for one in again]
    assert leads_in(service) == keys_in(service) == CHUNK + 50


class Breaking(io.RawIOBase):
    """A body whose sender goes away."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        """It is, for a while."""
        return True

    def readinto(self, buffer: Any) -> int:
        """What was sent; then the connection breaks."""
        part = self._content.read(len(buffer))
        if not part:
            raise ConnectionResetError
        buffer[: len(part)] = part
        return len(part)


def test_a_broken_connection_keeps_the_chunks_that_were_committed(
    client: FlaskClient, key_of: KeyOf, service: Service
) -> None:
    """Whole chunks are in, with their entries; the rest is not, and can be sent again."""
    body = ndjson(*map(person, range(2 * CHUNK + 20)))
    answer = client.post(
        "/v1/leads/import",
        content_type=NDJSON,
        headers=key_of("leads:write"),
        environ_overrides={"wsgi.input": Breaking(body), "wsgi.input_terminated": True},
    )
    with service.main.read() as session:
        entries = session.scalars(select(PendingRow.action)).all()

    assert answer.status_code == 400
    assert leads_in(service) == 2 * CHUNK
    assert entries.count("lead.created") == 2 * CHUNK
    assert "import.finished" not in entries


def test_a_line_that_the_database_refuses_spoils_no_neighbour(service: Service) -> None:
    """A chunk that can not be written whole is written line by line."""
    with service.main.read() as session:
        session.connection()
    service.main.write(
        lambda session: session.connection().exec_driver_sql(
            "CREATE TRIGGER poison BEFORE INSERT ON lead_fields WHEN NEW.name = 'poison'"
            " BEGIN SELECT RAISE(ABORT, 'poison'); END"
        )
    )
    poisoned = person(2) | {"profile": {"poison": 1}}
    lines = ndjson(person(1), poisoned, person(3)).splitlines()
    found = list(import_leads(service, lines, NDJSON, actor="test"))

    assert [one.get("status") for one in found] == ["created", "refused", "created", None]
    assert found[1]["code"] == "not_storable"
    assert leads_in(service) == 2


def test_memory_does_not_grow_with_the_file(service: Service) -> None:
    """Ten chunks take no more than two did, give or take the size of one."""

    def bring(lines: int, start: int) -> int:
        tracemalloc.reset_peak()
        for _ in import_leads(service, made(lines, start), NDJSON, actor="test"):
            pass
        return tracemalloc.get_traced_memory()[1]

    def made(lines: int, start: int) -> Iterator[bytes]:
        for number in range(start, start + lines):
            yield json.dumps(person(number)).encode()

    tracemalloc.start()
    try:
        bring(CHUNK, 0)
        small, large = bring(2 * CHUNK, CHUNK), bring(10 * CHUNK, 3 * CHUNK)
    finally:
        tracemalloc.stop()

    assert leads_in(service) == 13 * CHUNK
    assert large < small + 1024 * 1024
