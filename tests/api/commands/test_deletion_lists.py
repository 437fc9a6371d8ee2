"""`leadwarden requests import`: into the home itself, or through the service that runs on it."""

import json
from pathlib import Path

from api.settings import Settings
from tests.api.commands.test_leads import Run, environment, run, running

__all__ = ["environment", "run", "running"]

LIST = "email,id\nanna.berg@example.com,0b7c7e1c-8d5b-4b1b-9e0e-0a8d4a2b5c6d\nnobody,\n"


def written(tmp_path: Path) -> Path:
    """A list of one person, and a line that says nobody."""
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


def test_a_list_is_taken_in_here(run: Run, tmp_path: Path) -> None:
    """Each line's result is written where the caller says; a refused line is exit 1."""
    told = tmp_path / "results.ndjson"
    done = run("requests", "import", written(tmp_path), "--results", told)
    results = [json.loads(line) for line in told.read_text().splitlines()]

    assert (done.exit_code, done.output) == (1, "1 created, 0 open, 0 suppressed, 1 refused\n")
    assert [each["status"] for each in results] == ["created", "refused"]
    assert "awaiting_verification" in run("requests", "list").output


def test_a_list_goes_through_the_service_that_runs(run: Run, running: Settings, tmp_path: Path) -> None:
    """With the terms of the call: verified and approved, of one law."""
    done = run(
        "requests",
        "import",
        written(tmp_path),
        *("--verified", "agent_permission", "--approve", "--regime", "ccpa"),
        *("--received-at", "2026-01-10T09:00:00+0100"),
    )

    assert running.embedded
    assert done.output == "1 created, 0 open, 0 suppressed, 1 refused\n"
    shown = json.loads(run("requests", "show", "0b7c7e1c-8d5b-4b1b-9e0e-0a8d4a2b5c6d").output)
    assert (shown["status"], shown["regime"]) == ("in_progress", "ccpa")
    assert shown["received_at"].startswith("2026-01-10T08:00:00")


def test_an_approval_without_a_verification_is_refused(run: Run, tmp_path: Path) -> None:
    """One clear line, and nothing is taken in."""
    done = run("requests", "import", written(tmp_path), "--approve")

    assert done.exit_code != 0
    assert run("requests", "list").output == ""
