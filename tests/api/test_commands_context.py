"""What every command begins with: settings, an opened service, and one clear line on failure."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli
from api.commands_context import BadSettings, Refusal, opened, refusing, settings
from api.errors import ApiError, SettingsError
from audit.errors import LogBrokenError
from consent.errors import DecisionUnknownError
from governance.errors import LeadUnknownError


@pytest.mark.parametrize("arguments", [["db", "upgrade"], ["keys", "list"], ["serve"], ["work"]])
def test_a_bad_setting_is_one_line_and_exit_2(runner: CliRunner, arguments: list[str]) -> None:
    """Before anything is made."""
    refused = runner.invoke(cli, arguments, env={"LEADWARDEN_LISTEN": "canary"})

    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith("leadwarden: LEADWARDEN_LISTEN ")


def test_a_home_that_can_not_be_made_is_one_line(runner: CliRunner, tmp_path: Path) -> None:
    """A file stands where the directory should."""
    (tmp_path / "home").write_text("")
    refused = runner.invoke(cli, ["keys", "list"])

    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("error", [ApiError, LogBrokenError, DecisionUnknownError, LeadUnknownError])
def test_an_error_of_each_package_is_a_refusal(error: type[Exception]) -> None:
    """Exit 1 with its words; none ends in a traceback, which may hold values."""
    with pytest.raises(Refusal, match="as asked") as caught, refusing():
        raise error("as asked")

    assert caught.value.exit_code == 1


def test_a_setting_at_fault_is_told_apart() -> None:
    """Exit 2, so that a supervisor does not try again."""
    with pytest.raises(BadSettings) as caught, refusing():
        raise SettingsError("LEADWARDEN_X is wrong")

    assert caught.value.exit_code == 2


def test_an_error_that_is_not_ours_is_not_hidden() -> None:
    """A programming error must be seen."""
    with pytest.raises(ZeroDivisionError), refusing():
        _ = 1 / 0


def test_a_service_is_opened_on_an_empty_home_and_closed_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the work inside fails: the next command finds nothing locked."""
    monkeypatch.setenv("LEADWARDEN_HOME", str(tmp_path / "home"))
    with pytest.raises(Refusal), opened() as first:
        raise LeadUnknownError("nobody")
    with opened() as second:
        assert second.log_signer.vkey == first.log_signer.vkey

    assert settings().home == tmp_path / "home"
    with pytest.raises(ApiError):
        first.main.write(lambda session: session.flush())
