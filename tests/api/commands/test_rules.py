"""`leadwarden rules`, as a person uses it."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from api.cli import cli
from consent.rulebook import starting_rulebook


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An empty home."""
    return {"LEADWARDEN_HOME": str(tmp_path / "home")}


def run(environment: dict[str, str], *words: str) -> Result:
    """`leadwarden rules …`."""
    return CliRunner().invoke(cli, ["rules", *words], env=environment)


@pytest.fixture
def file(environment: dict[str, str], tmp_path: Path) -> Path:
    """What `show` prints, in a file."""
    path = tmp_path / "rules.yaml"
    path.write_text(run(environment, "show").stdout)
    return path


def test_changed_content_under_a_version_that_is_taken_is_refused_by_its_place(
    environment: dict[str, str], file: Path
) -> None:
    """The officer reads what to change, not only that something is wrong."""
    file.write_text(file.read_text().replace("stale_after:", "stale_after: 11 months #", 1))
    refused = run(environment, "publish", str(file))
    assert refused.exit_code == 1
    assert "version: names another rulebook; give this one a version of its own" in refused.stderr


def test_what_is_shown_can_be_checked_and_published(environment: dict[str, str], file: Path) -> None:
    """The round trip of an officer who changes nothing; the person who published can not confirm."""
    checked = run(environment, "check", str(file))
    assert (checked.exit_code, checked.stdout.splitlines()[0]) == (
        0,
        f"passes: {starting_rulebook().version} {starting_rulebook().hash}",
    )
    assert "cases answered otherwise: 0" in checked.stdout

    published = run(environment, "publish", str(file), "--effective-from", "2027-01-01")
    assert published.exit_code == 0
    confirmed = run(environment, "confirm", published.stdout.strip())
    assert confirmed.exit_code == 1
    assert "can not confirm" in confirmed.stderr

    listed = run(environment, "list").stdout.splitlines()
    assert [line.split()[2] for line in listed] == ["waiting", "active"]


def test_a_change_is_shown_before_it_is_made(environment: dict[str, str], file: Path) -> None:
    """Cases that would be answered otherwise, each by its name."""
    document = yaml.safe_load(file.read_text())
    document["notice_within"] = "2 months"
    file.write_text(yaml.safe_dump(document))
    checked = run(environment, "check", str(file))

    assert checked.exit_code == 0
    assert "NO-02 promise a day too late: deny NOTICE_ART14_OVERDUE -> allow" in checked.stdout


def test_a_rulebook_that_does_not_pass(environment: dict[str, str], file: Path) -> None:
    """Exit 1, every fault on a line of its own; publishing refuses it too."""
    document = yaml.safe_load(file.read_text())
    document["notice_within"] = "soon"
    file.write_text(yaml.safe_dump(document))
    for verb in ("check", "publish"):
        refused = run(environment, verb, str(file))
        assert refused.exit_code == 1
        assert "notice_within: must be like" in refused.stderr


@pytest.mark.parametrize("text", ["a: [", "just a text", ""])
def test_a_file_that_is_no_rulebook(environment: dict[str, str], tmp_path: Path, text: str) -> None:
    """One clear line."""
    path = tmp_path / "other.yaml"
    path.write_text(text)
    refused = run(environment, "check", str(path))

    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1
