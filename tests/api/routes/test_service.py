"""Health, readiness, metrics, documents, pages, headers."""

import re

import pytest
from flask.testing import FlaskClient

from api.context import Service
from tests.conftest import KeyOf


def test_health_is_the_process(client: FlaskClient) -> None:
    """No database is asked."""
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_readiness_names_each_part(client: FlaskClient) -> None:
    """All of them work."""
    assert client.get("/readyz").get_json() == {"database": "ok", "keys": "ok", "log": "ok"}


@pytest.mark.parametrize(
    ("file", "failed"),
    [
        ("leadwarden.db", {"database": "failed", "keys": "ok", "log": "failed"}),
        ("keys.db", {"database": "ok", "keys": "failed", "log": "ok"}),
    ],
)
def test_a_part_that_is_away_is_named(
    client: FlaskClient, service: Service, file: str, failed: dict[str, str]
) -> None:
    """503, and what works is said too."""
    path = service.settings.home / file
    path.rename(path.with_suffix(".away"))
    answer = client.get("/readyz")
    path.with_suffix(".away").rename(path)

    assert answer.status_code == 503
    assert {name: answer.get_json()[name] for name in failed} == failed


def test_metrics_count_routes_and_never_paths(client: FlaskClient, key_of: KeyOf) -> None:
    """What somebody wrote into a URL does not become a label."""
    client.get("/healthz")
    client.get("/sentinel@example.com")
    client.delete("/v1/keys/sentinel", headers=key_of("keys:manage"))
    text = client.get("/metrics").text

    assert 'leadwarden_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text
    assert 'route="/v1/keys/<key_id>",status="404"' in text
    assert "sentinel" not in text


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/docs", "/openapi.json", "/v1/keys"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    """Errors too."""
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]


def test_styles_may_be_inline_on_the_docs_page_only(client: FlaskClient) -> None:
    """Scripts nowhere."""
    assert "style-src 'self' 'unsafe-inline'" in client.get("/docs").headers["Content-Security-Policy"]
    for path in ("/", "/healthz"):
        assert "unsafe" not in client.get(path).headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_a_page_loads_nothing_from_elsewhere(client: FlaskClient, page: str) -> None:
    """Every file that it names is served here; no script or style stands in it."""
    text = client.get(page).text
    files = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', text)

    assert files
    for file in files:
        with client.get(file) as answer:
            assert (file[0], answer.status_code) == ("/", 200)
    assert "<style" not in text
    assert "style=" not in text
    assert re.findall(r"<script[^>]*>[^<]", text) == []


def test_the_start_page_is_readable_by_people_and_machines(client: FlaskClient) -> None:
    """A language, a title, one heading, landmarks."""
    text = client.get("/").text

    assert '<html lang="en">' in text
    assert "<title>" in text
    assert text.count("<h1>") == 1
    assert "<main>" in text


@pytest.mark.parametrize("path", ["/docs/oauth2-redirect.html", "/docs/..%2fstart.html", "/docs/index.css"])
def test_only_what_the_docs_page_needs_is_served(client: FlaskClient, path: str) -> None:
    """A closed list of files."""
    assert client.get(path).status_code == 404
