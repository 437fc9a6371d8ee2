"""`leadwarden stores`: from a database to a reviewed, registered and tried description."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import cli
from api.demo.crm import MAPPING, build
from governance.stores.yaml_text import read_yaml
from tests.fakes import plain
from tests.fakes.serving import served

VARIABLE = "LEADWARDEN_STORE_CRM"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, and a CRM beside it."""
    build(tmp_path / "crm.db", leads=60)
    return {"LEADWARDEN_HOME": str(tmp_path / "home"), VARIABLE: f"sqlite:///{tmp_path / 'crm.db'}"}


def run(environment: dict[str, str], *arguments: str) -> Result:
    """One call of the command line."""
    return CliRunner().invoke(cli, ["stores", *arguments], env=environment)


def test_a_scan_prints_a_proposal_that_can_be_added(tmp_path: Path, environment: dict[str, str]) -> None:
    """YAML on standard output, nothing else; taken in as it is, for it is not active."""
    scanned = run(environment, "scan", "--key", "crm", "--url", f"env:{VARIABLE}")
    assert scanned.exit_code == 0, scanned.output
    assert "sqlite:" not in scanned.stdout
    assert "advice: tables.contacts.email: an index on lower(trim(email))" in scanned.stderr
    (tmp_path / "crm.yaml").write_text(scanned.stdout)
    added = run(environment, "add", str(tmp_path / "crm.yaml"))
    assert added.exit_code == 0, added.output
    assert "not active" in added.stderr


def test_a_scan_says_what_is_wrong_with_its_address(environment: dict[str, str]) -> None:
    """An address in clear is no reference, and a variable that is not set is named."""
    clear = run(environment, "scan", "--key", "crm", "--url", "sqlite:///crm.db")
    assert clear.exit_code == 1
    assert "url: must be a reference" in clear.stderr
    unset = run(environment, "scan", "--key", "crm", "--url", "env:LEADWARDEN_STORE_NONE")
    assert unset.exit_code == 1
    assert unset.stderr == "LEADWARDEN_STORE_NONE is not set\nleadwarden: unreachable\n"


def test_a_test_names_the_variable_that_is_not_set(environment: dict[str, str]) -> None:
    """Beside the code that a store without its address gets; adding an active one names it too."""
    run(environment, "add", str(MAPPING))
    without = {**environment, VARIABLE: None}
    tried = CliRunner().invoke(cli, ["stores", "test", "crm"], env=without)
    assert tried.stderr == f"{VARIABLE} is not set\n"
    assert tried.stdout == "not reachable\nproblem: url: unreachable\n"
    added = CliRunner().invoke(cli, ["stores", "add", str(MAPPING)], env=without)
    assert f"{VARIABLE} is not set" in added.stderr


def test_a_store_that_has_to_be_asked_again_is_asked_in_silence(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """What came of it is said, on standard output; nothing else."""
    with served(plain.PlainCrm()) as base:
        document = plain.document(base) | {"active": False}
    (tmp_path / "http.json").write_text(json.dumps(document))
    environment |= {"LEADWARDEN_STORE_PLAIN": plain.TOKEN, "LEADWARDEN_STORE_PRIVATE_HOSTS": "127.0.0.1"}
    assert run(environment, "add", str(tmp_path / "http.json")).exit_code == 0
    tried = run(environment, "test", document["store"])

    assert (tried.exit_code, tried.stderr) == (1, "")
    assert tried.stdout.startswith("not reachable\n")


def test_well_known_systems_are_described(environment: dict[str, str]) -> None:
    """As YAML with its comments; an unknown system is refused."""
    printed = run(environment, "describe", "hubspot")
    assert printed.exit_code == 0
    assert read_yaml(printed.stdout)["store"] == "hubspot"
    assert "Sources" in printed.stdout
    assert run(environment, "describe", "none").exit_code == 2


def test_a_reviewed_document_is_added_and_tried(environment: dict[str, str]) -> None:
    """The demo's own mapping is active at once; a test finds nothing against it, and one thing to advise."""
    assert run(environment, "add", str(MAPPING)).exit_code == 0
    tried = run(environment, "test", "crm")
    assert tried.exit_code == 0
    reachable, *advice = tried.stdout.splitlines()
    assert reachable == "reachable"
    assert [line.partition(":")[0] for line in advice] == ["advice"] * len(advice)


def test_declared_periods_are_shown_where_a_store_is_tested(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """In the words in which people are told of them; one that is no duration is refused by its place."""
    described = tmp_path / "kept.yaml"
    period = "retention: {direct_marketing: {kept: P2Y, from: the last contact, because: our rule}}\n"
    described.write_text(MAPPING.read_text("utf-8") + period, "utf-8")
    assert run(environment, "add", str(described)).exit_code == 0
    tried = run(environment, "test", "crm").stdout
    assert "\nkept: direct marketing: 2 years from the last contact (our rule)." in tried

    described.write_text(described.read_text("utf-8").replace("P2Y", "long"), "utf-8")
    assert "retention.direct_marketing.kept: " in run(environment, "add", str(described)).stderr


def test_a_store_that_is_gone_fails_its_test(tmp_path: Path, environment: dict[str, str]) -> None:
    """Exit 1, and a closed code in place of the driver's words."""
    run(environment, "add", str(MAPPING))
    (tmp_path / "crm.db").unlink()
    tried = run(environment, "test", "crm")
    assert tried.exit_code == 1
    assert tried.stdout == "not reachable\nproblem: url: unreachable\n"


def test_a_document_that_can_not_work_is_refused(tmp_path: Path, environment: dict[str, str]) -> None:
    """Each place that is wrong is named."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("store: crm\nkind: sql\nurl: sqlite:///x\ntables: {contacts: {erase: burn}}\n")
    refused = run(environment, "add", str(broken))
    assert refused.exit_code == 1
    assert "url: must be a reference" in refused.stderr
    assert "tables.contacts.erase: must be one of" in refused.stderr
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(MAPPING.read_text().replace("{email: email, phone: phone}", "{mail: email}"))
    refused = run(environment, "add", str(wrong))
    assert refused.exit_code == 1
    assert "tables.contacts.mail: there is no such column" in refused.stderr


def test_a_store_is_deleted(environment: dict[str, str]) -> None:
    """Once; then it is unknown."""
    run(environment, "add", str(MAPPING))
    deleted = run(environment, "delete", "crm")
    assert deleted.exit_code == 0, deleted.output
    assert run(environment, "delete", "crm").exit_code == 1
