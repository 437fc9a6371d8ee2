"""The pages for people, over HTTP: what they do, what they give away, and how they refuse."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.context import Service
from api.routes.privacy_page import KINDS, SHARED_NOTE
from audit.tables import LinkRow, PendingRow
from consent.events import EventKind
from consent.ledger import history
from governance.custody import lock, purge
from governance.link_tokens import LinkKind, token_of
from governance.requests import case_file
from governance.requests.tables import RequestLeadRow, RequestRow
from governance.vault.keys import load
from tests.api.people import ADDRESS, SHARED, page_of, take_in, way_out_of
from tests.conftest import Clock, KeyOf

ASKED = {"type": "access", "email": ADDRESS, "place": "gdpr", "form": "6f9619ff-8b86-4011-b42d-00cf4fc964ff"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
NOBODY = "7a52ab05-2e94-4b47-a1a5-74be0f8a2c11"


@pytest.fixture
def writer(key_of: KeyOf) -> dict[str, str]:
    """A key that takes leads in and asks for decisions."""
    return key_of("leads:write", "decisions:create")


@pytest.fixture
def lead_id(client: FlaskClient, writer: dict[str, str]) -> str:
    """Jane, a lead."""
    return take_in(client, writer)


def requests_of(service: Service) -> list[RequestRow]:
    """Every privacy request."""
    with service.main.read() as session:
        return list(session.scalars(select(RequestRow).order_by(RequestRow.created_at)))


def events_of(service: Service, lead_id: str) -> list[tuple[str, Any]]:
    """The lead's consents and objections: what was said, over which channels; those of an instant sorted."""
    wanted = {EventKind.CONSENT, EventKind.OBJECTION}
    with service.main.read() as session:
        told = [one.event for one in history(session, lead_id) if one.event.kind in wanted]
    said = [
        (
            event.occurred_at,
            str(event.details.get("status") or event.details["kind"]),
            event.details["channels"],
        )
        for event in told
    ]
    return [(word, channels) for _, word, channels in sorted(said)]


def reasons(client: FlaskClient, writer: dict[str, str], lead_id: str, **question: str) -> list[str]:
    """The reasons of the next decision about marketing by e-mail."""
    asked = {"lead": {"lead_id": lead_id}, "channel": "email", "purpose": "direct_marketing", **question}
    answer = client.post("/v1/decisions", json=asked, headers=writer)
    assert answer.status_code == 200
    found: list[str] = answer.get_json()["reasons"]
    return found


def checked(text: str) -> list[str]:
    """The ids of the radios and boxes that are ticked."""
    boxes = re.findall(r"<input([^>]*type=\"(?:radio|checkbox)\"[^>]*)>", text)
    return [re.findall(r'id="([^"]*)"', box)[0] for box in boxes if re.search(r"\bchecked\b", box)]


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
    assert row.identity_count == 1
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


def pages(service: Service, lead_id: str) -> Iterator[str]:
    """Every page that can be opened."""
    yield from ("/privacy", page_of(service, lead_id), way_out_of(service, lead_id), "/p/forged")


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


def test_the_style_may_be_kept_for_a_day(client: FlaskClient) -> None:
    """One file for all pages."""
    answer = client.get("/pages/style.css")

    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"


def test_a_preference_page_names_nobody(client: FlaskClient, service: Service, lead_id: str) -> None:
    """Whoever a message is forwarded to learns no address; nothing is ticked that was not said."""
    answer = client.get(page_of(service, lead_id))

    assert answer.status_code == 200
    assert "example.com" not in answer.text
    assert lead_id not in answer.text
    assert checked(answer.text) == []


def test_opening_a_link_changes_nothing(
    client: FlaskClient, service: Service, writer: dict[str, str], lead_id: str
) -> None:
    """Programs of mail servers follow every link of a message."""
    for path in pages(service, lead_id):
        client.get(path, headers={"Sec-GPC": "1"})
        client.head(path)

    assert events_of(service, lead_id) == []
    assert "UNSUBSCRIBED" not in reasons(client, writer, lead_id)


def test_choices_are_kept_and_shown_again(
    client: FlaskClient, service: Service, clock: Clock, lead_id: str
) -> None:
    """A yes, a no, and what was not answered; then the other way round."""
    path = page_of(service, lead_id)
    first = client.post(path, data={"do": "save", "email": "yes", "phone": "no"})
    clock.now += timedelta(minutes=1)
    second = client.post(path, data={"do": "save", "email": "no", "phone": "no"})

    assert checked(first.text) == ["email-yes", "phone-no"]
    assert checked(second.text) == ["email-no", "phone-no"]
    assert "Saved." in first.text
    assert events_of(service, lead_id) == [
        ("direct_marketing", ["phone_live", "phone_automated"]),
        ("given", ["email"]),
        ("direct_marketing", ["email"]),
        ("withdrawn", ["email"]),
    ]


def test_the_consent_of_a_page_keeps_the_words_that_were_read(
    client: FlaskClient, service: Service, key_of: KeyOf, lead_id: str
) -> None:
    """Its receipt shows them (GDPR art. 7(1))."""
    shown = client.post(page_of(service, lead_id), data={"email": "yes"}).text
    headers = key_of("consents:read")
    [consent] = client.get(f"/v1/leads/{lead_id}/consents", headers=headers).get_json()["items"]
    receipt = client.get(f"/v1/consents/{consent['consent_id']}/receipt", headers=headers)
    [sentence] = re.findall(r"Yes means: [^<]*by e-mail, until I say no\.", shown)

    assert (consent["method"], consent["proof"]) == ("web_form", "web_form")
    assert sentence in receipt.text


def test_saving_without_a_change_writes_nothing(client: FlaskClient, service: Service, lead_id: str) -> None:
    """However often."""
    path, data = page_of(service, lead_id), {"do": "save", "post": "no", "profiling": "no"}
    client.post(path, data=data)
    once = events_of(service, lead_id)
    again = client.post(path, data=data)

    assert events_of(service, lead_id) == once
    assert "Nothing has changed" in again.text
    assert "You have said no, and we keep to it." in again.text


def test_stop_everything_stops_everything(
    client: FlaskClient, service: Service, writer: dict[str, str], lead_id: str
) -> None:
    """Whatever else was ticked in the form."""
    client.post(page_of(service, lead_id), data={"do": "stop", "email": "yes"})

    assert [kind for kind, _ in events_of(service, lead_id)] == [
        "direct_marketing",
        "do_not_sell_or_share",
        "profiling",
    ]
    assert reasons(client, writer, lead_id)[0] == "OBJECTION_DIRECT_MARKETING"
    assert reasons(client, writer, lead_id, channel="post")[0] == "OBJECTION_DIRECT_MARKETING"
    assert "SALE_SHARING_OPT_OUT" in reasons(client, writer, lead_id, purpose="sharing")


def test_a_yes_after_a_no_lifts_it(
    client: FlaskClient, service: Service, writer: dict[str, str], clock: Clock, lead_id: str
) -> None:
    """The person acted."""
    path = page_of(service, lead_id)
    client.post(path, data={"do": "stop"})
    clock.now += timedelta(minutes=1)
    client.post(path, data={"email": "yes"})

    assert "OBJECTION_DIRECT_MARKETING" not in reasons(client, writer, lead_id)
    assert checked(client.get(path).text) == [
        "email-yes",
        "phone-no",
        "text-no",
        "social-no",
        "post-no",
        "ads-no",
    ]


def test_the_browsers_signal_is_shown_and_kept_on_saving(
    client: FlaskClient, service: Service, lead_id: str
) -> None:
    """Global Privacy Control is a no to sale and sharing, once the person submits."""
    path, signal = page_of(service, lead_id), {"Sec-GPC": "1"}
    shown = client.get(path, headers=signal).text
    client.post(path, data={"do": "save"}, headers=signal)

    assert "Global Privacy Control" in shown
    assert checked(shown) == ["do_not_sell_or_share"]
    assert "Global Privacy Control" not in client.get(path).text
    assert events_of(service, lead_id) == [("do_not_sell_or_share", ["all"])]


def test_gpc_support_is_stated(client: FlaskClient) -> None:
    """As the specification of Global Privacy Control has it."""
    answer = client.get("/.well-known/gpc.json")

    assert answer.mimetype == "application/json"
    assert answer.get_json() == {"gpc": True, "lastUpdate": "2026-11-22"}


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_ends_marketing_by_mail_in_the_next_decision(
    client: FlaskClient, service: Service, writer: dict[str, str], lead_id: str, media: str
) -> None:
    """RFC 8058, from another host, without a cookie or a word; once more changes nothing."""
    path = way_out_of(service, lead_id)
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    answers = [client.post(path, data=ONE_CLICK, content_type=media, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert events_of(service, lead_id) == [("unsubscribe", ["email"])]
    assert reasons(client, writer, lead_id)[0] == "UNSUBSCRIBED"
    assert checked(client.get(page_of(service, lead_id)).text) == ["email-no"]


def test_who_agreed_again_can_leave_again(
    client: FlaskClient, service: Service, writer: dict[str, str], clock: Clock, lead_id: str
) -> None:
    """Idempotent is not deaf."""
    client.post(way_out_of(service, lead_id), data=ONE_CLICK)
    clock.now += timedelta(days=1)
    client.post(page_of(service, lead_id), data={"email": "yes"})
    clock.now += timedelta(days=1)
    client.post(way_out_of(service, lead_id), data=ONE_CLICK)

    assert reasons(client, writer, lead_id)[0] == "UNSUBSCRIBED"


def test_a_post_that_is_no_one_click_gets_the_button(
    client: FlaskClient, service: Service, lead_id: str
) -> None:
    """RFC 8058, section 3.1: the body says what is meant."""
    answer = client.post(way_out_of(service, lead_id), data={"a": "b"})

    assert answer.status_code == 400
    assert 'value="One-Click"' in answer.text
    assert events_of(service, lead_id) == []


def test_an_unknown_and_a_forged_token_get_the_same_page(
    client: FlaskClient, service: Service, lead_id: str
) -> None:
    """404, whatever is wrong with it; also the token of the other kind of link."""
    good = page_of(service, lead_id)[3:]
    forged = good[:-10] + ("A" if good[-10] != "A" else "B") + good[-9:]
    texts = set()
    for token in ("x", forged, way_out_of(service, lead_id)[3:], "%F0%9F%98%80", "A" * 43):
        for answer in (client.get(f"/p/{token}"), client.post(f"/p/{token}"), client.get(f"/u/{forged}")):
            assert (answer.status_code, answer.mimetype) == (404, "text/html")
            texts.add(answer.text)

    assert len(texts) == 1


def test_a_link_of_somebody_who_is_gone_says_that_and_no_more(
    client: FlaskClient, service: Service, lead_id: str
) -> None:
    """Being erased, erased, or never here: one page, and success for the mail provider's post."""
    answers = [client.get(page_of(service, NOBODY))]
    service.main.write(lambda session: lock(session, lead_id))
    answers.append(client.get(page_of(service, lead_id)))
    service.main.write(lambda session: purge(session, lead_id))
    for path in (page_of(service, lead_id), way_out_of(service, lead_id), way_out_of(service, NOBODY)):
        answers += [client.get(path), client.post(path, data=ONE_CLICK)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert "not used any more" in answers[0].text


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


def test_a_program_gets_the_links_and_the_headers(
    client: FlaskClient, service: Service, writer: dict[str, str], lead_id: str
) -> None:
    """Always the same ones, and they work."""
    path = f"/v1/leads/{lead_id}/links"
    links = client.post(path, json={}, headers=writer).get_json()
    base = "http://127.0.0.1:8080"

    assert client.post(path, headers=writer).get_json() == links
    assert links == {
        "unsubscribe_url": f"{base}{way_out_of(service, lead_id)}",
        "preferences_url": f"{base}{page_of(service, lead_id)}",
        "headers": {
            "List-Unsubscribe": f"<{base}{way_out_of(service, lead_id)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }
    assert client.get(links["preferences_url"].removeprefix(base)).status_code == 200


@pytest.mark.parametrize("lead", [NOBODY, "nobody"])
def test_nobody_has_no_links(client: FlaskClient, writer: dict[str, str], lead: str) -> None:
    """404, as everywhere."""
    answer = client.post(f"/v1/leads/{lead}/links", json={}, headers=writer)

    assert (answer.status_code, answer.get_json()["code"]) == (404, "lead_unknown")


def test_a_lead_that_is_being_erased_gets_no_links(
    client: FlaskClient, service: Service, writer: dict[str, str], lead_id: str
) -> None:
    """Nobody is to write to them any more."""
    service.main.write(lambda session: lock(session, lead_id))
    answer = client.post(f"/v1/leads/{lead_id}/links", json={}, headers=writer)

    assert (answer.status_code, answer.get_json()["code"]) == (409, "lead_locked")


def test_links_survive_a_restart(service: Service, lead_id: str) -> None:
    """Their key stands in the key store."""
    before = token_of(service.keyring, LinkKind.PREFERENCES, lead_id)
    with service.keys.read() as keys:
        service.keyring.refresh(keys)

    assert token_of(service.keyring, LinkKind.PREFERENCES, lead_id) == before
