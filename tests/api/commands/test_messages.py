"""`leadwarden messages`: what became of messages, without address or text."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.background import deliveries
from api.cli import cli
from api.settings import read_settings
from api.startup import open_migrated
from tests.governance.messages.post_office import a_letter


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own."""
    return {"LEADWARDEN_HOME": str(tmp_path / "home")}


@pytest.fixture
def message_id(environment: dict[str, str]) -> str:
    """A letter that failed, for nothing is set up."""
    service = open_migrated(read_settings(environment))
    message_id = a_letter(service)
    deliveries.step(service, service.clock())
    service.close()
    return message_id


def run(environment: dict[str, str], *arguments: str) -> Result:
    """One call of the command line."""
    return CliRunner().invoke(cli, ["messages", *arguments], env=environment)


def test_a_failed_message_is_seen_and_tried_again(environment: dict[str, str], message_id: str) -> None:
    """Id, state, topic, tries and code; after `retry` it waits."""
    [line] = run(environment, "list", "--state", "failed").stdout.splitlines()

    assert run(environment, "list", "--code", "no_address").stdout == ""
    assert run(environment, "list", "--code", "not_configured").stdout == f"{line}\n"
    assert line.split() == [message_id, "failed", "requests.late", "1", "not_configured"]
    assert run(environment, "retry", message_id).exit_code == 0
    assert run(environment, "list", "--state", "failed").stdout == ""
    assert run(environment, "list").stdout.split()[:2] == [message_id, "queued"]


def test_what_was_posted_by_hand_is_done(environment: dict[str, str], message_id: str) -> None:
    """It is not listed as failed any more."""
    assert run(environment, "done", message_id).exit_code == 0
    assert run(environment, "list", "--state", "failed").stdout == ""


def test_what_can_not_be_tried_again_is_one_line(environment: dict[str, str]) -> None:
    """Exit 1, and no traceback."""
    result = run(environment, "retry", "none")

    assert result.exit_code == 1
    assert result.stderr == "leadwarden: there is no such message\n"
