"""`api.kms`: `LEADWARDEN_KMS` read closely, and credentials only from where the provider's tools look."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from api.kms import kms_place, open_provider, vault_token
from governance.errors import RootRefusedError
from governance.vault.aws import AwsPlace
from governance.vault.transit import TransitPlace

VAULT = "https://vault.example:8200"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"transit:{VAULT}/transit/leadwarden", TransitPlace(VAULT, "transit", "leadwarden")),
        (
            f"transit:{VAULT}/eu/transit/lw?snapshots=30",
            TransitPlace(VAULT, "eu/transit", "lw", snapshots_kept=timedelta(days=30)),
        ),
        (
            "transit:http://127.0.0.1:8200/transit/lw?snapshots=0",
            TransitPlace("http://127.0.0.1:8200", "transit", "lw", snapshots_kept=timedelta(0)),
        ),
        ("aws:alias/leadwarden", AwsPlace("alias/leadwarden")),
        ("aws:alias/a/b?region=eu-central-1&days=30", AwsPlace("alias/a/b", "eu-central-1", 30)),
        (
            "aws:arn:aws:kms:eu-west-1:111122223333:alias/leadwarden",
            AwsPlace("alias/leadwarden", "eu-west-1"),
        ),
    ],
)
def test_a_provider_is_named_in_one_line(text: str, expected: object) -> None:
    """Where, and what the horizon needs to know."""
    assert kms_place(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("vault", "must begin with"),
        (f"transit:{VAULT}", "must be transit"),
        (f"transit:{VAULT}/transit", "must be transit"),
        (f"transit:{VAULT}/transit/Lead Warden", "must be transit"),
        (f"transit:{VAULT}/../transit/leadwarden", "must be transit"),
        (f"transit:{VAULT}/transit/leadwarden?snapshots=", "must be transit"),
        (f"transit:{VAULT}/transit/leadwarden?snapshots=ten", "must be transit"),
        (f"transit:{VAULT}/transit/leadwarden?token=canary", "must be transit"),
        ("transit:https://me:canary@vault.example/transit/leadwarden", "must not hold credentials"),
        ("transit:http://vault.example:8200/transit/leadwarden", "must be transit"),
        ("transit:https://vault.example:abc/transit/leadwarden", "must be transit"),
        ("aws:alias/aws/kms", "must be aws"),
        ("aws:leadwarden", "must be aws"),
        ("aws:alias/leadwarden?days=6", "must be aws"),
        ("aws:alias/leadwarden?days=7&days=8", "must be aws"),
        ("aws:arn:aws:kms:eu-west-1:111122223333:key/1234abcd", "each epoch needs a key of its own"),
    ],
)
def test_anything_else_is_refused_without_repeating_it(text: str, why: str) -> None:
    """Also plain HTTP to another machine, and one KMS key for everything."""
    with pytest.raises(ValueError, match=why) as caught:
        kms_place(text)

    assert "canary" not in str(caught.value)


def test_the_token_is_where_the_vaults_own_tools_find_it(tmp_path: Path) -> None:
    """The environment first; the file is read anew, as an agent may replace it."""
    environment = {"HOME": str(tmp_path)}
    with pytest.raises(RootRefusedError, match="no token"):
        vault_token(environment)
    for written in ("first", "second"):
        (tmp_path / ".vault-token").write_text(f"{written}\n", encoding="ascii")
        assert vault_token(environment) == written

    assert vault_token({**environment, "VAULT_TOKEN": "given"}) == "given"
    assert vault_token({**environment, "VAULT_TOKEN": "given", "BAO_TOKEN": "bao"}) == "bao"


def test_a_provider_is_opened_without_being_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And shows nothing of where it is."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    places = (TransitPlace(VAULT, "transit", "leadwarden"), AwsPlace("alias/leadwarden", "eu-central-1"))
    opened = [open_provider(place, {"HOME": str(tmp_path)}) for place in places]

    assert [repr(each) for each in opened] == ["Transit()", "AwsKms()"]


def test_certificates_that_can_not_be_read_stop_the_start(tmp_path: Path) -> None:
    """Rather than trusting others."""
    environment = {"VAULT_CACERT": str(tmp_path / "none.pem")}
    with pytest.raises(RootRefusedError, match="VAULT_CACERT"):
        open_provider(TransitPlace(VAULT, "transit", "leadwarden"), environment)


def test_nothing_of_aws_is_loaded_before_it_is_named() -> None:
    """boto3 is an extra: a start without it works, and is quicker."""
    program = "import sys, api.cli, api.server; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
