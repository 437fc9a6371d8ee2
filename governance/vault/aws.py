"""Root keys in AWS KMS: a symmetric KMS key for each name, found by its alias `<prefix>-<name>`.

What makes older key-store backups unreadable is the end of the KMS key, and AWS ends none before 7 days:
until then whoever may cancel the deletion can bring it back. That wait is the delay of destruction.

boto3 is loaded when it is needed (`make extra`). It finds credentials by its own rules (environment, profile,
role), and we never see them.
"""

import base64
import importlib
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import stamina

from governance.errors import (
    RootKeyMissingError,
    RootRefusedError,
    RootUnavailableError,
    VaultError,
    WrapBrokenError,
)

CONNECT_SECONDS = 3
READ_SECONDS = 5
TRIES = 3
KNOWN_AFTER_SECONDS = 10.0  # KMS is eventually consistent: a new alias may take a moment
LEAST_DAYS, MOST_DAYS = 7, 30
GOING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})

ERRORS: dict[str, type[VaultError]] = {
    **dict.fromkeys(("NotFoundException", "KMSInvalidStateException"), RootKeyMissingError),
    **dict.fromkeys(("InvalidCiphertextException", "IncorrectKeyException"), WrapBrokenError),
    **dict.fromkeys(
        (
            "DependencyTimeoutException",
            "KMSInternalException",
            "KeyUnavailableException",
            "LimitExceededException",
            "InternalFailure",
            "ServiceUnavailable",
            "ThrottlingException",
            "RequestTimeout",
        ),
        RootUnavailableError,
    ),
}


@dataclass(frozen=True, slots=True)
class AwsPlace:
    """`alias` (`alias/<prefix>`) begins the names of our keys; `days` is how long a deletion waits."""

    alias: str
    region: str | None = None
    days: int = LEAST_DAYS


class AwsKms:
    """A client of KMS in one region."""

    name = "aws"

    def __init__(self, place: AwsPlace) -> None:
        """Opens a client; nothing is asked yet.

        Raises:
            RootRefusedError: boto3 is not installed, or no region is known.
        """
        self._place = place
        self._botocore = _extra("botocore.exceptions")
        config = _extra("botocore.config").Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
        )
        try:
            session = _extra("boto3").session.Session(region_name=place.region)
            self._client: Any = session.client("kms", config=config)
        except self._botocore.BotoCoreError as error:
            raise RootRefusedError(f"AWS KMS can not be opened: {type(error).__name__}") from None

    def __repr__(self) -> str:
        return "AwsKms()"

    @property
    def destruction_delay(self) -> timedelta:
        """The wait before AWS deletes a key."""
        return timedelta(days=self._place.days)

    def tend(self) -> None:
        """boto3 renews its credentials itself."""

    def create(self, key_name: str) -> None:
        """See `RootKeys.create`. The alias decides a race; the loser's KMS key is scheduled for deletion."""
        try:
            self._described(key_name)
        except RootKeyMissingError:
            pass
        else:
            return
        made = self._call(
            "create_key",
            Description=f"Leadwarden {key_name}",
            KeySpec="SYMMETRIC_DEFAULT",
            KeyUsage="ENCRYPT_DECRYPT",
            MultiRegion=False,
        )["KeyMetadata"]["KeyId"]
        try:
            self._client.create_alias(AliasName=self._alias(key_name), TargetKeyId=made)
        except self._client.exceptions.AlreadyExistsException:
            self._schedule(made)
        except self._botocore.ClientError as error:
            self._schedule(made)
            raise _translated(error) from None
        except self._botocore.BotoCoreError as error:
            raise _unavailable(error) from None
        for attempt in stamina.retry_context(
            on=RootKeyMissingError, attempts=None, timeout=KNOWN_AFTER_SECONDS
        ):
            with attempt:
                self._described(key_name)

    def wrap(self, key_name: str, plaintext: bytes, about: bytes) -> bytes:
        """See `RootKeys.wrap`."""
        about_it = {"KeyId": self._alias(key_name), "EncryptionContext": _context(about)}
        return bytes(self._call("encrypt", Plaintext=plaintext, **about_it)["CiphertextBlob"])

    def unwrap(self, key_name: str, wrapped: bytes, about: bytes) -> bytes:
        """See `RootKeys.unwrap`."""
        about_it = {"KeyId": self._alias(key_name), "EncryptionContext": _context(about)}
        return bytes(self._call("decrypt", CiphertextBlob=wrapped, **about_it)["Plaintext"])

    def destroy(self, key_name: str) -> None:
        """Schedules the deletion, then frees the name: a crash in between is made good by the next call."""
        try:
            found = self._described(key_name)
        except RootKeyMissingError:
            return
        if found["KeyState"] not in GOING:
            self._schedule(found["KeyId"])
        try:
            self._call("delete_alias", AliasName=self._alias(key_name))
        except RootKeyMissingError:
            return  # another process was faster

    def _described(self, key_name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._call("describe_key", KeyId=self._alias(key_name))["KeyMetadata"]
        return found

    def _schedule(self, key_id: str) -> None:
        self._call("schedule_key_deletion", KeyId=key_id, PendingWindowInDays=self._place.days)

    def _alias(self, key_name: str) -> str:
        return f"{self._place.alias}-{key_name}"

    def _call(self, operation: str, **arguments: object) -> Any:
        try:
            return getattr(self._client, operation)(**arguments)
        except self._botocore.ClientError as error:
            raise _translated(error) from None
        except self._botocore.BotoCoreError as error:
            raise _unavailable(error) from None


def _translated(error: Any) -> VaultError:
    """By its code alone: the message may quote what was sent."""
    code = str(error.response.get("Error", {}).get("Code", "unknown"))
    return ERRORS.get(code, RootRefusedError)(f"AWS KMS answers {code}")


def _unavailable(error: Exception) -> VaultError:
    """No answer; missing credentials are for a person to put right."""
    refused = "Credential" in type(error).__name__ or "Region" in type(error).__name__
    kind = RootRefusedError if refused else RootUnavailableError
    return kind(f"AWS KMS can not be asked: {type(error).__name__}")


def _context(about: bytes) -> dict[str, str]:
    return {"leadwarden": base64.b64encode(about).decode()}


def _extra(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise RootRefusedError("AWS KMS needs boto3, which is not installed: say `make extra`") from None
