"""What people reach by the links in their messages: their preferences, and the one click that ends it."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from api.context import Service
from governance.custody import lock, purge
from tests.api.people import NOBODY, ONE_CLICK, checked, events_of, page_of, pages, reasons, way_out_of
from tests.conftest import Clock, KeyOf


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
