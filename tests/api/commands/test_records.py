"""`leadwarden records`: printed, and nothing else on standard output."""

import json

import pytest

from tests.api.commands.test_leads import Run, environment, run

__all__ = ["environment", "run"]


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (["article30"], "# Record of processing activities"),
        (["article30", "--format", "html"], "<!doctype html>"),
        (["metrics", "--year", "2025"], "# Requests of 2025 (CCPA)"),
        (["metrics", "--year", "2025", "--regime", "all"], "# Requests of 2025 (all laws)"),
        (["map"], "<svg "),
        (["map", "--format", "text"], "leadwarden (service) holds"),
    ],
)
def test_a_record_is_printed(run: Run, arguments: list[str], begins: str) -> None:
    """Ready for a file or a pipe."""
    done = run("records", *arguments)

    assert done.exit_code == 0
    assert done.stdout.startswith(begins)
    assert done.stdout.endswith("\n")


def test_json_is_for_programs(run: Run) -> None:
    """Both that have it."""
    assert json.loads(run("records", "article30", "--format", "json").stdout)["activities"]
    assert (
        json.loads(run("records", "metrics", "--format", "json").stdout)["kinds"]["delete"]["received"] == 0
    )
