"""What events add up to."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import JSON
from consent.contacts import CONTACTS_KEPT
from consent.events import Event, EventKind
from consent.projection import project
from tests.consent.factories import a_consent, an_event, day

DAYS = st.integers(min_value=0, max_value=6)
CHANNELS = st.lists(st.sampled_from(["email", "sms", "phone_live"]), min_size=1, max_size=3, unique=True)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """One event of a few kinds that meet each other, on one of a few days, so that ties are common."""
    details: dict[EventKind, dict[str, JSON]] = {
        EventKind.CONSENT: {
            "status": draw(st.sampled_from(["given", "renewed", "withdrawn", "refused"])),
            "channels": draw(CHANNELS),
            "purposes": draw(st.sampled_from([["direct_marketing"], ["profiling", "direct_marketing"]])),
            "proof": "web_form",
        },
        EventKind.OBJECTION: {"kind": draw(st.sampled_from(["direct_marketing", "unsubscribe"]))},
        EventKind.ATTRIBUTES: {"country": draw(st.sampled_from(["DE", "FR", None]))},
        EventKind.RESTRICTION: {"lifted": draw(st.booleans())},
        EventKind.SUPPRESSION: {"type": "manual", "lifted": draw(st.booleans())},
        EventKind.MESSAGE_SENT: {"channel": draw(st.sampled_from(["email", "sms"]))},
        EventKind.REGISTER_CHECK: {"register": "TPS", "listed": draw(st.booleans())},
        EventKind.SOURCE: {"kind": draw(st.sampled_from(["web_form", "partner"])), "key": "k"},
    }
    kind = draw(st.sampled_from(sorted(details)))
    return Event("lead-1", kind, day(draw(DAYS)), details[kind])


@given(st.lists(events(), max_size=12), st.randoms())
def test_the_order_of_arrival_does_not_matter(told: list[Event], chance: random.Random) -> None:
    """Any shuffle of the same events gives the same facts."""
    shuffled = list(told)
    chance.shuffle(shuffled)

    assert project(told) == project(shuffled)


@given(st.lists(events(), max_size=10), DAYS)
def test_a_withdrawal_of_everything_leaves_no_consent_up_to_its_instant(told: list[Event], on: int) -> None:
    """Every consent given until then carries a withdrawal, even one given at the same instant."""
    stop = a_consent(on, "withdrawn", channels=["all"], purposes=["all"])

    consents = project([*told, stop])["consents"]

    standing = [item for item in consents if item["given_on"] <= day(on).isoformat()]
    assert all(item["withdrawn_on"] <= day(on).isoformat() for item in standing)


@pytest.mark.parametrize(
    ("kind", "granting", "stopping", "fact", "expected"),
    [
        (EventKind.RESTRICTION, {"lifted": True}, {}, "restrictions", 1),
        (EventKind.SUPPRESSION, {"type": "manual", "lifted": True}, {"type": "manual"}, "suppressions", 1),
    ],
)
def test_on_a_tie_the_stop_wins(
    kind: EventKind, granting: dict[str, JSON], stopping: dict[str, JSON], fact: str, expected: int
) -> None:
    """A lift at the very instant of what it lifts does not lift it, in whatever order they came."""
    told = [Event("lead-1", kind, day(1), stopping), Event("lead-1", kind, day(1), granting)]

    assert [expected, expected] == [len(project(told)[fact]), len(project(told[::-1])[fact])]


def test_a_listing_beats_a_clean_check_of_the_same_instant() -> None:
    """The stop of a register check is that it says listed."""
    told = [
        an_event(EventKind.REGISTER_CHECK, 1, register="TPS", listed=True),
        an_event(EventKind.REGISTER_CHECK, 1, register="TPS", listed=False),
    ]

    assert [project(order)["register_checks"][0]["listed"] for order in (told, told[::-1])] == [True, True]


def test_no_events_leave_only_the_missing_notice() -> None:
    """A lead of which nothing is known: nothing but that no notice was given."""
    assert project([]) == {"notice_given_on": None}


def test_a_partial_withdrawal_takes_only_its_part() -> None:
    """Of e-mail and SMS, SMS is withdrawn; e-mail stands."""
    told = [a_consent(0, channels=["email", "sms"]), a_consent(5, "withdrawn", channels=["sms"])]

    expected = [(["email"], None), (["sms"], day(5).isoformat())]
    assert expected == [(item["channels"], item.get("withdrawn_on")) for item in project(told)["consents"]]


def test_a_refusal_alone_is_a_consent_that_ended_as_it_began() -> None:
    """A stored refusal is never taken for a consent."""
    (fact,) = project([a_consent(3, "refused", proof=None)])["consents"]

    assert (day(3).isoformat(), day(3).isoformat(), None) == (
        fact["given_on"],
        fact["withdrawn_on"],
        fact["proof"],
    )


def test_a_consent_after_a_withdrawal_stands() -> None:
    """A new grant starts anew, and the old one stays withdrawn."""
    told = [a_consent(0), a_consent(1, "withdrawn"), a_consent(2)]

    assert [day(1).isoformat(), None] == [item.get("withdrawn_on") for item in project(told)["consents"]]


def test_a_message_counts_as_use_of_the_consent_it_rests_on() -> None:
    """The last message on a covered channel is `last_used_on`; one on another channel is not."""
    told = [
        a_consent(0),
        an_event(EventKind.MESSAGE_SENT, 4, channel="email", purpose="direct_marketing"),
        an_event(EventKind.MESSAGE_SENT, 9, channel="sms"),
    ]

    assert day(4).isoformat() == project(told)["consents"][0]["last_used_on"]


def test_an_objection_names_its_channels_and_its_purposes_own_kind() -> None:
    """An objection to sharing among its purposes is an objection to sharing too."""
    told = [an_event(EventKind.OBJECTION, 1, kind="direct_marketing", purposes=["sharing"], channels=["sms"])]

    expected = [("direct_marketing", ["sms"]), ("do_not_sell_or_share", ["sms"])]
    assert expected == [(item["type"], item["scope"]) for item in project(told)["objections"]]


def test_an_unsubscribe_is_a_suppression_of_its_channels() -> None:
    """The contract's word for it, with the channels that it names."""
    told = [an_event(EventKind.OBJECTION, 1, kind="unsubscribe", channels=["email"])]

    expected = [{"type": "unsubscribe", "received_on": day(1).isoformat(), "channels": ["email"]}]
    assert expected == project(told)["suppressions"]


def test_a_suppression_that_was_an_objection_is_an_objection_again() -> None:
    """What was kept by hash for an unknown person comes back as what it was, for every channel it names."""
    told = [an_event(EventKind.SUPPRESSION, 1, type="direct_marketing", channels=["all"], hash_match=True)]

    facts = project(told)

    assert [{"type": "direct_marketing", "scope": "all", "received_on": day(1).isoformat()}] == facts[
        "objections"
    ]
    assert "suppressions" not in facts


def test_a_soft_bounce_suppresses_nothing_and_a_hard_one_its_channel() -> None:
    """Only what is permanent stops; without a channel a bounce is of e-mail."""
    soft = an_event(EventKind.BOUNCE, 1, permanent=False, channel="email")
    hard = an_event(EventKind.BOUNCE, 2)

    (fact,) = project([soft, hard])["suppressions"]

    assert (fact["type"], fact["channels"]) == ("bounce", ["email"])


@pytest.mark.parametrize(
    ("country", "region", "expected"),
    [
        ("US", "US-CA", {"jurisdiction": "US-CA"}),
        (None, "US-CA", {"jurisdiction": "US-CA"}),
        ("DE", None, {"jurisdiction": "DE"}),
        ("DE", "US-CA", {"jurisdiction": "DE", "candidates": ["DE", "US-CA"]}),
        (None, None, {}),
    ],
)
def test_a_place_is_the_region_unless_it_contradicts(
    country: str | None, region: str | None, expected: dict[str, Any]
) -> None:
    """Two places that disagree are both candidates, so that both must allow."""
    facts = project([an_event(EventKind.ATTRIBUTES, country=country, region=region)])

    assert expected == {key: facts[key] for key in ("jurisdiction", "candidates") if key in facts}


def test_the_first_source_is_the_source_and_a_third_party_wins_the_tie() -> None:
    """Later sources add data, they do not change how the person was come by."""
    told = [
        an_event(EventKind.SOURCE, 2, kind="web_form", key="a"),
        an_event(EventKind.SOURCE, 1, kind="event", key="b"),
        an_event(EventKind.SOURCE, 1, kind="partner", key="c"),
    ]

    facts = project(told)

    assert ("partner", day(1).isoformat()) == (facts["source"], facts["obtained_on"])


def test_a_relationship_says_what_was_bought_asked_and_agreed() -> None:
    """Purchases, inquiries and contracts become one relationship; an ended contract is not active."""
    told = [
        an_event(EventKind.PURCHASE, 1, email_from_sale=True, own_similar_products=True),
        an_event(EventKind.INQUIRY, 2),
        an_event(EventKind.CONTRACT_STARTED, 3),
        an_event(EventKind.CONTRACT_ENDED, 4),
    ]

    assert project(told)["relationship"] == {
        "type": "customer",
        "email_from_sale": True,
        "own_similar_products": True,
        "last_purchase_on": day(1).isoformat(),
        "last_inquiry_on": day(2).isoformat(),
        "contract_active": False,
        "contract_ended_on": day(4).isoformat(),
        "objected": False,
    }


def test_contacts_are_the_newest_instants_a_channel() -> None:
    """A long history does not make a decision slow."""
    told = [an_event(EventKind.MESSAGE_SENT, number, channel="email") for number in range(CONTACTS_KEPT + 5)]

    instants = project(told)["contacts"]["email"]

    assert (CONTACTS_KEPT, day(5).isoformat()) == (len(instants), instants[0])


def test_the_other_grounds_are_the_newest_of_their_kind() -> None:
    """Assessment, publication, presumed interest, signal, notice, inbound contact."""
    told = [
        an_event(EventKind.LEGITIMATE_INTEREST_ASSESSMENT, 1, id="LIA-1"),
        an_event(EventKind.LEGITIMATE_INTEREST_ASSESSMENT, 2, id="LIA-2"),
        an_event(EventKind.PUBLICATION, 1, conspicuous=True, note="not a fact"),
        an_event(EventKind.PRESUMED_INTEREST, 1, substantiated=True, reason="on file"),
        an_event(EventKind.SIGNAL, 1, gpc=True),
        an_event(EventKind.NOTICE, 3, article="14"),
        an_event(EventKind.INBOUND_CONTACT, 6),
    ]

    expected = {
        "lia": "LIA-2",
        "publication": {"conspicuous": True},
        "presumed_consent": {"substantiated": True, "reason": "on file"},
        "signals": {"gpc": True},
        "notice_given_on": day(3).isoformat(),
        "last_inbound_contact_on": day(6).isoformat(),
    }
    assert expected == project(told)


def test_a_withdrawn_assessment_is_none() -> None:
    """A ground that was taken back is no ground."""
    told = [
        an_event(EventKind.LEGITIMATE_INTEREST_ASSESSMENT, 1, id="LIA-1"),
        an_event(EventKind.LEGITIMATE_INTEREST_ASSESSMENT, 2, id="LIA-1", withdrawn=True),
    ]

    assert "lia" not in project(told)
