"""The client that senders use: a yes is a yes of the service, and everything else is no."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import client as client_module
from api.client import UNREACHABLE, Answer, Client, ClientError, ReceiptInvalidError, UnreachableError
from api.context import Service
from audit.keys import announce
from audit.promise import split_receipts
from audit.receipt import open_receipt
from tests.api.routes.test_decisions import JANE, NOBODY, SCOPES, object_to, take_in
from tests.api.serving import serving
from tests.conftest import NOW, Clock, KeyOf


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client waits between its tries; a test need not."""
    monkeypatch.setattr(client_module, "FIRST_PAUSE_SECONDS", 0.001)


@pytest.fixture
def headers(key_of: KeyOf) -> dict[str, str]:
    """A sender's key."""
    return key_of(*SCOPES)


@pytest.fixture
def sender(app: Flask, client: FlaskClient, headers: dict[str, str]) -> Iterator[Client]:
    """A client of the real service, which knows Jane."""
    take_in(client, headers, JANE["email"])
    with serving(app) as port, Client(f"http://127.0.0.1:{port}", token_of(headers)) as opened:
        yield opened


def token_of(headers: dict[str, str]) -> str:
    """The key in an Authorization header."""
    return headers["Authorization"].removeprefix("Bearer ")


@contextmanager
def answering(*statuses: int, body: bytes = b"{}") -> Iterator[tuple[int, list[str]]]:
    """A server that answers each call with the next status (and `body`), and the last one for ever."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            calls.append(self.path)
            self.send_response(statuses[min(len(calls), len(statuses)) - 1])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port, calls
        finally:
            server.shutdown()
            thread.join()


def test_a_yes_and_a_no(sender: Client, client: FlaskClient, headers: dict[str, str]) -> None:
    """The answer follows the person's wish at once."""
    before = sender.check(JANE, "email", "direct_marketing")
    object_to(client, headers)
    after = sender.check(JANE, "email", "direct_marketing")

    assert (before.allowed, before.reasons[0]) == (True, "CONSENT_VALID")
    assert (after.allowed, after.reasons[0]) == (False, "OBJECTION_DIRECT_MARKETING")


def test_many_questions_are_answered_in_order(sender: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several calls, with a bad question among them."""
    monkeypatch.setattr(client_module, "LINES_A_CALL", 2)
    ask = {"channel": "email", "purpose": "direct_marketing"}
    asked: list[dict[str, Any]] = [
        {"lead": JANE, **ask},
        {"lead": NOBODY, **ask},
        {"lead": JANE},
        {"lead": JANE, **ask},
    ]

    answers = list(sender.check_many(asked))

    assert [one.allowed for one in answers] == [True, False, False, True]
    assert [one.reasons[0] for one in answers[1:3]] == ["LEAD_UNKNOWN", "validation_failed"]


def test_the_receipts_of_many_answers_are_kept_once_they_are_verified(
    sender: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One a chunk and call, before its answers; one after the other they are a file to verify."""
    service.main.write(lambda session: announce(session, service.log_signer, now=NOW))
    monkeypatch.setattr(client_module, "LINES_A_CALL", 2)
    ask = {"channel": "email", "purpose": "direct_marketing"}
    kept: list[str] = []
    asked: list[dict[str, Any]] = [{"lead": JANE, **ask}, {"lead": JANE}, {"lead": NOBODY, **ask}]
    answers = sender.check_many(asked, kept.append)
    first = next(answers)

    assert len(kept) == 1
    entries = [first, *answers]
    promised = [
        open_receipt(receipt, [service.log_signer.key]).entry_id for receipt in split_receipts("".join(kept))
    ]
    assert [entries[0].document["audit"]["entry_id"], entries[2].document["audit"]["entry_id"]] == promised


@pytest.mark.parametrize("spoil", ["forge", "drop"])
def test_answers_without_a_good_receipt_are_not_given(
    sender: Client, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    """Where receipts are asked for: nothing is given of a part that the log did not promise to hold."""
    call = sender._call  # noqa: SLF001 - the wire

    def spoilt(method: str, path: str, body: bytes | None, media_type: str) -> bytes:
        raw = call(method, path, body, media_type)
        if not path.endswith("/batch"):
            return raw
        *lines, last = raw.splitlines()
        told = json.loads(last)
        told["receipts"] = (
            [] if spoil == "drop" else [{"receipt": told["receipts"][0]["receipt"][:-6] + "AAAA=\n"}]
        )
        return b"\n".join([*lines, json.dumps(told).encode()])

    monkeypatch.setattr(sender, "_call", spoilt)
    question = {"lead": JANE, "channel": "email", "purpose": "direct_marketing"}
    kept: list[str] = []

    with pytest.raises(ReceiptInvalidError):
        next(sender.check_many([question], kept.append))
    assert kept == []


def test_a_receipt_is_verified_offline_and_bound(sender: Client, clock: Clock) -> None:
    """For this key, until it expires; changed or for another key it is refused."""
    found = sender.check(JANE, "email", "direct_marketing").receipt
    assert found is not None
    claims = sender.verify(found, now=clock.now)
    header, payload, signature = found.split(".")

    assert claims["effect"] == "allow"
    for broken in (f"{header}.{payload[:-2]}AA.{signature}", f"{header}.{signature}.{payload}", "nonsense"):
        with pytest.raises(ReceiptInvalidError):
            sender.verify(broken, now=clock.now)
    with pytest.raises(ReceiptInvalidError, match="another key"):
        sender.verify(found, now=clock.now, audience="somebody")
    with pytest.raises(ReceiptInvalidError, match="expired"):
        sender.verify(found, now=clock.now + timedelta(minutes=15))


def test_an_outcome_is_told(sender: Client, clock: Clock) -> None:
    """Twice, which is once."""
    decision_id = sender.check(JANE, "email", "direct_marketing").decision_id
    assert decision_id is not None

    for _ in range(2):
        sender.tell(decision_id, sent=True, at=clock.now)
    with pytest.raises(ClientError) as raised:
        sender.tell(decision_id, sent=False, at=clock.now)

    assert raised.value.status == 409


def test_a_wrong_key_is_an_error_and_no_answer(sender: Client, app: Flask) -> None:
    """A caller must not take a wrong key for a no and go on."""
    with serving(app) as port, Client(f"http://127.0.0.1:{port}", "lw_wrong_key") as stranger:
        with pytest.raises(ClientError) as raised:
            stranger.check(JANE, "email", "direct_marketing")
        with pytest.raises(ClientError):
            list(stranger.check_many([{"lead": JANE, "channel": "email", "purpose": "direct_marketing"}]))

    assert raised.value.status == 401


def test_nobody_there_is_a_no() -> None:
    """A port at which nobody listens: single, in bulk; what must be told is not silently dropped."""
    with answering(200) as (port, _):
        pass
    with Client(f"http://127.0.0.1:{port}", "lw_a_b", tries=2) as lonely:
        single = lonely.check(JANE, "email", "direct_marketing")
        several = list(lonely.check_many([{"lead": JANE}] * 3))
        with pytest.raises(UnreachableError):
            lonely.tell("decision", sent=True, at=NOW)

    assert single == Answer(allowed=False, reasons=(UNREACHABLE,))
    assert [one.allowed for one in several] == [False] * 3


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_tried_again(status: int) -> None:
    """Twice overloaded, then good; an answer without `allow` is still no."""
    with answering(status, status, 200) as (port, calls), Client(f"http://127.0.0.1:{port}", "k") as patient:
        answer = patient.check(JANE, "email", "direct_marketing")

    assert (len(calls), answer.allowed) == (3, False)


def test_what_stays_is_a_no() -> None:
    """Unavailable in all tries."""
    with answering(503) as (port, calls), Client(f"http://127.0.0.1:{port}", "k") as patient:
        answer = patient.check(JANE, "email", "direct_marketing")

    assert (len(calls), answer.reasons) == (3, (UNREACHABLE,))


@pytest.mark.parametrize("url", ["ftp://host", "host:8080", "http://"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    """Before anything is sent anywhere."""
    with pytest.raises(ValueError, match="http"):
        Client(url, "k")


@pytest.mark.parametrize("status", [201, 206, 302])
def test_only_a_200_is_a_yes(status: int) -> None:
    """Whatever the body of another answer says; a redirection is not followed and nothing is read from it."""
    body = json.dumps({"effect": "allow", "reasons": ["CONSENT_VALID"]}).encode()
    with answering(status, body=body) as (port, _), Client(f"http://127.0.0.1:{port}", "k") as wary:
        single = wary.check(JANE, "email", "direct_marketing")
        [one] = wary.check_many([{"lead": JANE}])

    assert [single.allowed, one.allowed] == [False, False]


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"", b"[]", b"\xff", b'"allow"'])
def test_a_200_that_is_no_answer_is_a_no(body: bytes) -> None:
    """As of a proxy that puts its own page in between: the loop over a mailing goes on, contacting nobody."""
    with answering(200, body=body) as (port, _), Client(f"http://127.0.0.1:{port}", "k") as wary:
        single = wary.check(JANE, "email", "direct_marketing")
        [one] = wary.check_many([{"lead": JANE}])

    assert (single, one) == (client_module.NO, client_module.NO)


@pytest.mark.parametrize("answered", [1, 3])
def test_answers_that_are_not_as_many_as_the_questions_belong_to_none(answered: int) -> None:
    """One too few or too many, and a yes would be taken for another person's."""
    lines = [json.dumps({"effect": "allow", "reasons": ["CONSENT_VALID"]})] * answered
    body = "\n".join([*lines, json.dumps({"summary": {}, "receipts": []})]).encode()
    with answering(200, body=body) as (port, _), Client(f"http://127.0.0.1:{port}", "k") as wary:
        answers = list(wary.check_many([{"lead": JANE}, {"lead": NOBODY}]))

    assert answers == [client_module.NO] * 2


def test_a_key_that_no_header_can_hold_is_refused_without_being_shown() -> None:
    """As when it was read from a file together with the end of its line."""
    with pytest.raises(ValueError, match="one line") as raised:
        Client("http://127.0.0.1:1", "lw_abc_secret\n")

    assert "secret" not in str(raised.value)
