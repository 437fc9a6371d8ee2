"""The link to a package over HTTP: made by an officer, followed once, answered alike whatever is wrong."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from api.context import Service
from governance.requests import package_links
from tests.conftest import Clock, KeyOf
from tests.governance.requests.test_package_links import ended
from tests.governance.vault import winzip

OWN = {"Sec-Fetch-Site": "same-origin"}


def made(client: FlaskClient, key_of: KeyOf, request_id: str, **body: int) -> dict[str, str]:
    """A link and its passphrase."""
    path = f"/v1/privacy-requests/{request_id}/package/link"
    reply = client.post(path, json=body, headers=key_of("requests:export"))
    assert reply.status_code == 201, reply.get_json()
    found: dict[str, str] = reply.get_json()
    return found


def path_of(link: dict[str, str]) -> str:
    """The path of its page."""
    return "/privacy" + link["url"].split("/privacy", 1)[1]


def test_the_person_fetches_a_locked_zip_once(client: FlaskClient, service: Service, key_of: KeyOf) -> None:
    """Looking uses nothing up; the passphrase opens everything; the second fetching gets a page."""
    link = made(client, key_of, ended(service))
    for _ in range(2):
        shown = client.get(path_of(link))
        assert (shown.status_code, shown.mimetype) == (200, "text/html")
    reply = client.post(path_of(link), headers=OWN)
    again = client.post(path_of(link), headers=OWN)
    files = winzip.read(reply.data, link["passphrase"])

    assert (reply.status_code, reply.mimetype) == (200, "application/zip")
    assert reply.headers["Cache-Control"] == "no-store"
    assert set(files) == {"index.html", "data.json", "crm.csv", "leadwarden.csv", "article-15.json"}
    assert b"anna.berg@example.com" in files["index.html"]
    assert b"anna.berg" not in reply.data
    assert (again.status_code, again.mimetype) == (404, "text/html")


def test_every_link_that_opens_nothing_is_answered_alike(
    client: FlaskClient, service: Service, key_of: KeyOf, clock: Clock
) -> None:
    """Used, too old, or never made: the same page, byte for byte; and so is the page before."""
    request_id = ended(service)
    used = made(client, key_of, request_id)
    client.post(path_of(used), headers=OWN)
    old = made(client, key_of, request_id, hours=1)
    clock.now += timedelta(hours=1)
    paths = [path_of(used), path_of(old), "/privacy/package/never-made"]

    assert (
        len({(reply.status_code, reply.data) for reply in (client.post(p, headers=OWN) for p in paths)}) == 1
    )
    assert len({client.get(path).data for path in paths}) == 1


def test_a_link_that_nobody_made_is_looked_up_and_writes_nothing(
    client: FlaskClient, service: Service, key_of: KeyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried; and it keeps nobody from their package."""
    link = made(client, key_of, ended(service))
    with monkeypatch.context() as patched:
        patched.setattr(package_links, "take", None)
        statuses = {client.post(f"/privacy/package/{number}", headers=OWN).status_code for number in range(9)}

    assert statuses == {404}
    assert client.post(path_of(link), headers=OWN).status_code == 200


def test_a_strangers_page_uses_no_link_up(client: FlaskClient, service: Service, key_of: KeyOf) -> None:
    """A form on another site is refused, and the link is good afterwards."""
    link = made(client, key_of, ended(service))

    assert client.post(path_of(link), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(path_of(link), headers=OWN).status_code == 200


@pytest.mark.parametrize("hours", [0, 15 * 24])
def test_a_link_lives_neither_no_time_nor_for_ever(
    client: FlaskClient, service: Service, key_of: KeyOf, hours: int
) -> None:
    """From an hour to two weeks."""
    path = f"/v1/privacy-requests/{ended(service)}/package/link"
    reply = client.post(path, json={"hours": hours}, headers=key_of("requests:export"))

    assert (reply.status_code, list(reply.get_json()["errors"])) == (422, ["hours"])


def test_who_may_not_export_makes_no_link(client: FlaskClient, service: Service, key_of: KeyOf) -> None:
    """The right to the package is the right to its link."""
    path = f"/v1/privacy-requests/{ended(service)}/package/link"

    assert client.post(path, json={}, headers=key_of("requests:read")).status_code == 403
