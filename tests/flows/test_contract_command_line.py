"""The contract of the command line: every command exists and does what is said of it."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.flows.clients import command, lead_of, wait_for
from tests.flows.living import Living
from tests.flows.people import consent_of, request_of

COMMANDS = """
serve | work | demo | import | check | keys create | keys list | keys revoke | users create | stores scan
stores add | stores test | requests list | requests show | requests approve | rules list | rules show
rules check | rules publish | vault status | vault rotate | vault reconcile | audit export | audit publish
db upgrade
"""
ROW = "a{n}@line.example,DE,s,event,2026-02-01T09:00:00Z"
HEADER = "email,country,source_key,source_kind,source_obtained_at"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Living:
    """A home that nobody has used yet."""
    return Living(tmp_path_factory.mktemp("line") / "home", port=1)


def test_every_command_is_there(contracted: Living) -> None:
    """In the help of its group."""
    said = {"": command(contracted, "--help").stdout}
    for name in [one.strip() for one in re.split(r"[|\n]", COMMANDS) if one.strip()]:
        group, _, last = name.rpartition(" ")
        if group not in said:
            said[group] = command(contracted, group, "--help").stdout
        assert re.search(rf"^  {last}\b", said[group], re.MULTILINE), name


def test_keys_of_an_empty_home(home: Living) -> None:
    """`create` prints the key once, on standard output; `list` shows none; `revoke` ends it."""
    made = command(
        home, "keys", "create", "--name", "first", "--scope", "leads:write", "--scope", "decisions:create"
    )
    assert made.exit_code == 0, made.stderr
    [token] = re.findall(r"lw_[\w-]+", made.stdout)
    assert "lw_" not in made.stderr
    listed = command(home, "keys", "list")
    assert listed.exit_code == 0
    assert "first" in listed.stdout
    secret = token.split("_", 2)[2]
    assert secret not in listed.stdout
    wrong = command(home, "keys", "create", "--name", "x", "--scope", "leads:eat")
    assert wrong.exit_code != 0
    assert "lw_" not in wrong.stdout
    assert command(home, "keys", "revoke", token.split("_")[1]).exit_code == 0
    assert command(home, "keys", "revoke", "nobody").exit_code != 0


def test_a_key_of_the_command_line_works_at_once(contracted: Living) -> None:
    """Whoever owns the machine can grant everything, beside a running service."""
    made = command(
        contracted, "keys", "create", "--name", "beside", "--scope", "leads:read", "--scope", "keys:manage"
    )
    [token] = re.findall(r"lw_[\w-]+", made.stdout)

    assert made.exit_code == 0, made.stderr
    assert contracted.call("GET", "/v1/keys", key=token).status == 200


def test_users_are_made(contracted: Living) -> None:
    """By role and address; the address is checked."""
    for role in ("compliance_officer", "compliance officer", "auditor", "administrator"):
        made = command(
            contracted, "users", "create", "--role", role, f"{role.replace(' ', '.')}@line.example"
        )
        assert made.exit_code == 0, made.stderr
    assert command(contracted, "users", "create", "--role", "king", "king@line.example").exit_code != 0
    assert command(contracted, "users", "create", "--role", "auditor", "no address").exit_code != 0


def test_import_and_check(contracted: Living, tmp_path: Path) -> None:
    """A file of leads; then who may be written to and who may not, as two lists."""
    leads = tmp_path / "leads.csv"
    rows = [ROW.format(n=n) for n in range(4)] + ["broken,DE,s,event,2026-02-01T09:00:00Z"]
    leads.write_text("\n".join([HEADER, *rows]) + "\n")
    done = command(contracted, "import", str(leads))
    assert "4" in done.stdout + done.stderr
    assert "broken" not in done.stdout + done.stderr
    contracted.ask("POST", "/v1/consents", consent_of("a1@line.example"))
    notice = {"kind": "notice_given", "article": "13", "version": "1", "occurred_at": "2026-02-01T09:00:00Z"}
    look = {"lead": {"email": "a1@line.example"}, "purpose": "check"}
    lead_id = contracted.ask("POST", "/v1/leads/lookup", look)["lead_id"]
    contracted.ask("POST", f"/v1/leads/{lead_id}/events", notice)

    asked = tmp_path / "campaign.csv"
    asked.write_text("email\n" + "".join(f"a{n}@line.example\n" for n in range(4)))
    checked = command(contracted, "check", str(asked), "--channel", "email", "--purpose", "direct_marketing")
    assert checked.exit_code == 0, checked.stderr
    written = {each.name: each.read_text() for each in tmp_path.iterdir() if each not in {leads, asked}}
    allowed = [text for name, text in written.items() if "allow" in name]
    denied = [text for name, text in written.items() if "den" in name]
    assert len(allowed) == len(denied) == 1, sorted(written)
    assert "a1@line.example" in allowed[0]
    assert all(f"a{n}@line.example" in denied[0] for n in (0, 2, 3))
    assert "CONSENT_REQUIRED" in denied[0]
    assert "\r" not in checked.stdout + checked.stderr
    assert command(contracted, "import", str(tmp_path / "none.csv")).exit_code != 0
    assert command(contracted, "check", str(asked), "--channel", "smoke", "--purpose", "x").exit_code != 0


def test_stores_are_scanned_added_and_tried(contracted: Living, tmp_path: Path) -> None:
    """The proposal is YAML on standard output; what is added can be tried."""
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, first_name TEXT);"
            "CREATE TABLE calls (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people(id), note TEXT);"
        )
    connection.close()
    beside = Living(contracted.home, {"LEADWARDEN_STORE_LINE": f"sqlite:///{path}"}, port=contracted.port)
    scanned = command(beside, "stores", "scan", "--key", "line", "--url", "env:LEADWARDEN_STORE_LINE")
    assert scanned.exit_code == 0, scanned.stderr
    document = yaml.safe_load(scanned.stdout)
    assert (document["store"], document["kind"]) == ("line", "sql")
    assert document["tables"]["people"]["identity"] == {"email": "email"}
    assert document["tables"]["calls"]["belongs_to"] == {"person_id": "people.id"}
    document["active"] = False
    file = tmp_path / "line.yaml"
    file.write_text(yaml.safe_dump(document))
    added = command(beside, "stores", "add", str(file))
    assert added.exit_code == 0, added.stderr
    assert contracted.ask("GET", "/v1/stores/line")["store"] == "line"
    tried = command(beside, "stores", "test", "line")
    assert tried.exit_code == 0, tried.stdout + tried.stderr
    bad = command(beside, "stores", "scan", "--key", "x", "--url", f"sqlite:///{path}")
    assert bad.exit_code != 0
    assert bad.stdout == ""


def test_requests_are_listed_shown_and_approved(contracted: Living) -> None:
    """The officer's work, from a terminal."""
    lead_of(contracted, "by.line@firm.example")
    asked = contracted.ask("POST", "/v1/privacy-requests", request_of("by.line@firm.example", type="access"))
    path = f"/v1/privacy-requests/{asked['id']}"
    contracted.ask("POST", f"{path}/verify", {"method": "login", "result": "verified"})

    assert asked["id"] in command(contracted, "requests", "list").stdout
    shown = command(contracted, "requests", "show", asked["id"])
    assert (shown.exit_code, "awaiting_review" in shown.stdout) == (0, True)
    assert "by.line@" not in shown.stdout
    approved = command(contracted, "requests", "approve", asked["id"])
    assert approved.exit_code == 0, approved.stderr
    wait_for(lambda: contracted.ask("GET", path)["status"], lambda status: status == "completed")
    assert command(contracted, "requests", "approve", asked["id"]).exit_code != 0
    assert command(contracted, "requests", "show", "none").exit_code != 0


def test_rules_are_listed_shown_and_checked(contracted: Living, tmp_path: Path) -> None:
    """The rulebook in force; a file that is none is refused."""
    listed = command(contracted, "rules", "list")
    [book, *_] = contracted.ask("GET", "/v1/rulebooks")["items"]
    name: Any = next(value for value in book.values() if isinstance(value, str) and len(value) == 64)
    assert name[:8] in listed.stdout
    shown = command(contracted, "rules", "show", name)
    assert (shown.exit_code, bool(shown.stdout)) == (0, True)
    file = tmp_path / "rules.json"
    file.write_text(shown.stdout)
    assert command(contracted, "rules", "check", str(file)).exit_code == 0
    file.write_text("{}")
    for publishing in ("check", "publish"):
        assert command(contracted, "rules", publishing, str(file)).exit_code != 0


def test_the_log_is_exported(contracted: Living) -> None:
    """One file to verify offline, on standard output or named."""
    done = command(contracted, "audit", "export")

    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("{")


def test_the_vault_says_how_it_stands(contracted: Living) -> None:
    """Epochs and horizon; no key material."""
    done = command(contracted, "vault", "status")

    assert done.exit_code == 0, done.stderr
    assert "horizon" in done.stdout.lower()


def test_the_installed_program_is_the_same(home: Living) -> None:
    """As a process of its own: a good command ends with 0, an unknown one does not."""
    assert home.run("vault", "status").returncode == 0
    assert home.run("vault", "open").returncode != 0


def test_databases_are_upgraded(home: Living) -> None:
    """Again and again, to no harm; an unknown command is no success."""
    assert command(home, "db", "upgrade").exit_code == 0
    assert command(home, "db", "upgrade").exit_code == 0
    assert command(home, "db", "sidegrade").exit_code != 0
    assert command(home, "vault", "reconcile").exit_code == 0
