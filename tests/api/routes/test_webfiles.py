"""What browsers ask for beside the pages."""

from flask.testing import FlaskClient


def test_the_style_may_be_kept_for_a_day(client: FlaskClient) -> None:
    """One file for all pages."""
    answer = client.get("/pages/style.css")

    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"


def test_gpc_support_is_stated(client: FlaskClient) -> None:
    """As the specification of Global Privacy Control has it."""
    answer = client.get("/.well-known/gpc.json")

    assert answer.mimetype == "application/json"
    assert answer.get_json() == {"gpc": True, "lastUpdate": "2026-11-22"}
