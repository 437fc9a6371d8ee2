"""`leadwarden check` and `leadwarden decisions explain`."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api import lock
from api.app import create_app
from api.cli import cli
from api.settings import read_settings
from api.startup import open_migrated
from audit.promise import split_receipts
from governance.accounts import make_key
from governance.scopes import OURSELVES, Grant
from tests.api.routes.test_decisions import SCOPES, object_to, take_in
from tests.api.serving import serving

Run = Callable[..., Result]
LIST = (
    "name,email,external_system,external_id\n"
    "Jane,jane@example.com,,\n"
    "Joan,joan@example.com,,\n"
    "Nobody,nobody@example.net,,\n"
    "Broken,no address,,\n"
    "Empty,,,\n"
    "Jack,,crm,7\n"
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, in which Jane and Jack consented and Joan objected."""
    environment = {"LEADWARDEN_HOME": str(tmp_path / "home")}
    service = open_migrated(read_settings(environment))
    grant = Grant(frozenset(SCOPES))
    made = service.main.write(
        lambda session: make_key(session, "test", grant, maker=OURSELVES, now=service.clock())
    )
    headers = {"Authorization": f"Bearer {made.token}"}
    client = create_app(service).test_client()
    for name, more in (
        ("jane", ()),
        ("joan", ()),
        ("jack", ({"type": "external", "system": "crm", "value": "7"},)),
    ):
        take_in(client, headers, f"{name}@example.com", *more, now=service.clock())
    object_to(client, headers, lead={"email": "joan@example.com"}, received_at=service.clock().isoformat())
    service.close()
    return environment


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Runs a command there."""
    return lambda *arguments: CliRunner().invoke(cli, [str(one) for one in arguments], env=environment)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A list of six."""
    path = tmp_path / "campaign.csv"
    path.write_text(LIST)
    return path


def names(campaign: Path, which: str) -> list[str]:
    """Who is in one of the lists."""
    with campaign.with_name(f"campaign.{which}.csv").open(newline="") as file:
        return [row["name"] for row in csv.DictReader(file)]


def check(run: Run, campaign: Path) -> Result:
    """The command as a person types it."""
    return run("check", campaign, "--channel", "email", "--purpose", "direct_marketing")


def test_a_list_is_split_in_three(run: Run, campaign: Path) -> None:
    """Who may be written to, who may not and why, who is unknown; every column is carried along."""
    result = check(run, campaign)

    assert result.exit_code == 0, result.output
    assert names(campaign, "allowed") == ["Jane", "Jack"]
    assert names(campaign, "denied") == ["Joan"]
    assert names(campaign, "unknown") == ["Nobody", "Broken", "Empty"]
    assert "OBJECTION_DIRECT_MARKETING" in campaign.with_name("campaign.denied.csv").read_text()
    assert [line.split()[:2] for line in result.output.splitlines()[:3]] == [
        ["2", "allowed"],
        ["1", "denied"],
        ["3", "unknown"],
    ]
    assert campaign.with_name("campaign.allowed.csv").stat().st_mode & 0o077 == 0


def test_a_running_service_is_asked(run: Run, campaign: Path, environment: dict[str, str]) -> None:
    """While one holds the home, the command goes through it, with a key that is gone afterwards."""
    service = open_migrated(read_settings(environment))
    with lock.held(service.settings.home), serving(create_app(service)) as port:
        environment["LEADWARDEN_LISTEN"] = f"127.0.0.1:{port}"
        result = check(run, campaign)
    service.close()

    assert result.exit_code == 0, result.output
    assert (names(campaign, "allowed"), names(campaign, "denied")) == (["Jane", "Jack"], ["Joan"])


def test_a_list_without_an_identity_is_refused(run: Run, tmp_path: Path) -> None:
    """One line, and no list is written."""
    path = tmp_path / "campaign.csv"
    path.write_text("name\nJane\n")

    result = check(run, path)

    assert (result.exit_code, "header" in result.stderr) == (1, True)
    assert list(tmp_path.glob("campaign.*.csv")) == []


def test_a_decision_is_explained_in_words_and_as_json(run: Run, campaign: Path) -> None:
    """The rules tried, what is missing, the proof."""
    check(run, campaign)
    with campaign.with_name("campaign.denied.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)

    words = run("decisions", "explain", row["decision_id"])
    document = json.loads(run("decisions", "explain", row["decision_id"], "--json").output)

    assert words.output.startswith("deny on ")
    assert "OBJECTION_DIRECT_MARKETING" in words.output
    assert "Missing for a yes" in words.output
    assert document["decision_id"] == row["decision_id"]


def test_an_unknown_decision_is_one_line(run: Run) -> None:
    """And exit code 1."""
    result = run("decisions", "explain", "none")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_the_receipts_of_a_campaign_are_kept(run: Run, campaign: Path, tmp_path: Path) -> None:
    """One for the chunk, as a file that a verifier reads."""
    kept = tmp_path / "kept.txt"
    words = ("--channel", "email", "--purpose", "direct_marketing", "--receipts")
    done = run("check", campaign, *words, kept)

    assert done.exit_code == 0
    assert len(split_receipts(kept.read_text())) == 1


def test_a_log_of_what_was_sent_is_reconciled(runner: CliRunner, tmp_path: Path) -> None:
    """Lines to look at by number, the summary behind them, and 1 where there is one to look at."""
    log, results = tmp_path / "sent.csv", tmp_path / "found.ndjson"
    log.write_text("email,channel,sent_at\nnobody@example.net,email,2026-11-24T10:00:00+00:00\n")
    shown = runner.invoke(cli, ["decisions", "reconcile", str(log)])
    kept = runner.invoke(cli, ["decisions", "reconcile", str(log), "--results", str(results)])
    log.write_text("email,channel,sent_at\n")
    empty = runner.invoke(cli, ["decisions", "reconcile", str(log)])

    assert (shown.exit_code, kept.exit_code, empty.exit_code) == (1, 1, 0)
    assert shown.stdout == "        2 lead_unknown\n"
    assert "        1 lead_unknown\n" in shown.stderr
    assert results.read_text() == '{"line": 2, "finding": "lead_unknown"}\n'
