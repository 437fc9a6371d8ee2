"""`leadwarden requests`: an officer at a terminal."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api import casework
from api.background import request_letters, request_steps
from api.cli import cli
from api.settings import read_settings
from api.startup import open_migrated
from governance.requests.vocabulary import RequestType


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own."""
    return {"LEADWARDEN_HOME": str(tmp_path / "home")}


@pytest.fixture
def request_id(environment: dict[str, str]) -> str:
    """A request that came in over HTTP."""
    asked = casework.Asked(
        "7b1d1f4e-3f0b-4d62-9a61-6e6a0c6f5b11", RequestType.ERASURE, references=[{"email": "bo@example.com"}]
    )
    service = open_migrated(read_settings(environment))
    casework.take_in(service, asked, actor="tester", answer=lambda _: None, commit=service.main.write)
    service.close()
    return asked.id


def run(environment: dict[str, str], *arguments: str) -> Result:
    """One call of the command line."""
    return CliRunner().invoke(cli, ["requests", *arguments], env=environment)


def worked(environment: dict[str, str]) -> None:
    """What the worker does meanwhile."""
    service = open_migrated(read_settings(environment))
    request_steps.step(service, service.clock())
    service.close()


def test_an_erasure_can_be_decided_at_a_terminal(environment: dict[str, str], request_id: str) -> None:
    """Listed, verified, approved, shown, certified."""
    assert request_id in run(environment, "list").stdout
    assert run(environment, "verify", request_id, "--method", "document_seen").exit_code == 0
    assert run(environment, "approve", request_id).exit_code == 0
    worked(environment)
    shown = json.loads(run(environment, "show", request_id, "--history").stdout)
    certificate = json.loads(run(environment, "certificate", request_id).stdout)

    assert shown["status"] == certificate["status"] == "completed"
    assert [each["status"] for each in shown["history"]] == ["queued", "succeeded"]
    assert run(environment, "list", "--status", "refused").stdout == ""


def test_what_the_state_does_not_allow_is_one_clear_line(
    environment: dict[str, str], request_id: str
) -> None:
    """And exit code 1."""
    for call in (["approve"], ["retry"], ["certificate"], ["complete"]):
        refused = run(environment, *call, request_id, *(["crm"] if call == ["complete"] else []))
        assert refused.exit_code == 1
        assert refused.stderr.startswith("leadwarden: ")
        assert refused.stderr.count("\n") == 1


def test_a_request_is_refused_or_cancelled_with_its_ground(
    environment: dict[str, str], request_id: str
) -> None:
    """The ground is from the closed list."""
    refused = run(environment, "refuse", request_id, "--ground", "excessive", "--explanation", "again")
    assert refused.exit_code == 0
    assert json.loads(run(environment, "show", request_id).stdout)["reason"] == "excessive"
    assert run(environment, "cancel", request_id).exit_code == 1


def test_late_requests_are_listed(environment: dict[str, str]) -> None:
    """Not while there is time; then with both dates."""
    service = open_migrated(read_settings(environment))
    ids = []
    for days in (0, 90):
        asked = casework.Asked(
            str(uuid.uuid4()),
            RequestType.ERASURE,
            references=[{"email": "bo@example.com"}],
            received_at=service.clock() - timedelta(days=days),
        )
        casework.take_in(service, asked, actor="tester", answer=lambda _: None, commit=service.main.write)
        ids.append(asked.id)
    service.close()
    [line] = run(environment, "late").stdout.splitlines()

    assert line.split()[:4] == [ids[1], "late", "erasure", "awaiting_verification"]
    assert "respond by" in line


def test_letters_and_recipients_are_listed(environment: dict[str, str], request_id: str) -> None:
    """Neither address nor text: topic, state and why it failed."""
    service = open_migrated(read_settings(environment))
    request_letters.step(service, service.clock())
    service.close()
    result = run(environment, "letters", request_id)

    assert result.stdout.split()[1:] == ["letter.received", "failed", "not_configured"]
    assert run(environment, "letters", "none").exit_code == 1
