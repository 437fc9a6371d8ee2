"""Gauges: what stands in the database, the same whichever process is asked."""

from flask.testing import FlaskClient

from api.app import create_app
from api.context import Service
from api.gauges import exposition
from audit import sequencer
from tests.api.test_metrics import counted
from tests.conftest import KeyOf


def test_entries_that_wait_are_counted_until_they_have_their_place(started: Service) -> None:
    """One for each entry of the main database, none after the sequencer."""
    before = counted(exposition(started).decode(), "leadwarden_trail_pending")
    started.main.write(lambda session: sequencer.sequence(session, started.log_signer, started.clock()))
    after = counted(exposition(started).decode(), "leadwarden_trail_pending")

    assert before[()] > 0
    assert after == {(): 0}


def test_open_requests_are_counted_by_status_in_every_process(
    service: Service, client: FlaskClient, key_of: KeyOf
) -> None:
    """A second app over the same database, which answered no call, says the same."""
    body = {"type": "access", "identities": [{"email": "jane@example.com"}]}
    taken = client.post("/v1/privacy-requests", json=body, headers=key_of("requests:create"))
    second = create_app(service).test_client().get("/metrics").text
    found = counted(second, "leadwarden_requests_open")

    assert taken.status_code == 201
    assert taken.json is not None
    assert found[(taken.json["status"],)] == 1
    assert sum(found.values()) == 1


def test_an_unreachable_database_takes_the_gauges_only(service: Service, client: FlaskClient) -> None:
    """The process still says what it counted itself."""
    client.get("/healthz")
    service.settings.home.joinpath("leadwarden.db").rename(service.settings.home / "gone.db")
    text = client.get("/metrics").text

    assert counted(text, "leadwarden_requests_total") == {("GET", "/healthz", "200"): 1}
    assert "leadwarden_trail_pending" not in text
