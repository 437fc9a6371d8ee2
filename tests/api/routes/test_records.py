"""The controller's records over HTTP, in each of their forms."""

import xml.etree.ElementTree as ET

import pytest
from flask.testing import FlaskClient

from tests.conftest import KeyOf


@pytest.fixture
def reader(key_of: KeyOf) -> dict[str, str]:
    """Who may see requests may see what is published of them."""
    return key_of("requests:read")


@pytest.mark.parametrize(
    ("path", "kind", "begins"),
    [
        ("article-30", "application/json", b"{"),
        ("article-30?format=markdown", "text/markdown", b"# Record"),
        ("article-30?format=html", "text/html", b"<!doctype html>"),
        ("request-metrics?year=2025&regime=all", "application/json", b"{"),
        ("request-metrics?format=markdown", "text/markdown", b"# Requests of 2026 (CCPA)"),
        ("data-map", "image/svg+xml", b"<svg "),
        ("data-map?format=text", "text/plain", b"leadwarden (service) holds"),
    ],
)
def test_each_record_comes_in_its_forms(
    client: FlaskClient, reader: dict[str, str], path: str, kind: str, begins: bytes
) -> None:
    """The type says which."""
    reply = client.get(f"/v1/records/{path}", headers=reader)

    assert (reply.status_code, reply.mimetype) == (200, kind)
    assert reply.data.lstrip().startswith(begins)


def test_the_picture_is_well_formed(client: FlaskClient, reader: dict[str, str]) -> None:
    """As a browser wants it."""
    assert ET.fromstring(client.get("/v1/records/data-map", headers=reader).data) is not None  # noqa: S314 - ours


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("article-30?format=pdf", "format"),
        ("data-map?format=png", "format"),
        ("request-metrics?year=last", "year"),
        ("request-metrics?year=10000", "year"),
        (f"request-metrics?year={'9' * 5000}", "year"),
        ("request-metrics?regime=roman", "regime"),
    ],
)
def test_what_is_not_offered_is_named(
    client: FlaskClient, reader: dict[str, str], path: str, place: str
) -> None:
    """Each place that is wrong."""
    reply = client.get(f"/v1/records/{path}", headers=reader)

    assert (reply.status_code, list(reply.get_json()["errors"])) == (422, [place])


def test_records_are_not_for_everybody(client: FlaskClient, key_of: KeyOf) -> None:
    """They name systems and recipients."""
    assert client.get("/v1/records/data-map", headers=key_of("leads:write")).status_code == 403
