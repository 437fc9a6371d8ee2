"""`leadwarden holds`: an officer at a terminal."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import cli
from api.settings import read_settings
from api.startup import open_migrated
from governance.stores import register
from tests.governance.requests.desk import a_known_lead

ANNA = "anna.berg@example.com"
MANUAL = {"store": "binder", "kind": "manual", "active": True, "instructions": "Look into the binder."}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home with a lead and a store."""
    environment = {"LEADWARDEN_HOME": str(tmp_path / "home")}
    service = open_migrated(read_settings(environment))
    a_known_lead(service, ANNA)
    service.main.write(
        lambda session: register.put(session, "binder", MANUAL, now=service.clock(), actor="tester")
    )
    service.close()
    return environment


def run(environment: dict[str, str], *arguments: str, said: str = "") -> Result:
    """One call of the command line."""
    return CliRunner().invoke(cli, ["holds", *arguments], env=environment, input=said)


def test_a_hold_is_placed_listed_and_lifted(environment: dict[str, str]) -> None:
    """The list says on what and until when, and neither whom nor why."""
    placed = run(environment, "place", "suit", said=f"email {ANNA}\n\nBerg against us.\n")
    again = run(environment, "place", "suit", said=f"email {ANNA}\n\nBerg against us, 17/26.\n")
    until = "2099-01-31T00:00:00+00:00"
    store = run(
        environment, "place", "audit", "--store", "binder", "--until", until, said="everything\n\nAn audit.\n"
    )
    listed = run(environment, "list").stdout

    assert [each.exit_code for each in (placed, again, store)] == [0, 0, 0]
    assert (placed.stderr, again.stderr) == ("Placed.\n", "Placed; the hold of that name before is lifted.\n")
    assert [line.split() for line in listed.splitlines()] == [
        ["audit", "store", "binder", until],
        ["suit", "lead", "-"],
    ]
    assert run(environment, "lift", "suit").exit_code == 0
    assert run(environment, "lift", "suit").stderr == "leadwarden: there is no legal hold of that name\n"


@pytest.mark.parametrize(
    ("options", "text", "words"),
    [
        ([], f"email {ANNA}\n", "reason"),
        ([], "\n\nwhy\n", "lead"),
        ([], f"email {ANNA}\nphone +4930123456\n\nwhy\n", "lead"),
        ([], "everything\n\nwhy\n", "lead: Write email ADDRESS"),
        ([], "email b.anna@example.com\n\nwhy\n", "the reference fits no lead"),
        (["--store", "binder"], "row deals\n\nwhy\n", "query: Write everything, table NAME"),
        (["--store", "binder"], "lead 17\n\nwhy\n", "query: A store knows no lead_id"),
        (["--store", "crm"], "everything\n\nwhy\n", "There is no store of that key"),
        (["--until", "soon"], f"email {ANNA}\n\nwhy\n", "until: Not a valid datetime."),
    ],
)
def test_what_is_wrong_holds_nothing_and_says_so(
    environment: dict[str, str], options: list[str], text: str, words: str
) -> None:
    """One line, exit 1; who was typed is not repeated."""
    answer = run(environment, "place", "h", *options, said=text)

    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"leadwarden: {words}")
    assert answer.stderr.count("\n") == 1
    assert "anna" not in answer.output
    assert run(environment, "list").stdout == ""
