"""What a client of the contract does again and again: make keys, bring leads, read problems."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from click.testing import CliRunner, Result

from api.cli import cli
from tests.flows.living import ADMINISTRATOR, OFFICER, PROBLEM, Living, Reply
from tests.flows.people import line

WAIT_SECONDS = 20.0
PAUSE_SECONDS = 0.05
MEMBERS = {"type", "title", "status", "detail", "code"}


def key_with(service: Living, *scopes: str, **bindings: list[str]) -> str:
    """The token of a new key; an officer confirms what an administrator may not grant."""
    body = {"name": "a program", "scopes": list(scopes), **bindings}
    made = service.ask("POST", "/v1/keys", body, key=ADMINISTRATOR)
    if made["state"] == "sleeping":
        service.ask("POST", f"/v1/keys/{made['id']}/confirm", {}, key=OFFICER)
    token: str = made["key"]
    return token


def lead_of(service: Living, email: str, **more: Any) -> str:
    """The id of a new lead."""
    lead_id: str = service.ask("POST", "/v1/leads", line(email, **more))["lead_id"]
    return lead_id


def problem(reply: Reply, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem that a reply must be; its members are those of the contract."""
    body: dict[str, Any] = reply.body
    assert (reply.status, reply.kind) == (status, PROBLEM), reply.raw
    assert set(body) >= MEMBERS
    assert body["status"] == status
    assert code in {None, body["code"]}, body
    return body


def command(service: Living, *arguments: str) -> Result:
    """A command of the command line on a home, in this process: a new one costs a second of imports."""
    return CliRunner(env=service.environment()).invoke(cli, list(arguments))


def wait_for(ask: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """The first good answer.

    Raises:
        AssertionError: None came within `WAIT_SECONDS`.
    """
    until = time.monotonic() + WAIT_SECONDS
    while not good(answer := ask()):
        assert time.monotonic() < until, answer
        time.sleep(PAUSE_SECONDS)
    return answer


def ahead(**by: float) -> str:
    """A moment from now on, by the real clock that the service reads."""
    return (datetime.now(UTC) + timedelta(**by)).isoformat()
