"""Folders and buckets for the tests of file stores: both real, the bucket behind moto's server."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from governance.stores.files.store import FileStore
from governance.stores.opening import open_store
from governance.stores.reading import parse

VARIABLE = "LEADWARDEN_STORE_EXPORTS"
KEY, SECRET = "AKIDEXAMPLE", "secret/with+signs"
CONTACTS = (
    "id;first_name;last_name;email;phone;note\r\n"
    '1;Jane;Doe;Jane.Doe@Acme.example;+49 30 1111111;"likes ""tea"";\r\nreally"\r\n'
    "2;Bob;Stone;bob.stone@acme.example;+49 (30) 555-0000;called Jane\r\n"
    "3;Carol;Reed;carol.reed@acme.example;0049 30 5550000;\r\n"
    '"4";"Zoë";"Müller";" zoe@other.example ";"";"-"\r\n'
)
DEALS = (
    '"deal","contact","buyer","total"\n'
    '"D1","1","Jane Doe","900"\n'
    '"D2","2","Bob Stone","100"\n'
    '"D3","1","Doe, Jane","50"\n'
)
TABLES: dict[str, Any] = {
    "contacts.csv": {
        "identity": {"email": "email", "phone": "phone"},
        "columns": {
            "first_name": {"category": "contact_details"},
            "last_name": {"category": "contact_details"},
            "note": {"category": "free_text"},
        },
        "erase": "delete",
    },
    "sales/deals.csv": {
        "belongs_to": {"contact": "contacts.csv.id"},
        "columns": {
            "contact": {"erase": None},
            "buyer": {"category": "contact_details", "erase": "redact"},
            "total": {"category": "financial", "erase": "keep", "because": "tax law"},
        },
        "erase": "redact",
    },
}


@dataclass(frozen=True)
class Shelf:
    """A place of files, seen from outside: what stands in it, byte for byte."""

    url: str
    put: Callable[[str, bytes], None]
    get: Callable[[str], bytes]
    drop: Callable[[str], None]


def shelf_of(folder: Path) -> Shelf:
    """A folder as a shelf."""

    def put(name: str, content: bytes) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return Shelf(
        f"file://{folder}", put, lambda name: (folder / name).read_bytes(), lambda n: (folder / n).unlink()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Shelf:
    """An empty folder."""
    (tmp_path / "exports").mkdir()
    return shelf_of(tmp_path / "exports")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server of the tests' own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def client_of(endpoint: str) -> Any:
    """A client of the tests' own; not the one that is tested."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )


@pytest.fixture
def bucket(s3_server: str) -> Iterator[Shelf]:
    """An empty bucket, used below a prefix."""
    client, name = client_of(s3_server), f"exports-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def put(key: str, content: bytes) -> None:
        client.put_object(Bucket=name, Key=f"daily/{key}", Body=content, ContentType="text/csv")

    yield Shelf(
        f"s3://{KEY}:secret%2Fwith%2Bsigns@{name}/daily?region=eu-central-1&endpoint={s3_server}",
        put,
        lambda key: bytes(client.get_object(Bucket=name, Key=f"daily/{key}")["Body"].read()),
        lambda key: client.delete_object(Bucket=name, Key=f"daily/{key}"),
    )
    client.close()


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """A place of each sort."""
    found: Shelf = request.getfixturevalue(request.param)
    return found


def document(tables: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A store document of files."""
    base = {
        "store": "exports",
        "kind": "file",
        "url": f"env:{VARIABLE}",
        "active": True,
        "tables": TABLES if tables is None else tables,
    }
    return base | changes


def opened(shelf: Shelf, tables: dict[str, Any] | None = None, **changes: Any) -> FileStore:
    """The store over a shelf."""
    store = open_store(parse(document(tables, **changes)), {VARIABLE: shelf.url})
    assert isinstance(store, FileStore)
    return store


def exports(shelf: Shelf) -> FileStore:
    """Two exports that belong together: contacts, and deals that stay when a contact goes."""
    shelf.put("contacts.csv", CONTACTS.encode())
    shelf.put("sales/deals.csv", DEALS.encode())
    return opened(shelf)
