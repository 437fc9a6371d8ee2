"""Letters over HTTP: states for readers, text for officers, and the trail told before."""

from flask.testing import FlaskClient
from sqlalchemy import select

from api.context import Service
from audit.tables import PendingRow
from governance.messages import queue
from governance.messages.topics import Topic
from tests.conftest import KeyOf
from tests.governance.messages.post_office import a_key
from tests.governance.requests.correspondence import a_print_shop, write
from tests.governance.requests.desk import MemoryStore, a_request, an_approved, refuse, work

ANNA = "anna@example.com"


def opened(service: Service) -> int:
    """How often the trail says that a letter was opened."""
    with service.main.read() as session:
        actions = session.scalars(select(PendingRow.action)).all()
    return actions.count("request.letter_opened")


def test_a_letter_is_listed_without_and_opened_with_its_text(
    service: Service, client: FlaskClient, key_of: KeyOf
) -> None:
    """A reader sees that it failed; an officer reads it, and that stands in the trail first."""
    request_id = a_request(service, ANNA)
    refuse(service, request_id)
    write(service)
    path = f"/v1/privacy-requests/{request_id}/letters"
    listed = client.get(path, headers=key_of("requests:read"))
    assert listed.json is not None
    letter = next(each for each in listed.json["items"] if each["topic"] == "letter.refused")

    assert (letter["state"], letter["code"]) == ("failed", "not_configured")
    assert ANNA not in listed.text
    assert client.post(f"{path}/{letter['id']}", json={}, headers=key_of("requests:read")).status_code == 403
    assert opened(service) == 0
    shown = client.post(f"{path}/{letter['id']}", json={}, headers=key_of("requests:review"))
    assert shown.json is not None
    assert shown.json["to"] == ANNA
    assert "third time this week" in shown.json["text"]
    assert opened(service) == 1


def test_recipients_stand_beside_the_letters(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """With how they were told."""
    a_print_shop(service)
    request_id = an_approved(service, ANNA, ["prints"])
    work(service, MemoryStore("prints", by_hand=True))
    write(service)
    headers = key_of("requests:read", "requests:review")
    steps = f"/v1/privacy-requests/{request_id}/steps/prints/complete"
    done = client.post(steps, json={"answer": "done"}, headers=headers)
    found = client.get(f"/v1/privacy-requests/{request_id}/letters", headers=headers).json

    assert done.status_code == 200
    assert found is not None
    [recipient] = found["recipients"]
    assert (recipient["name"], recipient["told"], recipient["answer"]) == ("Print Shop", "by_hand", "done")
    assert client.post(steps, json={"answer": "maybe"}, headers=headers).status_code == 422


def test_nobody_reads_a_code_or_anothers_letter(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """A code is for whoever was sent it; a letter opens in its own request only."""
    first, second = a_request(service, ANNA), a_request(service, "bo@example.com")
    key, now = a_key(service, first), service.clock()
    code = service.main.write(
        lambda session: queue.post(
            session, key, Topic.CODE_SENT, to=ANNA, subject="Your code", text="1234 5678", now=now
        )
    )
    headers = key_of("requests:review")

    for request_id in (first, second):
        path = f"/v1/privacy-requests/{request_id}/letters/{code}"
        assert client.post(path, json={}, headers=headers).status_code == 404
    assert opened(service) == 0
    missing = client.get("/v1/privacy-requests/none/letters", headers=key_of("requests:read"))
    assert missing.status_code == 404
