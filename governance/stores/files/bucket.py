"""Files in an S3-compatible bucket.

An object is read through a nameless local file, whole, so that half an answer is never taken for all of it;
it is replaced by a conditional put, which fails where somebody else was faster.
boto3 is loaded only when a bucket is opened.
"""

import importlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.formats import UnreadableError
from governance.stores.files.places import Address, Stamp, Write

CONNECT_SECONDS = 5
READ_SECONDS = 60
TRIES = 3
BLOCK = 1024 * 1024
LARGEST = 5 * 1024**3
"""Bytes that one put can take. Source: Amazon S3, API reference, PutObject."""
CARRIED = (
    "ContentType",
    "ContentEncoding",
    "ContentDisposition",
    "ContentLanguage",
    "CacheControl",
    "Metadata",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "StorageClass",
)
"""What is said of an object and goes with its name; with the key under which it was encrypted."""
CODES: Mapping[str, StoreCode] = {
    "NoSuchKey": StoreCode.TABLE_MISSING,
    "404": StoreCode.TABLE_MISSING,
    "NoSuchBucket": StoreCode.UNREACHABLE,
    "AccessDenied": StoreCode.PERMISSION_DENIED,
    "403": StoreCode.PERMISSION_DENIED,
    "InvalidAccessKeyId": StoreCode.PERMISSION_DENIED,
    "SignatureDoesNotMatch": StoreCode.PERMISSION_DENIED,
    "PreconditionFailed": StoreCode.LOCKED,
    "412": StoreCode.LOCKED,
    "ConditionalRequestConflict": StoreCode.LOCKED,
    "409": StoreCode.LOCKED,
    "SlowDown": StoreCode.RATE_LIMITED,
}


class Bucket:
    """A bucket, or the part of one that is below a prefix."""

    def __init__(self, address: Address) -> None:
        """Connects to nothing yet.

        Raises:
            UnreadableError: boto3 is not installed.
        """
        boto3, config = _library("boto3"), _library("botocore.config")
        self._errors = _library("botocore.exceptions")
        self._bucket, prefix = address.host, address.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._client = boto3.client(
            "s3",
            region_name=address.options.get("region"),
            endpoint_url=address.options.get("endpoint"),
            aws_access_key_id=address.user,
            aws_secret_access_key=address.password,
            config=config.Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": TRIES, "mode": "standard"},
            ),
        )

    def names(self) -> Iterator[str]:
        """The objects below the prefix."""
        with self._translated():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for found in page.get("Contents", []):
                    name = found["Key"].removeprefix(self._prefix)
                    if name and not name.endswith("/"):
                        yield name

    @contextmanager
    def open(self, name: str) -> Iterator[tuple[BinaryIO, Stamp]]:
        """An object, fetched whole."""
        with self._fetched(name) as (stream, answer):
            yield stream, Stamp((answer["ETag"],))

    def rewrite(self, name: str, write: Write) -> None:
        """Puts the new object if the old one is still what was read."""
        with self._fetched(name) as (source, answer), _nameless() as target:
            if not write(source, target):
                return
            size = target.seek(0, 2)
            target.seek(0)
            if size > LARGEST:
                raise UnreadableError("is larger than one put can be")
            carried = {field: answer[field] for field in CARRIED if answer.get(field)}
            with self._translated():
                self._put(name, target, answer["ETag"], carried)

    def keeps_old_versions(self) -> bool:
        """Whether the bucket is versioned, or was; what is not told is taken for no."""
        with self._translated():
            try:
                answer = self._client.get_bucket_versioning(Bucket=self._bucket)
            except self._errors.ClientError as error:
                if _code(error) in {"NotImplemented", "MethodNotAllowed"}:
                    return False
                raise
        return answer.get("Status") in {"Enabled", "Suspended"}

    def old_versions(self, name: str) -> int:
        """How many there are, markers of deletion left out."""
        return sum(1 for _ in self._old(name))

    def delete_old_versions(self, name: str) -> None:
        """Deletes each by its id."""
        for version in list(self._old(name)):
            with self._translated():
                self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name, VersionId=version)

    def close(self) -> None:
        """Lets the connections go."""
        self._client.close()

    def _old(self, name: str) -> Iterator[str]:
        if not self.keeps_old_versions():
            return
        key = self._prefix + name
        with self._translated():
            pages = self._client.get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self._bucket, Prefix=key):
                for found in page.get("Versions", []):
                    if found["Key"] == key and not found["IsLatest"]:
                        yield found["VersionId"]

    @contextmanager
    def _fetched(self, name: str) -> Iterator[tuple[BinaryIO, dict[str, Any]]]:
        with _nameless() as stream:
            with self._translated():
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
                for block in answer["Body"].iter_chunks(BLOCK):
                    stream.write(block)
            stream.seek(0)
            yield stream, answer

    def _put(self, name: str, body: BinaryIO, etag: str, carried: dict[str, Any]) -> None:
        """A put on condition; where a store knows none, the last look is as late as can be."""
        asked = {"Bucket": self._bucket, "Key": self._prefix + name, **carried}
        try:
            self._client.put_object(Body=body, IfMatch=etag, **asked)
        except self._errors.ClientError as error:
            if _code(error) != "NotImplemented":
                raise
        else:
            return
        if self._client.head_object(Bucket=self._bucket, Key=self._prefix + name)["ETag"] != etag:
            raise StoreError(StoreCode.LOCKED, name)
        body.seek(0)
        self._client.put_object(Body=body, **asked)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raises `StoreError` for what the library raises; its words quote keys."""
        code: StoreCode | None = None
        try:
            yield
        except self._errors.ClientError as error:
            code = CODES.get(_code(error), StoreCode.UNREACHABLE)
        except self._errors.NoCredentialsError:
            code = StoreCode.PERMISSION_DENIED
        except (self._errors.ReadTimeoutError, self._errors.ConnectTimeoutError):
            code = StoreCode.TIMED_OUT
        except self._errors.BotoCoreError:
            code = StoreCode.UNREACHABLE
        if code is not None:
            raise StoreError(code) from None


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _nameless() -> Iterator[BinaryIO]:
    """A local file without a name: gone when it is closed, also by a crash."""
    with tempfile.TemporaryFile(prefix="leadwarden-") as stream:
        yield cast("BinaryIO", stream)


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UnreadableError("needs boto3 to be read: say `make extra`") from None
