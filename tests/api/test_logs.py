"""Log lines: JSON, and nothing of a person or a key in them."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from api import logs

CANARIES = ("jane.doe@example.com", "+49 30 1234567", "lw_01a20428-4eef-7db2-992c-cbe93e9ae469_s3cr3t")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The formatter of the service on a logger of its own."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield stream
    logger.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Each line as JSON."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object(written: io.StringIO) -> None:
    """With its event, level, logger and time."""
    logging.getLogger("tests.logs").warning("disk_full", extra={})

    (line,) = lines(written)
    assert (line["event"], line["level"], line["logger"]) == ("disk_full", "warning", "tests.logs")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("canary", CANARIES)
def test_personal_data_and_keys_are_blanked_wherever_they_stand(written: io.StringIO, canary: str) -> None:
    """In the event, in a library's arguments, in an exception's message."""
    logger = logging.getLogger("tests.logs")
    logger.info("sent to " + canary)  # noqa: G003 - what somebody might do
    logger.info("sent to %s today", canary)
    logger.error("failed", exc_info=ValueError(canary))

    assert canary not in written.getvalue()
    assert lines(written)[2]["error"] == "ValueError"


@pytest.mark.parametrize("canary", CANARIES)
def test_fields_are_redacted_by_name_and_by_look(canary: str) -> None:
    """Nested ones too; names that promise content are withheld whatever they hold."""
    line = {
        "event": "x",
        "email": "anything",
        "request_body": "anything",
        "Authorization": "anything",
        "detail": f"about {canary}",
        "deep": {"list": [canary], canary: 1},
        "odd": object(),
        "count": 3,
    }

    found = logs.redact(None, "info", line)

    assert canary not in json.dumps(found)
    assert found["email"] == found["request_body"] == found["Authorization"] == found["odd"] == logs.WITHHELD
    assert found["count"] == 3


def test_ids_and_times_stay_readable() -> None:
    """What a person needs to follow an error is not taken for a phone number."""
    line = {"lead": "01a20428-4eef-7db2-992c-cbe93e9ae469", "at": "2026-11-24T10:00:00.000000Z"}

    assert logs.redact(None, "info", dict(line)) == line


def test_an_exception_shows_type_and_place_only() -> None:
    """Messages of libraries may quote data."""
    with pytest.raises(ValueError, match="canary") as caught:
        int("canary")
    line = logs.show_exception(None, "error", {"event": "x", "exc_info": caught.value})

    assert line["error"] == "ValueError"
    assert line["at"][0].startswith("test_logs.py:")
    assert "canary" not in json.dumps(line)


def test_configuring_sends_our_lines_through_the_formatter(capsys: pytest.CaptureFixture[str]) -> None:
    """Structlog and logging end in one place, on standard error."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.configure()
        logs.log().info("started", email="jane@example.com")
        line = json.loads(capsys.readouterr().err)
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()

    assert (line["event"], line["email"], line["level"]) == ("started", logs.WITHHELD, "info")


def test_at_a_terminal_nothing_is_said_of_what_is_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    """A service logs it; somebody who waits for the answer is told that."""
    root, written = logging.getLogger(), []
    handlers, level = root.handlers[:], root.level
    try:
        for at_terminal in (True, False):
            logs.configure(at_terminal=at_terminal)
            structlog.get_logger("stamina").warning("stamina.retry_scheduled")
            written.append(capsys.readouterr().err)
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()

    assert written[0] == ""
    assert "stamina.retry_scheduled" in written[1]


FAILING = """
import threading
from api import logs

logs.catch_uncaught()
canary = "jane.doe" + "@example.com"

def fail():
    int(canary)

if {in_thread}:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
else:
    fail()
"""


@pytest.mark.parametrize("in_thread", [False, True])
def test_what_nobody_caught_is_a_line_of_ours(*, in_thread: bool) -> None:
    """No traceback, whose message and lines of source would quote what was worked on."""
    program = FAILING.format(in_thread=in_thread)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    line = json.loads(ended.stderr)

    assert ended.returncode == (0 if in_thread else 1)
    assert (line["event"], line["error"], line["level"]) == ("uncaught", "ValueError", "critical")
    assert "jane.doe" not in ended.stderr
    assert ended.stdout == ""
