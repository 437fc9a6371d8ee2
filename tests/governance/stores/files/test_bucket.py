"""A bucket is read whole, written on condition, and its old versions are not forgotten."""

import socket
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files import bucket as buckets
from governance.stores.files.bucket import Bucket
from governance.stores.files.formats import UnreadableError
from governance.stores.files.places import read_address
from governance.stores.protocol import PersonTerms, PlannedAction
from tests.governance.stores.factories import email
from tests.governance.stores.files.conftest import Shelf, client_of, opened

TABLE = {"a.csv": {"identity": {"email": "email"}, "erase": "delete"}}
JANE = email("jane@x.example")
PEOPLE = b"email\njane@x.example\nbob@x.example\n"


def place_of(shelf: Shelf) -> Bucket:
    """The bucket behind a shelf."""
    return Bucket(read_address(shelf.url))


def client_and_name(shelf: Shelf) -> tuple[Any, str]:
    """A client of the tests' own, and the bucket's name."""
    address = read_address(shelf.url)
    return client_of(address.options["endpoint"]), address.host


def version(shelf: Shelf) -> None:
    """Makes the bucket keep what is replaced."""
    client, name = client_and_name(shelf)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def refused(attempt: Callable[[], object]) -> StoreCode:
    """The code with which an attempt is refused."""
    with pytest.raises(StoreError) as error:
        attempt()
    return error.value.reason


def test_what_is_said_of_an_object_stays_with_it(bucket: Shelf) -> None:
    """Its type and its own metadata; nothing is put where nothing differs."""
    client, name = client_and_name(bucket)
    client.put_object(
        Bucket=name, Key="daily/a.csv", Body=b"old", ContentType="text/csv", Metadata={"made-by": "crm"}
    )
    before = client.head_object(Bucket=name, Key="daily/a.csv")["ETag"]
    place = place_of(bucket)
    place.rewrite("a.csv", lambda _source, _target: False)
    assert client.head_object(Bucket=name, Key="daily/a.csv")["ETag"] == before
    place.rewrite("a.csv", lambda source, target: bool(target.write(source.read() + b" and new")))
    found = client.get_object(Bucket=name, Key="daily/a.csv")
    assert found["Body"].read() == b"old and new"
    assert (found["ContentType"], found["Metadata"]) == ("text/csv", {"made-by": "crm"})
    place.close()


def test_an_object_stays_encrypted_under_its_own_key(bucket: Shelf) -> None:
    """Rather than under whatever the bucket takes by itself."""
    client, name = client_and_name(bucket)
    key = "arn:aws:kms:eu-central-1:123456789012:key/6f1c3c2e-0000-4000-8000-000000000000"
    client.put_object(
        Bucket=name,
        Key="daily/a.csv",
        Body=b"old",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
        StorageClass="STANDARD_IA",
    )
    place = place_of(bucket)
    place.rewrite("a.csv", lambda _source, target: bool(target.write(b"new")))
    place.close()
    found = client.get_object(Bucket=name, Key="daily/a.csv")
    said = (found["ServerSideEncryption"], found["SSEKMSKeyId"], found["StorageClass"])
    assert (found["Body"].read(), said) == (b"new", ("aws:kms", key, "STANDARD_IA"))


def test_a_change_by_somebody_else_is_noticed(bucket: Shelf) -> None:
    """While the new object was made: the put fails, and a retry will help."""
    bucket.put("a.csv", b"old")

    def write(_source: BinaryIO, target: BinaryIO) -> bool:
        bucket.put("a.csv", b"theirs")
        return bool(target.write(b"new"))

    assert refused(lambda: place_of(bucket).rewrite("a.csv", write)) is StoreCode.LOCKED
    assert bucket.get("a.csv") == b"theirs"


def test_a_store_without_conditions_is_looked_at_once_more(
    bucket: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some S3-compatible ones refuse a conditional put."""
    bucket.put("a.csv", b"old")
    place = place_of(bucket)
    put = place._client.put_object  # noqa: SLF001 - stands for a server that knows less

    def plain(**asked: Any) -> Any:
        if "IfMatch" in asked:
            raise place._errors.ClientError({"Error": {"Code": "NotImplemented"}}, "PutObject")  # noqa: SLF001
        return put(**asked)

    monkeypatch.setattr(place._client, "put_object", plain)  # noqa: SLF001
    place.rewrite("a.csv", lambda _source, target: bool(target.write(b"new")))
    assert bucket.get("a.csv") == b"new"

    def write(_source: BinaryIO, target: BinaryIO) -> bool:
        bucket.put("a.csv", b"theirs")
        return bool(target.write(b"new"))

    assert refused(lambda: place.rewrite("a.csv", write)) is StoreCode.LOCKED
    assert bucket.get("a.csv") == b"theirs"


def test_what_is_not_there_has_its_code(bucket: Shelf) -> None:
    """An object, a bucket, a server."""
    place = place_of(bucket)
    assert refused(lambda: place.rewrite("gone.csv", lambda _s, _t: True)) is StoreCode.TABLE_MISSING
    elsewhere = Bucket(read_address(bucket.url.replace("@exports-", "@nobodys-")))
    assert refused(lambda: list(elsewhere.names())) is StoreCode.UNREACHABLE
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"s3://k:s@exports?region=eu-central-1&endpoint=http://127.0.0.1:{free.getsockname()[1]}"
    assert refused(lambda: list(Bucket(read_address(closed)).names())) is StoreCode.UNREACHABLE


def test_an_object_too_large_for_one_put_is_refused(bucket: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a sentence, before anything is put."""
    bucket.put("a.csv", b"old")
    monkeypatch.setattr(buckets, "LARGEST", 3)
    with pytest.raises(UnreadableError):
        place_of(bucket).rewrite("a.csv", lambda _source, target: bool(target.write(b"four")))
    assert bucket.get("a.csv") == b"old"


def test_old_versions_go_where_the_document_says_so(bucket: Shelf) -> None:
    """Those of the files that were touched; until then they count as remaining."""
    version(bucket)
    bucket.put("a.csv", PEOPLE)
    bucket.put("a.csv.bak", PEOPLE)
    bucket.put("a.csv.bak", PEOPLE)
    store = opened(bucket, TABLE, old_versions="delete")
    found = store.find([JANE])
    bucket.put("a.csv", b"email\nbob@x.example\n")
    assert store.remaining(found, [JANE]) == {"a.csv (old versions)": 1}
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {}
    place = place_of(bucket)
    assert (place.old_versions("a.csv"), place.old_versions("a.csv.bak")) == (0, 1)
    store.close()


def test_old_versions_of_a_file_that_was_rotated_away_go_as_well(bucket: Shelf) -> None:
    """Deleted, it is only hidden: who was in it still is."""
    version(bucket)
    bucket.put("1.csv", PEOPLE)
    bucket.put("2.csv", b"email\nbob@x.example\n")
    store = opened(bucket, {"*.csv": TABLE["a.csv"]}, old_versions="delete")
    found = store.find([JANE])
    bucket.drop("1.csv")
    assert store.remaining(found, [JANE]) == {"*.csv (old versions)": 1}
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {}
    assert place_of(bucket).old_versions("1.csv") == 0
    store.close()


def test_old_versions_that_stay_are_named_in_the_plan(bucket: Shelf) -> None:
    """So that the officer signs for them, and the certificate says that they are there."""
    version(bucket)
    bucket.put("a.csv", PEOPLE)
    bucket.put("a.csv", PEOPLE)
    store = opened(bucket, TABLE, old_versions={"keep": "the bank asks for a year of them"})
    kept = [line for line in store.plan(store.find([JANE])) if line.action is PlannedAction.KEEP]
    assert [(line.table, line.rows, line.because) for line in kept] == [
        ("a.csv (old versions)", 1, "the bank asks for a year of them")
    ]
    store.close()


def test_old_versions_of_what_is_kept_stay(bucket: Shelf) -> None:
    """A table that stays as it is stays as it was."""
    version(bucket)
    bucket.put("a.csv", PEOPLE)
    for _ in range(2):
        bucket.put("proofs.csv", b"mail,said\njane@x.example,yes\n")
    kept = {"belongs_to": {"mail": "a.csv.email"}, "erase": "keep", "because": "proof of consent"}
    store = opened(bucket, TABLE | {"proofs.csv": kept}, old_versions="delete")
    found = store.find([JANE])
    assert found.counts() == {"a.csv": 1, "proofs.csv": 1}
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {}
    assert place_of(bucket).old_versions("proofs.csv") == 1
    store.close()


def test_a_server_that_knows_no_versions_has_none(bucket: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some S3-compatible ones do not know the question; any other refusal is one."""
    place = place_of(bucket)
    code = "NotImplemented"

    def unknown(**_asked: Any) -> Any:
        raise place._errors.ClientError({"Error": {"Code": code}}, "GetBucketVersioning")  # noqa: SLF001

    monkeypatch.setattr(place._client, "get_bucket_versioning", unknown)  # noqa: SLF001
    assert (place.keeps_old_versions(), place.old_versions("a.csv")) == (False, 0)
    code = "AccessDenied"
    assert refused(place.keeps_old_versions) is StoreCode.PERMISSION_DENIED


def test_without_boto3_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few need it: it is not part of a plain installation."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(UnreadableError) as error:
        Bucket(read_address("s3://bucket"))
    assert "make extra" in error.value.said
