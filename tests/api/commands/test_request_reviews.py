"""What an officer reads, and what follows on a request, at a terminal."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api import casework
from api.background import request_steps
from api.cli import cli
from api.settings import read_settings
from api.startup import open_migrated
from governance.requests.vocabulary import Regime, RequestType


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own."""
    return {"LEADWARDEN_HOME": str(tmp_path / "home")}


def asked(environment: dict[str, str], kind: RequestType, regime: Regime = Regime.GDPR) -> str:
    """The id of a request that came in over HTTP."""
    new = casework.Asked(
        str(uuid.uuid4()), kind, references=[{"email": "bo@example.com"}], regime=regime, note="Bo, not Beau."
    )
    service = open_migrated(read_settings(environment))
    casework.take_in(service, new, actor="tester", answer=lambda _: None, commit=service.main.write)
    service.close()
    return new.id


def run(environment: dict[str, str], *arguments: str) -> Result:
    """One call of the command line."""
    return CliRunner().invoke(cli, ["requests", *arguments], env=environment)


def shown(environment: dict[str, str], request_id: str) -> Any:
    """The request."""
    return json.loads(run(environment, "show", request_id).stdout)


def worked(environment: dict[str, str]) -> None:
    """What the worker does meanwhile."""
    service = open_migrated(read_settings(environment))
    request_steps.step(service, service.clock())
    service.close()


def test_a_rectification_is_read_corrected_planned_and_done(environment: dict[str, str]) -> None:
    """File, corrections, plan; then it runs."""
    request_id = asked(environment, RequestType.RECTIFICATION)
    assert json.loads(run(environment, "file", request_id).stdout)["note"] == "Bo, not Beau."
    given = ["first_name=Bo<Beau", "email=bo@example.org<bo@example.com", "title="]
    assert run(environment, "correct", request_id, *given).exit_code == 0
    file = json.loads(run(environment, "file", request_id).stdout)
    assert [(one["name"], one["value"], one["was"]) for one in file["corrections"]] == [
        ("first_name", "Bo", "Beau"),
        ("email", "bo@example.org", "bo@example.com"),
        ("title", None, None),
    ]
    assert json.loads(run(environment, "plan", request_id).stdout)["action"] == "rectify"

    run(environment, "verify", request_id, "--method", "login")
    run(environment, "approve", request_id)
    worked(environment)
    assert shown(environment, request_id)["status"] == "completed"


def test_a_restriction_is_lifted_at_a_terminal(environment: dict[str, str]) -> None:
    """Announced; without a mail server the officer has told the person."""
    request_id = asked(environment, RequestType.RESTRICTION)
    run(environment, "verify", request_id, "--method", "login")
    run(environment, "approve", request_id)
    worked(environment)
    refused = run(environment, "lift", request_id, "--explanation", "done")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert run(environment, "lift", request_id, "--explanation", "done", "--told-otherwise").exit_code == 0

    assert "lift_at" in shown(environment, request_id)


def test_an_appeal_is_decided_at_a_terminal(environment: dict[str, str]) -> None:
    """Taken in, granted, open again."""
    request_id = asked(environment, RequestType.ERASURE, Regime.US_STATE)
    run(environment, "refuse", request_id, "--ground", "excessive", "--explanation", "no")
    assert run(environment, "appeal", request_id, "--said", "Only once.").exit_code == 0
    assert run(environment, "decide-appeal", request_id, "granted", "--explanation", "Yes.").exit_code == 0

    assert shown(environment, request_id)["status"] == "awaiting_verification"


def test_a_code_needs_a_mail_server(environment: dict[str, str]) -> None:
    """One clear line."""
    refused = run(environment, "code", asked(environment, RequestType.ACCESS))

    assert (refused.exit_code, refused.stderr) == (1, "leadwarden: no mail server is configured\n")


@pytest.mark.parametrize("text", ["=x", "email=a@example.com", "First Name=x"])
def test_a_correction_that_can_not_be_meant_is_refused(environment: dict[str, str], text: str) -> None:
    """Nothing is kept."""
    request_id = asked(environment, RequestType.RECTIFICATION)
    refused = run(environment, "correct", request_id, text)

    assert refused.exit_code == 1


def test_clocks_are_moved_at_a_terminal(environment: dict[str, str]) -> None:
    """Paused, resumed, extended once."""
    request_id = asked(environment, RequestType.ACCESS)
    before = shown(environment, request_id)["deadlines"]["respond_by"]
    assert run(environment, "pause", request_id, "identity").exit_code == 0
    assert run(environment, "resume", request_id, "clarification").exit_code == 1
    assert run(environment, "resume", request_id, "identity").exit_code == 0
    assert run(environment, "extend", request_id, "--reason", "many systems").exit_code == 0
    assert run(environment, "extend", request_id, "--reason", "more").exit_code == 1

    assert shown(environment, request_id)["deadlines"]["respond_by"] > before


def test_an_agents_permission_is_kept_at_a_terminal(environment: dict[str, str]) -> None:
    """Sealed, and read again from the file."""
    request_id = asked(environment, RequestType.ERASURE)
    assert run(environment, "permitted", request_id, "--statement", "signed by Bo").exit_code == 0

    assert shown(environment, request_id)["status"] == "awaiting_review"
    file = json.loads(run(environment, "file", request_id).stdout)
    assert [one["text"] for one in file["statements"]] == ["signed by Bo"]
