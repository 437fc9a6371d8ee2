"""`governance.vault.aws`: what is left at AWS, what is refused there, and what is told of it."""

import importlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
import stamina
from botocore.exceptions import (
    ConnectTimeoutError,
    NoCredentialsError,
)
from botocore.stub import Stubber
from moto import mock_aws

from governance.errors import (
    RootKeyMissingError,
    RootRefusedError,
    RootUnavailableError,
    VaultError,
    WrapBrokenError,
)
from governance.vault.aws import AwsKms, AwsPlace
from tests.governance.vault.strict_kms import strictly

REGION = "eu-central-1"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-of-the-secret")


@pytest.fixture
def kms() -> Iterator[AwsKms]:
    """A client of an empty account."""
    with mock_aws(), strictly():
        yield AwsKms(AwsPlace("alias/leadwarden", REGION, days=9))


def held() -> list[dict[str, Any]]:
    """The KMS keys of the account, as AWS describes them."""
    client = boto3.client("kms", region_name=REGION)
    return [client.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in client.list_keys()["Keys"]]


def aliases() -> set[str]:
    """The names of the account's keys."""
    found = boto3.client("kms", region_name=REGION).list_aliases()["Aliases"]
    return {each["AliasName"] for each in found if not each["AliasName"].startswith("alias/aws/")}


def test_a_name_is_a_kms_key_of_its_own(kms: AwsKms) -> None:
    """One that encrypts, under an alias that says whose it is."""
    kms.create("epoch-a")
    kms.create("epoch-a")

    assert [key["KeyUsage"] for key in held()] == ["ENCRYPT_DECRYPT"]
    assert aliases() == {"alias/leadwarden-epoch-a"}


def test_a_destroyed_key_waits_for_its_deletion_as_long_as_the_horizon_says(kms: AwsKms) -> None:
    """And its name is free."""
    kms.create("epoch-a")
    kms.destroy("epoch-a")
    [key] = held()

    assert key["KeyState"] == "PendingDeletion"
    assert aliases() == set()
    assert kms.destruction_delay == timedelta(days=9)


def test_a_destruction_that_broke_off_is_finished_by_the_next(kms: AwsKms) -> None:
    """Killed between the schedule and the alias."""
    kms.create("epoch-a")
    client = boto3.client("kms", region_name=REGION)
    client.schedule_key_deletion(KeyId=held()[0]["KeyId"], PendingWindowInDays=30)
    kms.destroy("epoch-a")

    assert aliases() == set()


@pytest.mark.parametrize("state", ["disable_key", "schedule_key_deletion"])
def test_a_key_that_somebody_stopped_opens_nothing(kms: AwsKms, state: str) -> None:
    """By hand, in the console."""
    kms.create("epoch-a")
    wrapped = kms.wrap("epoch-a", b"a key", b"about")
    getattr(boto3.client("kms", region_name=REGION), state)(KeyId=held()[0]["KeyId"])

    with pytest.raises((RootRefusedError, RootKeyMissingError)):
        kms.unwrap("epoch-a", wrapped, b"about")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ThrottlingException", RootUnavailableError),
        ("KMSInternalException", RootUnavailableError),
        ("AccessDeniedException", RootRefusedError),
        ("ExpiredTokenException", RootRefusedError),
        ("NotFoundException", RootKeyMissingError),
        ("InvalidCiphertextException", WrapBrokenError),
    ],
)
def test_an_answer_of_aws_is_told_by_its_code_alone(
    kms: AwsKms, code: str, expected: type[VaultError]
) -> None:
    """The message may quote what was sent."""
    with Stubber(kms._client) as stub:  # noqa: SLF001 -- botocore's way to answer for AWS
        stub.add_client_error("decrypt", code, "canary of a message")
        with pytest.raises(expected) as caught:
            kms.unwrap("epoch-a", b"wrapped", b"about")

    assert str(caught.value) == f"AWS KMS answers {code}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectTimeoutError(endpoint_url="https://canary.example"), RootUnavailableError),
        (NoCredentialsError(), RootRefusedError),
    ],
)
def test_no_answer_is_an_outage_and_no_credentials_are_a_refusal(
    kms: AwsKms, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[VaultError]
) -> None:
    """The one passes by itself."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(kms._client, "_make_api_call", fail)  # noqa: SLF001 -- below it is the network
    with pytest.raises(expected) as caught:
        kms.create("epoch-a")

    assert "canary" not in repr(caught.value)


def test_without_boto3_one_is_told_what_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(RootRefusedError, match="make extra"):
        AwsKms(AwsPlace("alias/leadwarden", REGION))


def test_without_a_region_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are not made wherever a default happens to be."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(RootRefusedError, match="NoRegionError"):
        AwsKms(AwsPlace("alias/leadwarden"))


def test_a_new_alias_is_waited_for(kms: AwsKms, monkeypatch: pytest.MonkeyPatch) -> None:
    """KMS is eventually consistent."""
    stamina.set_testing(True, attempts=3)
    answers = iter([False, False, True])
    client = kms._client  # noqa: SLF001 -- below it is the network
    call = client._make_api_call  # noqa: SLF001

    def late(operation: str, arguments: dict[str, Any]) -> Any:
        if operation == "DescribeKey" and not next(answers):
            raise client.exceptions.NotFoundException({"Error": {"Code": "NotFoundException"}}, operation)
        return call(operation, arguments)

    monkeypatch.setattr(client, "_make_api_call", late)
    kms.create("epoch-a")
    stamina.set_testing(False)

    assert list(answers) == []
