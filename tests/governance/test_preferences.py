"""What a person last said, and what a new word adds to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.events import ConsentStatus, Event, EventKind
from consent.notices import Notice
from consent.projection import project
from consent.vocabulary import Channel, ObjectionKind
from governance.contact import NewConsent, NewObjection
from governance.preferences import (
    PAGE,
    SIGNAL,
    USES,
    Choices,
    Facts,
    Way,
    Word,
    Wording,
    acts,
    is_refused,
    is_unsubscribed,
    word_on,
)

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)
WORDING = Wording({way: Notice("1", f"yes to {way}", "en") for way in Way}, Notice("1", "stop", "en"))


def consent(at: datetime, proof: str | None = "web_form", **more: Any) -> dict[str, Any]:
    """A consent to marketing by e-mail, as a fact."""
    fact = {"channels": ["email"], "purposes": ["direct_marketing"], "given_on": at.isoformat()}
    return fact | {"proof": proof} | more


def objection(at: datetime, kind: str = "direct_marketing", scope: Any = "all") -> dict[str, Any]:
    """An objection, as a fact."""
    return {"type": kind, "scope": scope, "received_on": at.isoformat()}


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({}, Word.UNSAID),
        ({"consents": [consent(EARLIER)]}, Word.YES),
        ({"consents": [consent(EARLIER, expires_on=NOW.isoformat())]}, Word.UNSAID),
        ({"consents": [consent(EARLIER, withdrawn_on=NOW.isoformat())]}, Word.NO),
        ({"objections": [objection(EARLIER)]}, Word.NO),
        ({"objections": [objection(EARLIER, scope=["post"])]}, Word.UNSAID),
        ({"objections": [objection(EARLIER, kind="do_not_call")]}, Word.UNSAID),
        ({"suppressions": [{"type": "unsubscribe", "received_on": EARLIER.isoformat()}]}, Word.NO),
        ({"suppressions": [{"type": "bounce", "received_on": EARLIER.isoformat()}]}, Word.CLOSED),
        ({"objections": [objection(EARLIER)], "consents": [consent(NOW)]}, Word.YES),
        ({"objections": [objection(EARLIER)], "consents": [consent(NOW, "oral_note")]}, Word.NO),
        ({"objections": [objection(NOW)], "consents": [consent(NOW)]}, Word.NO),
    ],
)
def test_the_last_word_counts(facts: Facts, word: Word) -> None:
    """On a tie the stop; a yes that others wrote down lifts no no."""
    assert word_on(facts, Way.EMAIL, NOW) is word


def test_a_way_of_several_channels_has_a_word_when_they_agree() -> None:
    """A no to text messages alone is none to chat messages."""
    facts = {"objections": [objection(EARLIER, scope=["sms"])]}

    assert word_on(facts, Way.TEXT, NOW) is Word.UNSAID


def test_do_not_call_is_a_no_to_calls() -> None:
    """The register's word for it."""
    facts = {"objections": [objection(EARLIER, kind="do_not_call")]}

    assert word_on(facts, Way.PHONE, NOW) is Word.NO


def test_what_was_not_answered_is_not_written() -> None:
    """No box that we ticked becomes a consent."""
    assert list(acts({}, Choices({}), WORDING, NOW)) == []


def test_a_yes_is_a_consent_with_the_sentence_that_was_read() -> None:
    """To marketing, over what was named beside it, from now on."""
    [act] = acts({}, Choices({Way.PHONE: True}), WORDING, NOW)

    assert isinstance(act, NewConsent)
    assert (act.status, act.channels, act.purposes) == (
        ConsentStatus.GIVEN,
        ("phone_live",),
        ("direct_marketing",),
    )
    assert (act.method, act.source_key, act.occurred_at) == ("web_form", PAGE, NOW)
    assert act.notice == WORDING.yes[Way.PHONE]


def test_a_no_withdraws_what_was_granted_and_objects_to_the_rest() -> None:
    """Whatever ground a contact would have rested on."""
    withdrawn, objected = acts({"consents": [consent(EARLIER)]}, Choices({Way.EMAIL: False}), WORDING, NOW)

    assert isinstance(withdrawn, NewConsent)
    assert withdrawn.status is ConsentStatus.WITHDRAWN
    assert objected == NewObjection(
        ObjectionKind.DIRECT_MARKETING, NOW, PAGE, ("email",), ("direct_marketing",)
    )


def test_a_no_to_calls_is_one_to_calls_by_machines() -> None:
    """People do not tell them apart."""
    [act] = acts({}, Choices({Way.PHONE: False}), WORDING, NOW)

    assert act.channels == ("phone_live", "phone_automated")


def test_a_bounce_is_not_talked_away() -> None:
    """A yes is not asked for where it would change nothing."""
    facts = {"suppressions": [{"type": "bounce", "received_on": EARLIER.isoformat()}]}

    assert list(acts(facts, Choices({Way.EMAIL: True}), WORDING, NOW)) == []


def test_the_signal_is_a_no_to_sale_and_sharing() -> None:
    """And is told apart from a box that was ticked."""
    [by_signal] = acts({}, Choices({}, signal=True), WORDING, NOW)
    [by_hand] = acts(
        {}, Choices({}, frozenset({ObjectionKind.DO_NOT_SELL_OR_SHARE}), signal=True), WORDING, NOW
    )

    assert by_signal == NewObjection(ObjectionKind.DO_NOT_SELL_OR_SHARE, NOW, SIGNAL)
    assert by_hand == NewObjection(ObjectionKind.DO_NOT_SELL_OR_SHARE, NOW, PAGE)


choices = st.builds(
    Choices,
    ways=st.dictionaries(st.sampled_from(Way), st.booleans()),
    refused=st.frozensets(st.sampled_from(sorted(USES))),
    nothing_more=st.booleans(),
    signal=st.booleans(),
)


def kept(facts_before: list[Event], choice: Choices, now: datetime) -> list[Event]:
    """The ledger's events after a choice."""
    facts = project(facts_before)
    events = list(facts_before)
    for number, act in enumerate(acts(facts, choice, WORDING, now)):
        details: dict[str, Any] = {"channels": list(act.channels), "purposes": list(act.purposes)}
        if isinstance(act, NewConsent):
            details |= {"status": act.status.value, "proof": "web_form"}
            kind = EventKind.CONSENT
        else:
            details |= {"kind": act.kind.value}
            kind = EventKind.OBJECTION
        events.append(Event("lead", kind, now, details, None, f"{now.isoformat()}{number}"))
    return events


@given(first=choices, second=choices)
def test_the_ledger_then_says_what_was_chosen(first: Choices, second: Choices) -> None:
    """Whatever was said before; and the same choice once more adds nothing."""
    before = kept([], first, EARLIER)
    after = kept(before, second, NOW)
    facts = project(after)

    if second.nothing_more:
        assert all(is_unsubscribed(facts, channel, LATER) for channel in Channel)
        assert all(is_refused(facts, use, LATER) for use in USES)
    else:
        said = {way: word_on(facts, way, LATER) for way in second.ways}
        assert said == {way: Word.YES if yes else Word.NO for way, yes in second.ways.items()}
        assert all(is_refused(facts, use, LATER) for use in second.refused)
    assert kept(after, second, LATER) == after
