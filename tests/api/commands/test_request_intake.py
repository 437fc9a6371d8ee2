"""`leadwarden requests create`: a request that came by letter or telephone."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import cli
from api.settings import read_settings
from api.startup import open_migrated
from tests.governance.requests.desk import a_known_lead

ANNA = "anna.berg@example.com"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own."""
    return {"LEADWARDEN_HOME": str(tmp_path / "home")}


def run(environment: dict[str, str], *arguments: str, said: str = "") -> Result:
    """One call of the command line."""
    return CliRunner().invoke(cli, ["requests", *arguments], env=environment, input=said)


def printed(environment: dict[str, str], command: str, request_id: str) -> Any:
    """What a command prints of a request."""
    return json.loads(run(environment, command, request_id).stdout)


def test_a_request_is_taken_in_as_by_the_call(environment: dict[str, str]) -> None:
    """Its id on standard output, its date beside it; who and what were said is sealed in its file."""
    text = f"email {ANNA}\nexternal Sales 003x\n\nCalled on Tuesday.\nWants everything gone.\n"
    options = ["--regime", "gdpr", "--submitted-by", "authorised_agent"]
    options += ["--received-at", "2026-11-20T09:00:00+01:00"]
    answer = run(environment, "create", "erasure", *options, said=text)
    request_id = answer.stdout.strip()
    shown, file = (printed(environment, command, request_id) for command in ("show", "file"))

    assert answer.exit_code == 0, answer.stderr
    assert answer.stderr == f"awaiting_verification; to be answered by {shown['deadlines']['respond_by']}\n"
    assert (shown["type"], shown["regime"], shown["submitted_by"]) == ("erasure", "gdpr", "authorised_agent")
    assert shown["received_at"].startswith("2026-11-20T08:00")
    assert file["identities"] == [
        {"type": "email", "value": ANNA},
        {"type": "external", "value": "003x", "system": "sales"},
    ]
    assert file["note"] == "Called on Tuesday.\nWants everything gone."


def test_an_objection_takes_effect_at_once(environment: dict[str, str]) -> None:
    """Nobody need verify or approve it first, as with the call."""
    service = open_migrated(read_settings(environment))
    lead_id = a_known_lead(service, ANNA)
    service.close()
    answer = run(environment, "create", "objection", said=f"lead {lead_id}\n")

    assert printed(environment, "show", answer.stdout.strip())["status"] == "awaiting_review"


def test_an_id_is_taken_once(environment: dict[str, str]) -> None:
    """So a script may try again."""
    request_id = str(uuid.uuid4())
    first, second = (
        run(environment, "create", "access", "--id", request_id, said=f"email {ANNA}\n") for _ in range(2)
    )

    assert first.stdout == f"{request_id}\n"
    assert (second.exit_code, second.stderr) == (1, "leadwarden: a request with this id exists\n")


@pytest.mark.parametrize(
    ("options", "text", "words"),
    [
        ([], "", "identities"),
        ([], f"{ANNA}\n", "identities.0: Write email ADDRESS"),
        ([], "email anna.berg\n", "email: Not an e-mail address."),
        (["--received-at", "yesterday"], f"email {ANNA}\n", "received_at: Not a valid datetime."),
        (["--received-at", "2999-01-01T00:00:00Z"], f"email {ANNA}\n", "received_at: Lies in the future."),
        (["--time-zone", "Mars/Base"], f"email {ANNA}\n", "time_zone: Not an IANA time zone."),
        (["--id", "7"], f"email {ANNA}\n", "id: Not a valid UUID."),
        ([], "lead 7b1d1f4e-3f0b-4d62-9a61-6e6a0c6f5b11\n", "the reference fits no lead"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_not_repeated(
    environment: dict[str, str], options: list[str], text: str, words: str
) -> None:
    """One line, exit 1, nothing taken in."""
    answer = run(environment, "create", "erasure", *options, said=text)

    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"leadwarden: {words}")
    assert answer.stderr.count("\n") == 1
    assert "anna" not in answer.output.lower()
    assert run(environment, "list").stdout == ""
