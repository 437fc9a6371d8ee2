"""A store that hangs, breaks off, stammers, lies or leads astray: each has its code, none is ever done."""

import gzip
import json
import logging
import socket
from collections.abc import Iterator

import httpx2
import pytest
import stamina

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http import sending
from governance.stores.http.store import HttpStore
from governance.stores.opening import probe
from governance.stores.protocol import Found, PersonTerms, RowRef
from governance.stores.reading import parse
from tests.fakes import plain
from tests.fakes.broken import broken, http
from tests.fakes.serving import answer, served
from tests.governance.stores.benches import HTTP_SECRETS
from tests.governance.stores.factories import email

JANE = email("jane.doe@acme.example")
ROW = Found(rows=(RowRef("contacts", (1,)),), persons=(RowRef("contacts", (1,)),))
EMPTY = json.dumps({"items": [], "total": 0}).encode()
DEEP = b"[" * 5000 + b"]" * 5000
FAULTS: dict[str, tuple[bytes, StoreCode]] = {
    "hangs up at once": (b"", StoreCode.UNREACHABLE),
    "hangs up in the head": (b"HTTP/1.1 200 OK\r\nContent-Le", StoreCode.UNREACHABLE),
    "hangs up in the body": (http("200 OK", EMPTY, length=999), StoreCode.UNREACHABLE),
    "speaks no http": (b"220 mail.example ESMTP\r\n", StoreCode.UNREACHABLE),
    "500": (http("500 Internal Server Error", b"jane.doe@acme.example"), StoreCode.SERVER_ERROR),
    "502 of a proxy": (http("502 Bad Gateway", b"<html>"), StoreCode.SERVER_ERROR),
    "504": (http("504 Gateway Timeout"), StoreCode.TIMED_OUT),
    "423": (http("423 Locked"), StoreCode.LOCKED),
    "400": (http("400 Bad Request", b'{"error": "jane.doe@acme.example"}'), StoreCode.REFUSED),
    "403": (http("403 Forbidden"), StoreCode.PERMISSION_DENIED),
    "429 for ten minutes": (http("429 Slow Down", b"", "Retry-After: 600"), StoreCode.RATE_LIMITED),
    "html in place of json": (http("200 OK", b"<html>Log in</html>"), StoreCode.ANSWER_INVALID),
    "half a json": (http("200 OK", EMPTY[:-5]), StoreCode.ANSWER_INVALID),
    "nothing in place of json": (http("200 OK"), StoreCode.ANSWER_INVALID),
    "json of another shape": (http("200 OK", b'{"data": []}'), StoreCode.ANSWER_INVALID),
    "a row without its key": (http("200 OK", b'{"items": [{"x": 1}], "total": 1}'), StoreCode.ANSWER_INVALID),
    "fewer rows than it says": (http("200 OK", b'{"items": [], "total": 3}'), StoreCode.ANSWER_INVALID),
    "json without end": (http("200 OK", DEEP), StoreCode.ANSWER_INVALID),
    "not a number": (http("200 OK", b'{"items": [], "total": NaN}'), StoreCode.ANSWER_INVALID),
    "a redirect to the metadata service": (
        http("302 Found", b"", "Location: http://169.254.169.254/latest/meta-data/"),
        StoreCode.REDIRECTED,
    ),
    "a redirect on the same host": (http("301 Moved", b"", "Location: /elsewhere"), StoreCode.REDIRECTED),
    "bytes that are not what their coding says": (
        http("200 OK", b"not gzip", "Content-Encoding: gzip"),
        StoreCode.ANSWER_INVALID,
    ),
}
RETRIED = {
    StoreCode.UNREACHABLE,
    StoreCode.TIMED_OUT,
    StoreCode.LOCKED,
    StoreCode.RATE_LIMITED,
    StoreCode.SERVER_ERROR,
    StoreCode.ANSWER_INVALID,
}


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody waits half a minute for a silent store here, nor between two tries."""
    monkeypatch.setattr(sending, "TIMEOUT", httpx2.Timeout(0.3))
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


def asked(base: str, **changes: object) -> HttpStore:
    """The plain CRM's description, pointed at `base`."""
    return HttpStore(parse(plain.document(base, **changes)), HTTP_SECRETS)


def error_of(base: str, **changes: object) -> StoreError:
    """What every way of asking raises: find, read, erase and read back, none of which ends well."""
    store = asked(base, **changes)
    errors = []
    for ask in (
        lambda: store.find([JANE]),
        lambda: list(store.export(ROW)),
        lambda: store.erase(ROW, PersonTerms()),
        lambda: store.remaining(ROW, [JANE]),
    ):
        try:
            ask()
        except StoreError as error:
            errors.append(error)
    store.close()
    assert errors
    assert errors[0].__cause__ is None
    assert errors[-1].reason is errors[0].reason
    return errors[0]


@pytest.mark.parametrize("fault", list(FAULTS))
def test_each_fault_has_its_code_and_is_tried_again_where_that_helps(fault: str) -> None:
    """And says nothing of the person, nor of what the store said."""
    reply, expected = FAULTS[fault]
    with broken(reply) as base:
        error = error_of(base)
    assert error.reason is expected
    assert error.passes == (expected in RETRIED)
    assert "jane" not in f"{error!r} {error}".lower()


def test_silence_ends() -> None:
    """Before the answer, in the middle of it, and where each byte comes just in time."""
    with broken(b"", hangs=True) as base:
        assert error_of(base).reason is StoreCode.TIMED_OUT
    with broken(http("200 OK", EMPTY, length=999), hangs=True) as base:
        assert error_of(base).reason is StoreCode.TIMED_OUT


def test_an_answer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of it has its time, not only each byte."""
    monkeypatch.setattr(sending, "WHOLE_SECONDS", 0.1)
    with broken(http("200 OK", EMPTY + b" " * 200), drips=True) as base:
        store = asked(base)
        with pytest.raises(StoreError) as error:
            store.find([JANE])
        store.close()
    assert error.value.reason is StoreCode.TIMED_OUT


@pytest.mark.parametrize("zipped", [False, True])
def test_a_huge_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch, *, zipped: bool) -> None:
    """Also one that is small on the way."""
    monkeypatch.setattr(sending, "LARGEST_ANSWER", 100_000)
    body = b" " * 2_000_000
    reply = http("200 OK", gzip.compress(body), "Content-Encoding: gzip") if zipped else http("200 OK", body)
    with broken(reply) as base:
        error = error_of(base)
    assert (error.reason, error.passes) == (StoreCode.ANSWER_TOO_LARGE, False)


def test_nobody_there() -> None:
    """A port that nobody listens on, and a name that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert error_of(f"http://127.0.0.1:{port}").reason is StoreCode.UNREACHABLE
    assert error_of("https://nobody.invalid").reason is StoreCode.UNREACHABLE


def test_pages_without_end_are_not_followed_for_ever() -> None:
    """A store that ignores the search gives everybody it has."""
    page = {
        "items": [{"id": n, "emails": [JANE.value], "phone": None} for n in range(50)],
        "total": 1,
        "next": "x",
    }
    with broken(http("200 OK", json.dumps(page).encode())) as base:
        store = asked(base)
        with pytest.raises(StoreError) as error:
            store.find([JANE])
        store.close()
    assert error.value.reason is StoreCode.ANSWER_TOO_LARGE


def test_a_short_wait_is_waited_and_a_long_one_is_handed_on() -> None:
    """429 with Retry-After in seconds; the step waits for what takes longer than a moment."""
    with broken(http("429 Slow Down", b"", "Retry-After: 600")) as base:
        error = error_of(base)
    assert error.wait is not None
    assert error.wait.total_seconds() == 600
    fake = plain.PlainCrm()
    fake.add("Jane Doe", None, JANE.value)
    with served(fake) as base:
        fake.faults = [answer({}, 429, Retry_After="0"), answer({}, 503)]
        store = asked(base)
        assert len(store.find([JANE]).rows) == 1
        store.close()
    assert len(fake.asked) == 4


def test_a_store_that_takes_deletions_and_does_nothing_is_read_back() -> None:
    """204, twice; the rows are still there, and so is the step."""
    fake = plain.PlainCrm()
    fake.add("Jane Doe", None, JANE.value, notes=("hello",))
    fake.deaf = True
    with served(fake) as base:
        store = asked(base)
        found = store.find([JANE])
        store.erase(found, PersonTerms())
        assert store.remaining(found, [JANE]) == {"contacts": 1, "notes": 1}
        store.close()


def test_what_settles_a_moment_later_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the description says, and no longer."""
    fake = plain.PlainCrm()
    fake.add("Jane Doe", None, JANE.value)
    with served(fake) as base:
        store = asked(base, settle=5)
        found = store.find([JANE])
        naps: list[float] = []

        def nap(seconds: float) -> None:
            naps.append(seconds)
            fake.contacts.clear()

        monkeypatch.setattr("time.sleep", nap)
        assert store.remaining(found, [JANE]) == {}
        store.close()
    assert naps == [1.0]


def test_a_row_that_another_answers_for_is_not_believed() -> None:
    """Asked for one row, told of another."""
    with broken(http("200 OK", b'{"id": 2, "emails": []}')) as base:
        store = asked(base)
        with pytest.raises(StoreError) as error:
            list(store.export(ROW))
        store.close()
    assert error.value.reason is StoreCode.ANSWER_INVALID


def test_a_probe_tells_what_passes_from_what_does_not() -> None:
    """A store that is away may be made active and waits; one that refuses us may not."""
    with broken(http("503 Away")) as base:
        away = probe(parse(plain.document(base)), HTTP_SECRETS)
    assert (away.reachable, away.refuses, away.problems) == (False, False, ("http: server_error",))
    with broken(http("403 No")) as base:
        denied = probe(parse(plain.document(base)), HTTP_SECRETS)
    assert (denied.reachable, denied.refuses, denied.problems) == (True, True, ("http: permission_denied",))
    with served(plain.PlainCrm()) as base:
        well = probe(parse(plain.document(base)), HTTP_SECRETS)
        inside = probe(parse(plain.document(base)), {"LEADWARDEN_STORE_PLAIN": plain.TOKEN})
    assert (well.reachable, well.problems) == (True, ())
    assert (inside.reachable, inside.refuses, inside.problems) == (False, True, ("http: host_forbidden",))


@pytest.fixture
def every_line(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What any library logs, at its chattiest."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_no_library_logs_whom_we_ask_for(every_line: pytest.LogCaptureFixture) -> None:
    """Not in an address, a body or an answer, even where the interface wants it in the address."""
    fake = plain.PlainCrm()
    fake.add("Jane Doe", None, JANE.value)
    with served(fake) as base:
        store = asked(base)
        store.erase(store.find([JANE]), PersonTerms())
        store.close()
    told = every_line.text.lower()
    assert "jane" not in told
    assert plain.TOKEN not in told
