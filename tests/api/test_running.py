"""Long work of the command line, through a service that runs on the home: over real HTTP."""

import json
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from api.context import Service
from api.errors import RunningServiceError
from api.imports import NDJSON
from api.running import key_for_a_call, send_file
from governance.accounts import list_keys
from tests.api.serving import serving

WRITER = frozenset({"leads:write", "requests:read"})
LEAD = {
    "identifiers": [{"type": "email", "value": "jane@example.com"}],
    "source": {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T10:00:00Z"},
}


@pytest.fixture
def running(app: Flask, service: Service) -> Iterator[Service]:
    """The service as a command sees it: the same home, and the port on which it answers."""
    with serving(app) as port:
        yield replace(service, settings=replace(service.settings, host="127.0.0.1", port=port))


def sent(service: Service, text: str, scopes: frozenset[str] = WRITER) -> list[object]:
    """The lines that come back for a file of this text."""
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        file.seek(0)
        return list(send_file(service, "/v1/leads/import", NDJSON, file, scopes))


def states(service: Service) -> list[bool]:
    """Which of the keys are revoked."""
    with service.main.read() as session:
        return [key.revoked_at is not None for key in list_keys(session, limit=10)]


def test_a_file_goes_through_the_running_service(running: Service) -> None:
    """Its results come back line by line, and the key of the call is ended."""
    [first, summary] = sent(running, json.dumps(LEAD) + "\n")

    assert isinstance(first, dict)
    assert first["status"] == "created"
    assert summary == {"summary": {"created": 1, "merged": 0, "refused": 0}}
    assert states(running) == [True]


def test_a_refusal_is_told_in_the_services_words(running: Service) -> None:
    """And ends the key as well."""
    with pytest.raises(RunningServiceError, match="answers 403: The key lacks the scope leads:write"):
        sent(running, json.dumps(LEAD), frozenset({"audit:read"}))

    assert states(running) == [True]


def test_nobody_at_the_address_is_one_clear_error(service: Service, app: Flask) -> None:
    """The lock said that somebody serves the home, but the address says otherwise."""
    with serving(app) as port:
        pass
    gone = replace(service, settings=replace(service.settings, host="127.0.0.1", port=port))
    with pytest.raises(RunningServiceError, match="can not be reached"):
        sent(gone, json.dumps(LEAD))

    assert states(service) == [True]


def test_a_key_lives_as_long_as_its_call(service: Service) -> None:
    """Also when the call breaks off; it has the scopes asked for and no more."""

    def broken_off() -> None:
        with key_for_a_call(service, WRITER), service.main.read() as session:
            [key] = list_keys(session, limit=10)
            seen.append((frozenset(key.scopes), key.revoked_at is None))
            raise KeyboardInterrupt

    seen: list[tuple[frozenset[str], bool]] = []
    with pytest.raises(KeyboardInterrupt):
        broken_off()

    assert seen == [(WRITER, True)]
    assert states(service) == [True]


def test_a_reader_who_stops_early_ends_the_key(running: Service) -> None:
    """The command may be broken off amid the results."""
    lines = "\n".join(json.dumps(LEAD) for _ in range(3))
    with tempfile.TemporaryFile() as file:
        file.write(lines.encode())
        file.flush()
        file.seek(0)
        results = send_file(running, "/v1/leads/import", NDJSON, file, WRITER)
        next(results)
        assert isinstance(results, Generator)
        results.close()

    assert states(running) == [True]
