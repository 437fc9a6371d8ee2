"""The demo's own service: started in a folder, waited for, ended with the block, no key left behind."""

import os
from pathlib import Path

import pytest

from api.demo.running import ServiceFailedError, service
from api.lock import held


def test_a_service_of_its_own_runs_until_the_block_ends(tmp_path: Path) -> None:
    """With a key for each role; afterwards the home is free, and no file holds a key."""
    home = tmp_path / "home"
    with service(home, {}) as started:
        officer, administrator = started.door("compliance_officer"), started.door("administrator")
        answers = [officer.call("GET", "/v1/privacy-requests"), administrator.call("GET", "/v1/keys")]
        assert [answer.status for answer in answers] == [200, 200]
        assert officer.key not in repr(started)

    with held(home):
        pass
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    tokens = (officer.key.encode(), administrator.key.encode())
    assert [path for path in files if any(token in path.read_bytes() for token in tokens)] == []
    assert started.log in files


def test_settings_of_this_machine_are_not_the_demos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not touch somebody's own Leadwarden, nor say nothing when a setting of its own is wrong."""
    monkeypatch.setenv("LEADWARDEN_HOME", str(tmp_path / "mine"))
    with (
        pytest.raises(ServiceFailedError, match="code 2"),
        service(tmp_path / "home", {"LEADWARDEN_THREADS": "x"}),
    ):
        pass

    assert os.environ["LEADWARDEN_HOME"] == str(tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
    assert "LEADWARDEN_THREADS" in (tmp_path / "home.log").read_text()
