"""A client that still sends must be able to read why it was refused.

A server that closes the connection with unread bytes in it makes the client's next write fail ("broken
pipe"), and the 413 is lost. So the rest of the body is taken off the line, unkept, as nginx does
(`lingering_close`): at most so many bytes, for at most so long; for somebody without a key, much shorter,
unless they were found to send too much, so that nobody keeps threads waiting with bodies that never come.
"""

import threading
from http import HTTPStatus
from typing import IO

from flask import Response, g, request

MOST_BYTES = 32 * 1024 * 1024
LONGEST_SECONDS = 2.0
STRANGERS_SECONDS = 0.1
READ_AT_ONCE = 64 * 1024  # and as much as connections hold anyway


def linger(response: Response) -> Response:
    """The same response; before a refusal goes out, what its client is still sending is passed over."""
    if response.status_code >= HTTPStatus.BAD_REQUEST and _is_sending():
        source = request.environ["wsgi.input"]
        passing = threading.Thread(target=_pass_over, args=(source,), name="lingering", daemon=True)
        passing.start()
        passing.join(_patience(response.status_code))
    return response


def _patience(status: int) -> float:
    """For how many seconds we listen on to this client."""
    known = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or "caller" in g
    return LONGEST_SECONDS if known else STRANGERS_SECONDS


def _is_sending() -> bool:
    """Whether there may be more to come.

    One who asked first (`Expect: 100-continue`) waits for this very answer, and sends nothing.
    """
    is_long = "Transfer-Encoding" in request.headers or (request.content_length or 0) > READ_AT_ONCE
    return is_long and "Expect" not in request.headers


def _pass_over(source: IO[bytes]) -> None:
    """Read to the end, or to `MOST_BYTES`; a read that the client never feeds ends with its connection."""
    passed = 0
    try:
        while passed < MOST_BYTES and (part := source.read(READ_AT_ONCE)):
            passed += len(part)
    except OSError:
        return
