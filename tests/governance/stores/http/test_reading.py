"""Reading the `http` section: every wrong place is named, and secrets are never values."""

import copy
from typing import Any

import pytest

from consent.vocabulary import IdentifierKind
from governance.stores.errors import DocumentError
from governance.stores.http.description import AuthKind, Callback, Grant, PageKind, Signature
from governance.stores.reading import parse
from tests.fakes import plain

DOCUMENT = plain.document("https://crm.example")
FIND = "tables.contacts.find.0"
POLL = {"path": "/"}
JOB = "tables.contacts.job"
SIGNED = {"header": "X-Signature", "secret": "env:LEADWARDEN_STORE_SIGNATURE"}
SIGNATURE = f"http.{JOB}.callback.signature"


def with_(place: str, value: Any) -> dict[str, Any]:
    """The plain document with something else at a place of its `http` section."""
    document = copy.deepcopy(DOCUMENT)
    where: Any = document["http"]
    *way, last = place.split(".")
    for name in way:
        where = where[int(name) if name.isdecimal() else name]
    where[int(last) if last.isdecimal() else last] = value
    return document


def test_the_whole_section_is_read() -> None:
    """As values that do not change."""
    read = parse(DOCUMENT).http
    assert read is not None
    contacts = read.tables["contacts"]
    assert (read.base, read.hosts, read.auth.kind) == (
        "https://crm.example",
        ("crm.example",),
        AuthKind.BEARER,
    )
    assert (contacts.key, contacts.find[0].by, contacts.find[1].exact) == (
        ("id",),
        IdentifierKind.EMAIL,
        False,
    )
    assert contacts.find[0].page is not None
    assert contacts.find[0].page.kind is PageKind.CURSOR
    assert (read.tables["notes"].find[0].parent, read.tables["notes"].find[0].by) == ("contacts", None)
    assert parse({"store": "crm", "kind": "http"}).http is None


@pytest.mark.parametrize(
    ("place", "value", "wrong"),
    [
        ("base", None, "http.base"),
        ("hosts", "x", "http.hosts"),
        ("settle", 31, "http.settle"),
        ("settle", True, "http.settle"),
        ("headers", {"A": 1}, "http.headers.A"),
        ("nonsense", 1, "http.nonsense"),
        ("auth", {"kind": "bearer"}, "http.auth.secret"),
        ("auth", {"kind": "bearer", "secret": "pat-eu1-plain"}, "http.auth.secret"),
        ("auth", {"kind": "bearer", "secret": "env:PATH"}, "http.auth.secret"),
        ("auth", {"kind": "kerberos"}, "http.auth.kind"),
        ("auth", {"kind": "oauth2", "grant": "password"}, "http.auth.grant"),
        ("auth", {"kind": "oauth2", "grant": "refresh_token"}, "http.auth.refresh_token"),
        ("troubles", {"busy": [1]}, "http.troubles.at"),
        ("troubles", {"at": "x", "busy": [{}]}, "http.troubles.busy"),
        ("tables.contacts.key", None, "http.tables.contacts.key"),
        ("tables.contacts.find", {}, "http.tables.contacts.find"),
        ("tables.contacts.read.known", [True], "http.tables.contacts.read.known"),
        ("tables.contacts.read.known", {"id": 1}, "http.tables.contacts.read.known"),
        (f"{FIND}.by", None, f"http.{FIND}.by"),
        (f"{FIND}.exact", "yes", f"http.{FIND}.exact"),
        (f"{FIND}.method", "BREW", f"http.{FIND}.method"),
        (f"{FIND}.path", "https://else.example/", f"http.{FIND}.path"),
        (f"{FIND}.path", "//else.example/", f"http.{FIND}.path"),
        (f"{FIND}.form", 1, f"http.{FIND}.form"),
        (f"{FIND}.ok", [99], f"http.{FIND}.ok"),
        (f"{FIND}.page.kind", "scroll", f"http.{FIND}.page.kind"),
        (f"{FIND}.page.into", "header.x", f"http.{FIND}.page.into"),
        (f"{FIND}.page.next", None, f"http.{FIND}.page.next"),
        (
            f"{FIND}.page",
            {"kind": "offset", "into": "query.o"},
            f"http.{FIND}.page.size",
        ),
        (
            "tables.contacts.job",
            {"id": "x", "state": "s", "poll": {"path": "/"}},
            "http.tables.contacts.job.done",
        ),
        (JOB, {"id": "x", "done": ["y"]}, f"http.{JOB}.poll"),
        (JOB, {"poll": POLL, "done": ["y"]}, f"http.{JOB}.id"),
        (JOB, {"id": "x", "poll": POLL, "done": ["y"]}, f"http.{JOB}.state"),
        (JOB, {"callback": {"state": "s"}}, f"http.{JOB}.done"),
        (JOB, {"callback": {"secret": "x"}}, f"http.{JOB}.callback.secret"),
        (JOB, {"callback": {"signature": {"header": "X"}}}, f"http.{JOB}.callback.signature.secret"),
        (JOB, {"callback": {"signature": SIGNED | {"secret": "pat-eu1-plain"}}}, f"{SIGNATURE}.secret"),
        (JOB, {"callback": {"signature": SIGNED | {"text": "{header.x}"}}}, f"{SIGNATURE}.text"),
        (JOB, {"callback": {"signature": SIGNED | {"text": "{body}{time}"}}}, f"{SIGNATURE}.text"),
        (JOB, {"callback": {"signature": SIGNED | {"encoding": "rot13"}}}, f"{SIGNATURE}.encoding"),
        (JOB, {"callback": {"signature": SIGNED | {"prefix": 1}}}, f"{SIGNATURE}.prefix"),
        ("suppress", [{"by": "name", "path": "/"}], "http.suppress.0.by"),
        ("suppress", [{"by": "email"}], "http.suppress.0.path"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(place: str, value: Any, wrong: str) -> None:
    """And the answer repeats no value: it may have been a secret."""
    with pytest.raises(DocumentError) as error:
        parse(with_(place, value))
    assert wrong in error.value.errors
    assert "pat-eu1-plain" not in str(error.value.errors)


def test_oauth_is_read_with_its_grant() -> None:
    """Each secret by its reference."""
    auth = {
        "kind": "oauth2",
        "grant": "client_credentials",
        "token_url": "https://crm.example/token",
        "client_id": "env:LEADWARDEN_STORE_ID",
        "client_secret": "env:LEADWARDEN_STORE_SECRET",
        "scope": "read",
    }
    read = parse(with_("auth", auth)).http
    assert read is not None
    assert (read.auth.grant, read.auth.client_id) == (Grant.CLIENT_CREDENTIALS, "env:LEADWARDEN_STORE_ID")


def test_a_job_is_read_with_its_callback() -> None:
    """By itself it says that the work is done; two weeks are waited at most."""
    read = parse(with_(JOB, {"callback": {"signature": SIGNED}})).http
    assert read is not None
    job = read.tables["contacts"].job
    assert job is not None
    signature = Signature("X-Signature", SIGNED["secret"])
    assert (job.poll, job.id, job.within) == (None, None, 14 * 24 * 3600)
    assert job.callback == Callback(signature=signature)


def test_values_to_compare_with_are_texts() -> None:
    """As answers are compared: `true`, `7`."""
    read = parse(with_(f"{FIND}.accept", [{"ok": True, "code": [7, "8"]}])).http
    assert read is not None
    assert read.tables["contacts"].find[0].call.accept == ({"ok": ("true",), "code": ("7", "8")},)
