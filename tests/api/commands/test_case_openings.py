"""What `leadwarden requests` opens of a person, at a terminal."""

import io
import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.background import request_letters
from api.cli import cli
from api.context import Service
from api.settings import read_settings
from api.startup import open_migrated
from governance.requests.vocabulary import RequestType
from tests.governance.requests.desk import MemoryStore, a_known_lead, a_request, an_approved, work

ANNA = "anna.berg@example.com"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own."""
    return {"LEADWARDEN_HOME": str(tmp_path / "home")}


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[Service]:
    """What others do on this home meanwhile."""
    service = open_migrated(read_settings(environment))
    yield service
    service.close()


def run(environment: dict[str, str], *arguments: str) -> Result:
    """One call of the command line."""
    return CliRunner().invoke(cli, ["requests", *arguments], env=environment)


def ended(environment: dict[str, str]) -> str:
    """An access request that has a package."""
    with serving(environment) as service:
        a_known_lead(service, ANNA)
        request_id = an_approved(service, ANNA, ["crm"], RequestType.ACCESS)
        work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    return request_id


def doubted(environment: dict[str, str]) -> tuple[str, MemoryStore]:
    """An erasure that waits for somebody's word, and its store."""
    crm = MemoryStore("crm", {2: {"email": ANNA, "name": "A. Berg"}, 3: {"email": ANNA}}, doubtful={2, 3})
    with serving(environment) as service:
        request_id = an_approved(service, ANNA, ["crm"])
        work(service, crm)
    return request_id, crm


def test_candidates_are_shown_and_decided(environment: dict[str, str]) -> None:
    """Side by side with who is asked for; then each is said to be the person, or not."""
    request_id, crm = doubted(environment)
    shown = json.loads(run(environment, "candidates", request_id, "crm").stdout)
    decided = run(environment, "decide", request_id, "crm", "--same", "c2", "--other", "c3")
    with serving(environment) as service:
        work(service, crm)

    assert shown["identities"] == [{"type": "email", "value": ANNA}]
    assert [each["id"] for each in shown["candidates"]] == ["c2", "c3"]
    assert decided.exit_code == 0
    assert set(crm.rows) == {3}
    assert json.loads(run(environment, "show", request_id).stdout)["status"] == "completed"


@pytest.mark.parametrize(
    "answers", [[], ["--same", "c2"], ["--same", "c2", "--other", "c2"], ["--same", "c2", "--same", "c9"]]
)
def test_every_candidate_is_decided_once(environment: dict[str, str], answers: list[str]) -> None:
    """Nothing is erased on half a word."""
    request_id, _ = doubted(environment)
    refused = run(environment, "decide", request_id, "crm", *answers)

    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)


def test_a_letter_is_printed_ready_to_be_posted(environment: dict[str, str]) -> None:
    """Found in the list, opened by its id."""
    with serving(environment) as service:
        request_id = a_request(service, ANNA)
        request_letters.step(service, service.clock())
    letter_id = run(environment, "letters", request_id).stdout.split()[0]
    opened = run(environment, "letter", request_id, letter_id).stdout

    assert opened.startswith(f"To: {ANNA}\nSubject: ")
    assert request_id in opened.partition("\n\n")[2]
    assert run(environment, "letter", request_id, "none").exit_code == 1


def test_the_package_is_written_for_its_owner_alone(environment: dict[str, str], tmp_path: Path) -> None:
    """A zip that was not there before."""
    target = tmp_path / "package.zip"
    request_id = ended(environment)
    written = run(environment, "package", request_id, str(target))
    with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as package:
        assert ANNA.encode() in package.read("crm.csv")

    assert written.exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    again = run(environment, "package", request_id, str(target))
    assert (again.exit_code, again.stderr) == (1, f"leadwarden: {target}: File exists\n")


def test_no_file_stays_of_a_package_that_is_not_there(environment: dict[str, str], tmp_path: Path) -> None:
    """An erasure has none; nor is there one where more were opened than may be."""
    target = tmp_path / "package.zip"
    with serving(environment) as service:
        erasure = an_approved(service, "bo@example.com", [])
    refused = run(environment, "package", erasure, str(target))
    assert (refused.exit_code, refused.stderr) == (1, "leadwarden: the request has no package\n")
    request_id, limited = ended(environment), environment | {"LEADWARDEN_OPENINGS_AN_HOUR": "1"}
    assert run(limited, "package", request_id, str(tmp_path / "first.zip")).exit_code == 0
    spent = run(limited, "package", request_id, str(target))
    assert (spent.exit_code, spent.stderr.count("\n")) == (1, 1)
    assert "as many people were opened as may be" in spent.stderr

    assert not target.exists()


def test_a_link_and_its_passphrase_come_apart(environment: dict[str, str]) -> None:
    """The one on standard output, the other on standard error."""
    request_id = ended(environment)
    made = run(environment, "package-link", request_id, "--hours", "2")
    passphrase = made.stderr.splitlines()[0].removeprefix("passphrase: ")

    assert made.stdout.startswith("http://127.0.0.1:8080/privacy/package/")
    assert made.stdout.count("\n") == 1
    assert passphrase
    assert passphrase not in made.stdout
    assert run(environment, "package-link", request_id, "--hours", "9999").exit_code == 1
