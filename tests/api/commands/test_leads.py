"""`leadwarden import`: into the home itself, or through the service that runs on it."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from click.testing import CliRunner, Result

from api import lock
from api.app import create_app
from api.cli import cli
from api.commands.leads import lines_of
from api.settings import Settings, read_settings
from api.shapes import LINE_LIMIT
from api.startup import open_migrated

Run = Callable[..., Result]
HEADER = "email,country,source_key,source_kind,source_obtained_at\n"
JANE = "jane.doe@example.com,DE,fair,event,2026-01-01T00:00:00Z\n"
NOBODY = "nobody,DE,fair,event,2026-01-01T00:00:00Z\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings of a home of its own; the port is set where there is a server."""
    return {"LEADWARDEN_HOME": str(tmp_path / "home")}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Runs a command there."""
    return lambda *arguments: CliRunner().invoke(cli, [str(one) for one in arguments], env=environment)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two lines that are taken, as one lead, and one that is refused."""
    path = tmp_path / "leads.csv"
    path.write_text(HEADER + JANE + NOBODY + JANE)
    return path


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing."""


@pytest.fixture
def running(environment: dict[str, str]) -> Iterator[Settings]:
    """A service that holds the home's lock and answers on a port of its own."""
    service = open_migrated(read_settings(environment))
    with (
        lock.held(service.settings.home),
        make_server("127.0.0.1", 0, create_app(service), handler_class=Quiet) as server,
    ):
        environment["LEADWARDEN_LISTEN"] = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield service.settings
        server.shutdown()
        thread.join()
    service.close()


def test_a_file_is_imported_into_an_empty_home(run: Run, file: Path) -> None:
    """One line of summary, and exit code 1 because a line was refused."""
    done = run("import", file)

    assert done.stdout == "1 created, 1 merged, 1 refused\n"
    assert done.stderr == ""
    assert done.exit_code == 1


def test_results_go_to_a_file_if_asked(run: Run, file: Path, tmp_path: Path) -> None:
    """A line each, in order, without personal data."""
    run("import", file, "--results", tmp_path / "results.ndjson")
    text = (tmp_path / "results.ndjson").read_text()

    assert [json.loads(line)["status"] for line in text.splitlines()] == ["created", "refused", "merged"]
    assert "jane" not in text


def test_the_format_can_be_said(run: Run, tmp_path: Path) -> None:
    """A name that says nothing is NDJSON unless told otherwise."""
    path = tmp_path / "leads.txt"
    path.write_text(HEADER + JANE)

    assert run("import", path).stdout == "0 created, 0 merged, 2 refused\n"
    assert run("import", "--csv", path).stdout == "1 created, 0 merged, 0 refused\n"


def test_a_bad_header_is_one_line_on_standard_error(run: Run, tmp_path: Path) -> None:
    """Exit code 1, nothing imported."""
    path = tmp_path / "leads.csv"
    path.write_text("email,shoe_size\na@example.com,44\n")
    done = run("import", path)

    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == "leadwarden: header: Not known: 1 column.\n"


def test_while_a_service_runs_the_file_goes_through_it(run: Run, running: Settings, file: Path) -> None:
    """The same summary; the key that was made for it is revoked."""
    done = run("import", file)
    keys = run("keys", "list").stdout

    assert running.embedded
    assert done.stdout == "1 created, 1 merged, 1 refused\n", done.output
    assert [line.split("\t")[1] for line in keys.splitlines()] == ["revoked"]


def test_a_home_in_use_that_does_not_answer_is_said(
    run: Run, environment: dict[str, str], file: Path
) -> None:
    """One clear line, no traceback."""
    service = open_migrated(read_settings(environment))
    service.close()
    environment["LEADWARDEN_LISTEN"] = "127.0.0.1:1"
    with lock.held(service.settings.home):
        done = run("import", file)

    assert done.exit_code == 1
    assert done.stderr == "leadwarden: the running service of this home can not be reached\n"


def test_lines_of_a_file_have_a_limit() -> None:
    """A line of any length takes no more memory than the limit, and the next one is whole."""
    long = b"x" * (3 * LINE_LIMIT)
    text = b"one\r\n" + long + b"\ntwo\n\n" + b"y" * LINE_LIMIT + b"\n" + b"z" * LINE_LIMIT + b"\r\n" + long

    assert list(lines_of(io.BytesIO(text))) == [
        b"one",
        None,
        b"two",
        b"",
        b"y" * LINE_LIMIT,
        b"z" * LINE_LIMIT,
        None,
    ]
