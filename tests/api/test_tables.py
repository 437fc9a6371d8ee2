"""The rows of `api`: stored answers, which hold nothing that could be tried out."""

import hashlib

from flask.testing import FlaskClient
from sqlalchemy import delete, select, text

from api.context import Service
from api.tables import AnswerRow
from tests.conftest import KeyOf


def test_a_stored_answer_holds_neither_key_nor_body(
    door: FlaskClient, service: Service, key_of: KeyOf
) -> None:
    """Its id is a hash; what tells one body from another is keyed by what only the caller knows."""
    headers = key_of("leads:write") | {"Idempotency-Key": "canary-key"}
    body = b'{"word":"canary"}'
    door.post("/count", data=body, content_type="application/json", headers=headers)
    with service.main.read() as session:
        [row] = session.scalars(select(AnswerRow)).all()
        stored = row.id + row.request + row.body.encode()

    assert (len(row.id), len(row.request), row.status) == (32, 32, 201)
    assert b"canary" not in stored
    assert hashlib.sha256(body).digest() not in stored


def test_old_answers_are_found_by_their_time(service: Service) -> None:
    """Deleting them reads no other row, however many there are."""
    statement = delete(AnswerRow).where(AnswerRow.created_at <= service.clock())
    with service.main.read() as session:
        compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()

    assert [str(step[-1]) for step in plan if "USING" not in str(step[-1])] == []
    assert "created_at" in str(plan)
