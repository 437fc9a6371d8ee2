"""`leadwarden demo`: the story itself is proved in tests/flows/test_demo.py; here, how it refuses."""

from pathlib import Path

from click.testing import CliRunner

from api.cli import cli


def test_a_folder_that_is_there_is_left_alone(runner: CliRunner, tmp_path: Path) -> None:
    """It may be somebody's: one line, exit 1, and nothing is made in it."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "crm.db").write_bytes(b"mine")
    refused = runner.invoke(cli, ["demo", "--folder", str(mine)])

    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert [path.name for path in mine.iterdir()] == ["crm.db"]


def test_a_file_is_no_folder(runner: CliRunner, tmp_path: Path) -> None:
    """A usage error, as click has it."""
    (tmp_path / "file").write_text("")

    assert runner.invoke(cli, ["demo", "--folder", str(tmp_path / "file")]).exit_code == 2
