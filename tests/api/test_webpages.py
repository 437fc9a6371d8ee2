"""What all pages for people have in common: nothing from elsewhere, forms of their own, errors in words."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.context import Service
from audit.tables import LinkRow, PendingRow
from tests.api.people import ASKED, ONE_CLICK, page_of, pages, way_out_of


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://127.0.0.1:8080"}, 200),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, 403),
    ],
)
def test_a_strangers_page_can_not_post_in_a_visitors_name(
    client: FlaskClient, service: Service, lead_id: str, headers: dict[str, str], status: int
) -> None:
    """Browsers say where the form stood."""
    for path in ("/privacy", page_of(service, lead_id)):
        assert client.post(path, data=ASKED, headers=headers).status_code == status


def test_a_form_that_is_too_long_is_refused_with_a_page(client: FlaskClient) -> None:
    """In words, before it is read."""
    answer = client.post("/privacy", data=ASKED | {"note": "x" * 70_000})

    assert (answer.status_code, answer.mimetype) == (413, "text/html")
    assert "too long" in answer.text


def test_a_page_that_can_not_be_made_now_says_so(client: FlaskClient, service: Service) -> None:
    """503 with the time to try again, as a page."""
    path = service.settings.home / "keys.db"
    path.rename(path.with_suffix(".away"))
    answer = client.post("/privacy", data=ASKED)
    path.with_suffix(".away").rename(path)

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert answer.headers["Retry-After"]
    assert "try again" in answer.text


def test_no_page_holds_a_script_or_asks_another_host(
    client: FlaskClient, service: Service, lead_id: str
) -> None:
    """The policy forbids both; no cache keeps a page, and its address is told to nobody."""
    for path in pages(service, lead_id):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert '<meta name="robots" content="noindex">' in answer.text
        assert re.findall(r"<script|style=|https?://", answer.text) == []
        assert re.findall(r'<link [^>]*href="([^"]+)"', answer.text) == ["/pages/style.css"]


def test_nothing_of_the_forms_reaches_the_trail(client: FlaskClient, service: Service, lead_id: str) -> None:
    """Entries name what was done, by the service itself; not by whom, nor in which words."""
    client.post("/privacy", data=ASKED | {"note": "canary words", "phone": "+49 30 9876543"})
    client.post(page_of(service, lead_id), data={"do": "stop"})
    client.post(way_out_of(service, lead_id), data=ONE_CLICK)
    with service.main.read() as session:
        entries = [bytes(row.body) for row in session.scalars(select(PendingRow))]
        covered = session.scalars(select(LinkRow).where(LinkRow.lead_id == lead_id)).all()

    assert len(covered) >= 4
    for word in (b"canary", b"jane", b"9876543", lead_id.encode(), b"/p/"):
        assert [entry for entry in entries if word in entry] == []
    assert any(b'"actor":"leadwarden"' in entry for entry in entries)
