"""The page where a person shows that it is they who ask."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from api.app import create_app
from api.context import Service
from api.routes.confirm_page import WRONG
from governance.requests import descriptions
from tests.api.letters import letters, newest_code, writing
from tests.api.people import ADDRESS, ASKED, take_in

NUMBER = re.compile(r"[0-9a-f-]{36}")


@pytest.fixture
def service(service: Service) -> Service:
    """A service that can write."""
    return writing(service)


@pytest.fixture
def client(service: Service) -> FlaskClient:
    """A client of that service."""
    return create_app(service).test_client()


def ask(client: FlaskClient, **more: str) -> str:
    """The number of a request that the form made."""
    answer = client.post("/privacy", data=ASKED | {"type": "erasure"} | more)
    assert "Enter the code here" in answer.text
    found = re.search(r'href="/privacy/confirm/([0-9a-f-]{36})"', answer.text)
    assert found is not None
    return found[1]


def status_of(service: Service, number: str) -> Any:
    """Where the request stands."""
    with service.main.read() as session:
        return descriptions.describe(session, number)["status"]


def test_a_person_goes_from_the_form_to_the_code(client: FlaskClient, service: Service) -> None:
    """Form, letter, page with the number filled in, thanks: no script, no account."""
    number = ask(client)
    assert [letter["to"] for letter in letters(service)] == [ADDRESS]
    page = client.get(f"/privacy/confirm/{number}")
    assert f'value="{number}"' in page.text
    assert '<label for="code">' in page.text
    assert 'autocomplete="one-time-code"' in page.text

    answer = client.post("/privacy/confirm", data={"number": number, "code": newest_code(service)})
    assert answer.status_code == 200
    assert "You have shown that it is you" in answer.text
    assert status_of(service, number) == "awaiting_review"


def test_a_number_in_capitals_and_a_code_without_a_space_are_the_same(
    client: FlaskClient, service: Service
) -> None:
    """As people type them."""
    number = ask(client)
    given = {"number": f" {number.upper()} ", "code": newest_code(service).replace(" ", "")}

    assert client.post("/privacy/confirm", data=given).status_code == 200


def test_every_no_is_the_same_no(client: FlaskClient, service: Service) -> None:
    """A wrong code, a code of another request, and no such request; the page keeps what was typed."""
    number, other = ask(client), ask(client, email="other.person@example.com")
    code = newest_code(service)
    answers = [
        client.post("/privacy/confirm", data={"number": one, "code": code})
        for one in (number, "00000000-0000-4000-8000-000000000000")
    ]
    answers.append(client.post("/privacy/confirm", data={"number": other, "code": "0000 0000"}))
    pages = {(one.status_code, NUMBER.sub("", one.text).replace(code, "0000 0000")) for one in answers}

    assert len(pages) == 1
    assert answers[0].status_code == 422
    assert WRONG in answers[0].text
    assert 'aria-invalid="true"' in answers[0].text
    assert f'value="{number}"' in answers[0].text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "number"),
        ({"number": "17", "code": "1234 5678"}, "number"),
        ({"number": "00000000-0000-4000-8000-000000000000"}, "code"),
        ({"number": "00000000-0000-4000-8000-000000000000", "code": "<script>"}, "code"),
    ],
)
def test_what_can_not_be_read_is_said_at_its_field(
    client: FlaskClient, given: dict[str, str], field: str
) -> None:
    """With a summary that leads there."""
    answer = client.post("/privacy/confirm", data=given)

    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize("number", ["17", "%3Cscript%3E", "x" * 500])
def test_a_link_that_was_cut_off_shows_the_empty_form(client: FlaskClient, number: str) -> None:
    """Whoever has only a part of the link copies the number."""
    answer = client.get(f"/privacy/confirm/{number}")

    assert answer.status_code == 200
    assert 'id="number" name="number" value=""' in answer.text


def test_a_form_on_a_strangers_page_is_not_taken(client: FlaskClient, service: Service) -> None:
    """Nobody confirms in a visitor's name."""
    number = ask(client)
    given = {"number": number, "code": newest_code(service)}
    answer = client.post("/privacy/confirm", data=given, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert status_of(service, number) == "awaiting_verification"


def test_no_code_is_sent_where_none_is_needed_or_can_be(client: FlaskClient, service: Service) -> None:
    """An objection holds at once; and without a mail server the page promises nothing."""
    answer = client.post("/privacy", data=ASKED | {"type": "objection"})
    assert "code" not in answer.text
    assert letters(service) == []


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that runs meanwhile, without its values."""
    ran: list[str] = []

    def keep(*arguments: Any) -> None:
        ran.append(str(arguments[2]).split(" WHERE ")[0][:40])

    event.listen(Engine, "before_cursor_execute", keep)
    yield ran
    event.remove(Engine, "before_cursor_execute", keep)


def test_a_code_costs_the_same_for_the_known_and_the_unknown(
    client: FlaskClient, service: Service, writer: dict[str, str]
) -> None:
    """The very same statements: no clock tells who is known."""
    take_in(client, writer)
    ran = []
    for email in (ADDRESS, "nobody@example.net"):
        number = ask(client, email=email)
        given = {"number": number, "code": newest_code(service)}
        with statements() as one:
            assert client.post("/privacy/confirm", data=given).status_code == 200
        ran.append(one)

    assert ran[0] == ran[1]
    assert ran[0]


def test_a_login_that_is_no_login_is_told_in_words(client: FlaskClient) -> None:
    """The portal's page has sent the person here, so a person reads it."""
    answer = client.post("/privacy/login", data={"token": "no.such.token"})

    assert answer.status_code == 422
    assert "We could not take over your login" in answer.text
