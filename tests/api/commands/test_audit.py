"""`leadwarden audit`: the trail from the command line of whoever owns the machine."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from api.cli import cli
from api.settings import read_settings
from api.startup import open_migrated
from audit import published
from audit.__main__ import main

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the service of these tests lives."""
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    """Runs a command there."""

    def run_it(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), env={"LEADWARDEN_HOME": str(home)})

    return run_it


@pytest.fixture
def log(run: Run) -> str:
    """A log with a few entries; gives its public key."""
    for name in ("one", "two", "three"):
        assert run("keys", "create", "--name", name, "--scope", "audit:read").exit_code == 0
    published = run("audit", "publish")
    assert published.exit_code == 0, published.output
    return run("audit", "keys").output.split("\t")[0]


def test_an_export_verifies(run: Run, log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written by one command, verified by the other, with the checkpoint that was published."""
    file, since = tmp_path / "log.ndjson", tmp_path / "checkpoint"
    since.write_text(run("audit", "publish").output)

    assert run("audit", "export", str(file)).exit_code == 0

    assert main(["verify", str(file), "--key", log, "--since", str(since)]) == 0
    assert capsys.readouterr().out.startswith("ok: ")


def test_a_sound_log_is_said_to_be_sound(run: Run, log: str) -> None:
    """Exit 0 and how many."""
    result = run("audit", "check")

    assert (result.exit_code, result.output[:4]) == (0, "ok: ")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE audit_links SET object_id = 'somebody'", "linked to somebody"),
        ("UPDATE audit_entries SET actor = 'nobody'", "other words than its own"),
        ("DELETE FROM audit_entries WHERE idx = 1", "entry 1 is missing"),
        ("UPDATE audit_entries SET body = X'7B7D' WHERE idx = 1", "do not lead to the signed root"),
        ("DELETE FROM audit_head", "the database knows 0"),
    ],
)
def test_a_changed_database_is_named(run: Run, log: str, home: Path, damage: str, words: str) -> None:
    """Exit 1, with one line that says what does not fit."""
    engine = create_engine(f"sqlite:///{home / 'leadwarden.db'}")
    with engine.begin() as connection:
        connection.execute(text(damage))
    engine.dispose()

    result = run("audit", "check")

    assert result.exit_code == 1
    assert words in result.output


def test_questions_have_answers_and_are_logged(run: Run, log: str) -> None:
    """Entries by action and time; openings and exposure of nobody."""
    made = run("audit", "entries", "--action", "key.created", "--from", "2020-01-01T00:00:00Z")
    openings, exposure = run("audit", "openings", "nobody"), run("audit", "exposure", "nobody")

    assert made.output.count('"action":"key.created"') == 3
    assert (openings.output, openings.exit_code, exposure.exit_code) == ("", 0, 0)
    assert "0 openings, 0 of people erased since" in exposure.output
    run("audit", "publish")
    assert run("audit", "entries", "--action", "audit.read").output.count("\n") == 3


def test_an_instant_needs_an_offset(run: Run) -> None:
    """Exit 2, as click does for misuse."""
    assert run("audit", "entries", "--from", "2026-11-24T10:00:00").exit_code == 2


def test_the_ground_of_contacts_is_told_by_day(run: Run, log: str) -> None:
    """In words, or as JSON; a day or a zone that is none is one clear line."""
    words = run("audit", "contacts", "somebody", "--on", "2026-11-24", "--time-zone", "Europe/Berlin")
    as_json = run("audit", "contacts", "somebody", "--on", "2026-11-24", "--json")

    assert log != ""
    assert (words.exit_code, words.stdout, words.stderr) == (0, "", "0 contacts\n")
    assert (as_json.exit_code, as_json.stdout) == (0, "[]\n")
    assert run("audit", "contacts", "somebody", "--on", "yesterday").exit_code == 2
    assert run("audit", "contacts", "x", "--on", "2026-11-24", "--time-zone", "Mars/Base").exit_code == 2


def test_who_took_checkpoints_outside_is_listed(run: Run, log: str, home: Path) -> None:
    """Nobody by default; then how far, when, and why not."""
    before = run("audit", "publications")
    service = open_migrated(read_settings({"LEADWARDEN_HOME": str(home)}))
    now = service.clock()

    def refuse(session: Session) -> None:
        claimed = published.claim(session, "webhook", now=now)
        assert claimed is not None
        published.refused(session, claimed, "timed_out", now=now)

    service.main.write(refuse)
    service.close()

    assert (before.exit_code, before.output) == (0, "")
    assert run("audit", "publications").output.split() == ["webhook", "0", "-", "1", "failures", "timed_out"]
