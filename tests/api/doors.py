"""Views of every kind on an app of the tests' own, for the modules between the door and the view."""

from typing import Any

from flask import Blueprint, Flask, Response
from marshmallow import Schema, fields, validate
from sqlalchemy import text

from api.app import create_app
from api.auth import needs, public
from api.context import Service, caller, current
from api.errors import DatabaseUnavailableError
from api.idempotency import Answer, idempotent, write_once
from api.shapes import BATCH_LIMIT, accepts, denies_when_unavailable, lines, returns, streams
from api.tables import AnswerRow
from audit.actions import Action
from audit.log import append


class Address(Schema):
    """Something nested."""

    email = fields.Email(required=True)


class Note(Schema):
    """A body with one of each."""

    word = fields.String(required=True, validate=validate.Length(max=10))
    kind = fields.Enum(Action, by_value=True)
    count = fields.Integer(strict=True)
    addresses = fields.List(fields.Nested(Address))


class Empty(Schema):
    """A body in which nothing is required."""

    reason = fields.String()


class Written(Schema):
    """What came of it."""

    number = fields.Integer(required=True)


def doors(service: Service) -> Flask:
    """An app with the service's own routes and these."""
    app = create_app(service)
    app.register_blueprint(_blueprint())
    return app


def _blueprint() -> Blueprint:  # noqa: C901 - a list of views
    blueprint = Blueprint("doors", __name__)

    @blueprint.post("/note")
    @public
    @accepts(Note)
    @returns(Written, 201)
    def note(body: dict[str, Any]) -> dict[str, Any]:
        return {"number": len(body["word"])}

    @blueprint.post("/batch")
    @public
    @accepts(Note, limit=BATCH_LIMIT, also=("application/x-ndjson", "application/yaml"))
    @returns(Written)
    def batch(body: dict[str, Any] | None) -> dict[str, Any]:
        return {"number": sum(1 for _ in lines()) if body is None else -1}

    @blueprint.post("/stream")
    @public
    @streams("application/x-ndjson")
    def stream() -> dict[str, Any]:
        return {"lengths": [None if line is None else len(line) for line in lines()]}

    @blueprint.post("/empty")
    @public
    @accepts(Empty)
    def empty(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @blueprint.post("/secret")
    @needs("leads:read")
    @accepts(Note)
    def secret(body: dict[str, Any]) -> dict[str, Any]:
        return {"caller": caller().id, "word": body["word"]}

    @blueprint.post("/count")
    @needs("leads:write")
    @idempotent
    @accepts(Note)
    @returns(Written, 201)
    def count(body: dict[str, Any]) -> Answer:
        now = current().clock()

        def work(session: Any) -> Answer:
            append(session, Action.LEAD_CREATED, actor=caller_id, now=now)
            if body["word"] == "fail":
                raise DatabaseUnavailableError("as asked")
            entries = session.execute(text("SELECT COUNT(*) FROM audit_pending")).scalar()
            return {"number": entries}, 201

        caller_id = caller().id
        return write_once(work)

    @blueprint.post("/mark")
    @needs("keys:manage")
    @idempotent
    @accepts(Note)
    @returns(Written, 201)
    def mark(body: dict[str, Any]) -> Answer:
        who, now = caller().id, current().clock()

        def work(session: Any) -> Answer:
            append(session, Action.LEAD_CREATED, actor=who, now=now)
            return {"number": len(body)}, 201

        return write_once(work)

    @blueprint.get("/words")
    @public
    def words() -> dict[str, Any]:
        now = current().clock()
        return {"at": now, "day": now.date(), "action": Action.LEAD_CREATED, "set": {"b", "a"}, "text": "ä"}

    @blueprint.post("/decide")
    @needs("decisions:create")
    @denies_when_unavailable
    def decide() -> dict[str, Any]:
        with current().main.read() as session:
            session.execute(text("SELECT * FROM absent_table"))
        return {}

    @blueprint.get("/broken")
    @public
    def broken() -> Response:
        raise RuntimeError("canary")

    @blueprint.get("/answers")
    @public
    def answers() -> dict[str, Any]:
        with current().main.read() as session:
            return {"bodies": [row.body for row in session.query(AnswerRow)]}

    return blueprint
