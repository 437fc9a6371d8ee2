"""The form on which anybody asks about their data: what it takes, and what it gives away."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.app import create_app
from api.background import request_letters
from api.context import Service
from api.routes.privacy_page import KINDS, SHARED_NOTE
from governance.messages.tables import MessageRow
from governance.messages.topics import Topic
from governance.requests import case_file
from governance.requests.tables import RequestLeadRow, RequestRow
from governance.vault.keys import load
from tests.api.letters import writing
from tests.api.people import ADDRESS, ASKED, SHARED, reasons, take_in


def requests_of(service: Service) -> list[RequestRow]:
    """Every privacy request."""
    with service.main.read() as session:
        return list(session.scalars(select(RequestRow).order_by(RequestRow.created_at)))


@pytest.mark.parametrize("kind", [kind.value for kind in KINDS])
def test_each_kind_of_request_is_taken_in(client: FlaskClient, service: Service, kind: str) -> None:
    """Under the number that the page shows, with the day by which an answer is due."""
    answer = client.post("/privacy", data=ASKED | {"type": kind})
    [row] = requests_of(service)

    assert answer.status_code == 200
    assert (row.type, row.submitted_by) == (kind, "data_subject")
    assert row.id in answer.text
    assert re.search(r"An answer is due by <strong>\d+ \w+ 20\d\d</strong>", answer.text)


def test_an_agent_says_so(client: FlaskClient, service: Service) -> None:
    """The permission is asked for later."""
    client.post("/privacy", data=ASKED | {"agent": "yes"})

    assert [row.submitted_by for row in requests_of(service)] == ["authorised_agent"]


@pytest.mark.parametrize("kind", ["access", "objection", "opt_out_sale_sharing"])
@pytest.mark.parametrize("place", ["", "gdpr", "ccpa", "lgpd"])
def test_the_answer_does_not_say_who_is_known(
    client: FlaskClient, writer: dict[str, str], kind: str, place: str
) -> None:
    """The same page for a lead of California, for several who share an address, and for nobody."""
    take_in(client, writer, country="US", region="US-CA")
    take_in(client, writer, "a.person@example.com", SHARED)
    take_in(client, writer, "b.person@example.com", SHARED)
    pages = set()
    for address in (ADDRESS, "nobody@example.net", SHARED, "info@example.net"):
        answer = client.post("/privacy", data=ASKED | {"type": kind, "place": place, "email": address})
        pages.add((answer.status_code, re.sub(r"[0-9a-f-]{36}", "NUMBER", answer.text)))

    assert len(pages) == 1


def test_an_address_of_several_leads_is_a_persons_to_sort_out(
    client: FlaskClient, service: Service, writer: dict[str, str]
) -> None:
    """The request is none of theirs, keeps the address, and says why to whoever reads it."""
    take_in(client, writer, "a.person@example.com", SHARED)
    take_in(client, writer, "b.person@example.com", SHARED)
    client.post("/privacy", data=ASKED | {"email": SHARED, "note": "Please."})
    [row] = requests_of(service)
    with service.keys.read() as keys:
        key = load(keys, service.keyring, [row.id])[row.id]
    with service.main.read() as session:
        leads = session.scalars(select(RequestLeadRow)).all()

    assert leads == []
    assert len(case_file.open_identities(key, row.id, 1, row.identities or b"")) == 1
    assert row.note is not None
    assert case_file.open_text(key, row.id, "note", row.note) == f"Please.\n\n{SHARED_NOTE}"


def test_an_objection_by_the_form_holds_in_the_next_decision(
    client: FlaskClient, writer: dict[str, str], lead_id: str
) -> None:
    """Nobody reviews it first."""
    client.post("/privacy", data=ASKED | {"type": "objection"})

    assert reasons(client, writer, lead_id)[0] == "OBJECTION_DIRECT_MARKETING"


def test_the_same_form_sent_twice_is_one_request(client: FlaskClient, service: Service) -> None:
    """And another wish from the same page is another."""
    first, again = client.post("/privacy", data=ASKED), client.post("/privacy", data=ASKED)
    other = client.post("/privacy", data=ASKED | {"type": "erasure"})

    assert first.text == again.text != other.text
    assert sorted(row.type for row in requests_of(service)) == ["access", "erasure"]


def test_each_form_has_a_number_of_its_own(client: FlaskClient) -> None:
    """So that two people's equal words are two requests."""
    forms = {re.findall(r'name="form" value="([^"]+)"', client.get("/privacy").text)[0] for _ in range(3)}

    assert len(forms) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", ""),
        ("type", "limit_sensitive"),
        ("email", ""),
        ("email", "jane.doe"),
        ("email", "jane\0@example.com"),
        ("phone", "030 123456"),
        ("place", "mars"),
        ("note", "x" * 4001),
    ],
)
def test_a_wrong_field_is_named_and_linked(
    client: FlaskClient, service: Service, field: str, value: str
) -> None:
    """The form comes back filled in, its title says so, and nothing is written."""
    note = {} if field == "note" else {"note": '<b>"hello"</b>'}
    answer = client.post("/privacy", data=ASKED | note | {field: value})

    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert re.findall(r'<li><a href="#([a-z]+)">', answer.text) == [field]
    assert f'id="{field}-fault"' in answer.text
    assert f'id="{field}"' in answer.text
    assert ASKED["form"] in answer.text
    assert field == "note" or "&lt;b&gt;&#34;hello&#34;&lt;/b&gt;" in answer.text
    assert requests_of(service) == []


def test_a_form_without_its_number_is_taken_all_the_same(client: FlaskClient, service: Service) -> None:
    """Somebody's own program may post."""
    for _ in range(2):
        client.post("/privacy", data={"type": "access", "email": ADDRESS})

    assert len(requests_of(service)) == 2


@pytest.mark.parametrize("kind", ["access", "objection"])
def test_nobody_is_flooded_in_anothers_name(service: Service, kind: str) -> None:
    """Who filled the form in has read that it was received; strangers' boxes get three codes an hour."""
    mailed = writing(service)
    form = create_app(mailed).test_client()
    for note in range(5):
        form.post("/privacy", data=ASKED | {"type": kind, "note": str(note)})
    request_letters.step(mailed, mailed.clock())
    with service.main.read() as session:
        topics = list(session.scalars(select(MessageRow.topic)))

    assert topics == ([Topic.CODE_SENT] * 3 if kind == "access" else [])
