"""The contract of the service itself: health, documents, pages, and settings that stop a start."""

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.flows.clients import command, lead_of, problem
from tests.flows.living import Living
from tests.flows.people import consent_of, question_of

DOCUMENTED = (
    "/v1/leads /v1/leads/import /v1/leads/lookup /v1/leads/{} /v1/leads/{}/events /v1/consents "
    "/v1/consents/{} /v1/consents/{}/receipt /v1/leads/{}/consents /v1/objections /v1/decisions "
    "/v1/decisions/batch /v1/decisions/evaluate /v1/decisions/{} /v1/decisions/{}/outcome "
    "/v1/privacy-requests /v1/privacy-requests/{} /v1/privacy-requests/{}/verify "
    "/v1/privacy-requests/{}/approve /v1/privacy-requests/{}/refuse /v1/privacy-requests/{}/extend "
    "/v1/privacy-requests/{}/pause /v1/privacy-requests/{}/resume /v1/privacy-requests/{}/cancel "
    "/v1/privacy-requests/{}/retry /v1/privacy-requests/{}/steps/{}/complete "
    "/v1/privacy-requests/{}/steps/{}/decide /v1/privacy-requests/{}/package "
    "/v1/privacy-requests/{}/certificate /v1/deadlines /v1/legal-holds/{} /v1/stores/{} "
    "/v1/stores/{}/test /v1/rulebooks /v1/audit/entries /v1/audit/entries/{} /v1/audit/consistency "
    "/v1/audit/export /audit/checkpoint /v1/keys /v1/keys/{}/confirm /v1/users /v1/users/{}/confirm "
    "/healthz /readyz /metrics /openapi.json /docs / /privacy /p/{} /u/{} /.well-known/gpc.json "
    "/.well-known/jwks.json"
)
PAGED = ("/v1/privacy-requests", "/v1/legal-holds", "/v1/stores", "/v1/rulebooks", "/v1/keys", "/v1/users")
REFUSED_SETTINGS: list[dict[str, str]] = [
    {"LEADWARDEN_COLOUR": "blue"},
    {"LEADWARDEN_HOMES": "/tmp"},  # noqa: S108 - the name is wrong, not the place
    {"LEADWARDEN_LISTEN": "8080"},
    {"LEADWARDEN_LISTEN": "127.0.0.1:eighty"},
    {"LEADWARDEN_LISTEN": "127.0.0.1:70000"},
    {"LEADWARDEN_TIME_ZONE": "Mars/Olympus"},
    {"LEADWARDEN_CALENDAR": "XX-YY"},
    {"LEADWARDEN_DATABASE_URL": "nonsense"},
    {"LEADWARDEN_DATABASE_URL": "mysql://db/leadwarden"},
    {"LEADWARDEN_KEYS_URL": "nonsense"},
    {"LEADWARDEN_SMTP_URL": "ftp://mail"},
]


def test_health_and_readiness(contracted: Living) -> None:
    """The process; database, keys and log."""
    assert contracted.ask("GET", "/healthz", key=None)
    ready = contracted.ask("GET", "/readyz", key=None)

    assert {"database", "keys", "log"} <= set(ready)
    for path in ("/healthz", "/readyz"):
        problem(contracted.call("POST", path, {}, key=None), 405)


def test_metrics_are_of_prometheus_and_hold_nobody(contracted: Living) -> None:
    """Text in its format, without personal data."""
    lead_of(contracted, "measured@firm.example")
    reply = contracted.call("GET", "/metrics", key=None)

    assert reply.kind == "text/plain"
    assert b"# HELP" in reply.raw
    assert re.search(rb"^leadwarden\w*", reply.raw, re.MULTILINE)
    assert b"measured" not in reply.raw


def test_the_document_has_every_route(contracted: Living) -> None:
    """OpenAPI 3.1, with the cursor's parameters where there is a list."""
    document = contracted.ask("GET", "/openapi.json", key=None)

    assert document["openapi"].startswith("3.1")
    paths = {re.sub(r"\{\w+\}", "{}", path): each for path, each in document["paths"].items()}
    assert set(DOCUMENTED.split()) <= set(paths)
    for path in PAGED:
        named = {each.get("name") for each in paths[path]["get"]["parameters"]}
        assert {"limit", "cursor"} <= named, path


@pytest.mark.parametrize("path", ["/docs", "/", "/privacy"])
def test_pages_are_pages(contracted: Living, path: str) -> None:
    """HTML, for anybody."""
    reply = contracted.call("GET", path, key=None)

    assert (reply.status, reply.kind) == (200, "text/html")


def test_gpc_is_honoured_and_said_so(contracted: Living) -> None:
    """The support resource of the specification."""
    assert contracted.ask("GET", "/.well-known/gpc.json", key=None)["gpc"] is True


def test_keys_of_receipts_are_published(contracted: Living) -> None:
    """Ed25519 keys, and no private part."""
    keys = contracted.ask("GET", "/.well-known/jwks.json", key=None)["keys"]

    assert keys
    for key in keys:
        assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
        assert "d" not in key


def test_a_one_click_unsubscribe_needs_no_key(contracted: Living) -> None:
    """RFC 8058; a token that we did not make is refused."""
    lead_id = lead_of(contracted, "click@firm.example")
    contracted.ask("POST", "/v1/consents", consent_of("click@firm.example"))
    links = contracted.ask("POST", f"/v1/leads/{lead_id}/links", {})
    token = links["unsubscribe_url"].rsplit("/", 1)[1]
    form: dict[str, Any] = {"kind": "application/x-www-form-urlencoded", "key": None}
    assert contracted.call("GET", f"/u/{token}", **form).status == 200
    assert contracted.ask("POST", "/v1/decisions", question_of("click@firm.example"))["effect"] == "allow"

    reply = contracted.call("POST", f"/u/{token}", b"List-Unsubscribe=One-Click", **form)
    assert reply.status == 200
    answer = contracted.ask("POST", "/v1/decisions", question_of("click@firm.example"))
    assert (answer["effect"], answer["reasons"][0]) == ("deny", "UNSUBSCRIBED")
    preferences = links["preferences_url"].rsplit("/", 1)[1]
    assert contracted.call("GET", f"/p/{preferences}", **form).status == 200
    for path in ("/u/made-up", "/p/made-up"):
        assert contracted.call("GET", path, **form).status in {400, 403, 404, 410}


def test_eight_busy_clients_are_no_overload(contracted: Living) -> None:
    """Never 429, never 503."""
    statuses: list[int] = []

    def ask() -> None:
        for n in range(15):
            reply = contracted.call("POST", "/v1/decisions", question_of(f"{n}@busy.example"))
            statuses.append(reply.status)

    clients = [threading.Thread(target=ask) for _ in range(8)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    assert statuses == [200] * 120


def test_nothing_personal_is_logged(contracted: Living) -> None:
    """Neither what was good nor what was bad."""
    contracted.call("POST", "/v1/leads", {"identifiers": "logged.otto@firm.example"})
    lead_of(contracted, "logged.anna@firm.example")
    contracted.call("GET", "/v1/leads?email=logged.url@firm.example")

    written = contracted.log.read_text()
    assert "logged.otto" not in written
    assert "logged.anna" not in written
    assert "logged.url" not in written


@pytest.mark.parametrize("setting", REFUSED_SETTINGS)
def test_a_wrong_setting_stops_every_command(tmp_path: Path, setting: dict[str, str]) -> None:
    """With one clear line that names it, and a code that is not 0; nothing is made."""
    told = command(Living(tmp_path / "home", setting, port=1), "db", "upgrade")

    assert told.exit_code not in {0, None}
    assert told.stdout == ""
    assert len(told.stderr.strip().splitlines()) == 1, told.stderr
    assert next(iter(setting)) in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_provider_of_keys_that_nobody_knows_stops(tmp_path: Path) -> None:
    """As soon as keys are needed."""
    told = command(Living(tmp_path / "home", {"LEADWARDEN_KMS": "nobody"}, port=1), "vault", "status")

    assert told.exit_code != 0
    assert "LEADWARDEN_KMS" in told.stderr
    assert not (tmp_path / "home.keys").exists()


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    """Of the service too."""
    told = Living(tmp_path / "home", {"LEADWARDEN_COLOUR": "blue"}, port=1).run("serve")

    assert told.returncode != 0
    assert (told.stdout, len(told.stderr.strip().splitlines())) == ("", 1)
    assert "LEADWARDEN_COLOUR" in told.stderr


def test_the_home_has_the_embedded_default(contracted: Living) -> None:
    """Database and key store within; beside it the checkpoints, and the keys for their owner only."""
    home = contracted.home

    assert {"leadwarden.db", "keys.db"} <= {each.name for each in home.iterdir()}
    keys = Path(f"{home}.keys")
    assert keys.is_dir()
    assert keys.stat().st_mode & 0o777 == 0o700
    assert Path(f"{home}.checkpoints").exists()


def test_problems_have_a_type_of_their_own(contracted: Living) -> None:
    """A URI or a URN, the same for the same code."""
    first = problem(contracted.call("GET", "/v1/nothing"), 404)
    second = problem(contracted.call("GET", "/nothing/else"), 404)

    assert first["type"] == second["type"]
    assert ":" in first["type"]
    assert json.dumps(first).count("Traceback") == 0
