"""What a person has said about being contacted, and what is still to be written down after a new word. Pure.

A box that a form has ticked is no consent (GDPR, recital 32), so what the person has not said stays unsaid:
only a word that differs from the last one is written. A yes is asked for what is named beside it; a no
reaches a little further, to what the person can hardly tell apart (a call by a machine is a call).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from consent.events import ALL, ConsentStatus
from consent.notices import Notice
from consent.vocabulary import Channel, ObjectionKind, Purpose, SuppressionKind
from consent.weighing import ACTED
from governance.contact import NewConsent, NewObjection

PAGE = "preference_page"
"""Where the word was given: source key of consents, `via` of objections."""

SIGNAL = "gpc_signal"
"""`via` of an objection that the browser sent (Global Privacy Control)."""

Facts = Mapping[str, Any]
Act = NewConsent | NewObjection

_CALLED = frozenset({Channel.PHONE_LIVE, Channel.PHONE_AUTOMATED, Channel.SMS})


class Word(StrEnum):
    """The person's last word on a way of contact; `closed`: something stands that no word here lifts."""

    YES = "yes"
    NO = "no"
    UNSAID = "unsaid"
    CLOSED = "closed"


class Way(StrEnum):
    """A way of contact as people tell them apart."""

    EMAIL = "email"
    PHONE = "phone"
    TEXT = "text"
    SOCIAL = "social"
    POST = "post"
    ADS = "ads"


GRANTS: dict[Way, tuple[Channel, ...]] = {
    Way.EMAIL: (Channel.EMAIL,),
    Way.PHONE: (Channel.PHONE_LIVE,),
    Way.TEXT: (Channel.SMS, Channel.MESSAGING_APP),
    Way.SOCIAL: (Channel.SOCIAL_MESSAGE,),
    Way.POST: (Channel.POST,),
    Way.ADS: (Channel.RETARGETING_ADS,),
}
"""What a yes is for."""

STOPS: dict[Way, tuple[Channel, ...]] = GRANTS | {
    Way.PHONE: (Channel.PHONE_LIVE, Channel.PHONE_AUTOMATED),
    Way.POST: (Channel.POST, Channel.FAX),
    Way.ADS: (Channel.RETARGETING_ADS, Channel.IN_APP),
}
"""What a no is for."""

USES: dict[ObjectionKind, Purpose] = {
    ObjectionKind.PROFILING: Purpose.PROFILING,
    ObjectionKind.DO_NOT_SELL_OR_SHARE: Purpose.SHARING,
}
"""What else may be refused here, and never granted: uses of data beside contact."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person chose: a way that is absent was left as it is."""

    ways: Mapping[Way, bool]
    refused: frozenset[ObjectionKind] = frozenset()
    nothing_more: bool = False
    signal: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """What the person read: the sentence beside each yes, and the one above every no."""

    yes: Mapping[Way, Notice]
    no: Notice


def word_on(facts: Facts, way: Way, now: datetime) -> Word:
    """The last word on a way of contact for marketing."""
    words = {_word(facts, channel, now) for channel in GRANTS[way]}
    if Word.CLOSED in words:
        return Word.CLOSED
    return words.pop() if len(words) == 1 else Word.UNSAID


def is_refused(facts: Facts, use: ObjectionKind, now: datetime) -> bool:
    """Whether the person has refused a use, and not agreed to it since."""
    noes = [_instant(one["received_on"]) for one in facts.get("objections", ()) if one["type"] == use.value]
    return _stands(noes, _grants(facts, None, USES[use], now, acted=True))


def is_unsubscribed(facts: Facts, channel: Channel, now: datetime) -> bool:
    """Whether a no to marketing over this channel stands."""
    yeses = _grants(facts, channel, Purpose.DIRECT_MARKETING, now, acted=True)
    return _stands(_refusals(facts, channel), yeses)


def acts(facts: Facts, choices: Choices, wording: Wording, now: datetime) -> Iterator[Act]:
    """What is to be written so that the ledger holds these choices; nothing that it holds already."""
    if choices.nothing_more:
        yield from _refuse(facts, tuple(Channel), wording.no, now)
    else:
        for way, wanted in choices.ways.items():
            if not wanted:
                yield from _refuse(facts, STOPS[way], wording.no, now)
            elif word_on(facts, way, now) not in {Word.YES, Word.CLOSED}:
                yield _consent(ConsentStatus.GIVEN, GRANTS[way], wording.yes[way], now)
    for use in USES:
        chosen = choices.nothing_more or use in choices.refused
        signalled = choices.signal and use is ObjectionKind.DO_NOT_SELL_OR_SHARE
        if (chosen or signalled) and not is_refused(facts, use, now):
            yield NewObjection(use, now, PAGE if chosen else SIGNAL)


def _refuse(facts: Facts, channels: tuple[Channel, ...], notice: Notice, now: datetime) -> Iterator[Act]:
    """Consents that stand are withdrawn, and contact on any other ground objected to (GDPR arts 7, 21)."""
    granted = tuple(one for one in channels if _grants(facts, one, Purpose.DIRECT_MARKETING, now))
    if granted:
        yield _consent(ConsentStatus.WITHDRAWN, granted, notice, now)
    if all(is_unsubscribed(facts, one, now) for one in channels):
        return
    everywhere = len(channels) == len(Channel)
    over = (ALL,) if everywhere else _words(channels)
    purposes = (ALL,) if everywhere else (Purpose.DIRECT_MARKETING.value,)
    yield NewObjection(ObjectionKind.DIRECT_MARKETING, now, PAGE, over, purposes)


def _consent(
    status: ConsentStatus, channels: tuple[Channel, ...], notice: Notice, now: datetime
) -> NewConsent:
    return NewConsent(
        status=status,
        channels=_words(channels),
        purposes=(Purpose.DIRECT_MARKETING.value,),
        source_key=PAGE,
        method="web_form",
        notice=notice,
        occurred_at=now,
        initiative="subject",
    )


def _word(facts: Facts, channel: Channel, now: datetime) -> Word:
    if any(_covers(one, channel) for one in _beyond_words(facts)):
        return Word.CLOSED
    if is_unsubscribed(facts, channel, now):
        return Word.NO
    return Word.YES if _grants(facts, channel, Purpose.DIRECT_MARKETING, now) else Word.UNSAID


def _beyond_words(facts: Facts) -> Iterator[Facts]:
    """Bounces, complaints and what somebody here has stopped by hand."""
    return (one for one in facts.get("suppressions", ()) if one["type"] != SuppressionKind.UNSUBSCRIBE)


def _refusals(facts: Facts, channel: Channel) -> list[datetime]:
    """When the person said no to marketing over this channel, in whatever form."""
    kinds = {ObjectionKind.DIRECT_MARKETING.value}
    if channel in _CALLED:
        kinds.add(ObjectionKind.DO_NOT_CALL.value)
    objections = [one for one in facts.get("objections", ()) if one["type"] in kinds]
    unsubscribed = [
        one for one in facts.get("suppressions", ()) if one["type"] == SuppressionKind.UNSUBSCRIBE
    ]
    noes = [_instant(one["received_on"]) for one in (*objections, *unsubscribed) if _covers(one, channel)]
    return noes + [
        _instant(one["withdrawn_on"])
        for one in facts.get("consents", ())
        if one.get("withdrawn_on") and _is_for(one, channel, Purpose.DIRECT_MARKETING)
    ]


def _grants(
    facts: Facts, channel: Channel | None, purpose: Purpose, now: datetime, *, acted: bool = False
) -> list[datetime]:
    """When the consents were given that are neither withdrawn nor over; `channel` None: over any.

    `acted`: those only that the person gave by doing something, which alone lift an earlier no.
    """
    return [
        _instant(one["given_on"])
        for one in facts.get("consents", ())
        if not one.get("withdrawn_on")
        and (one.get("expires_on") is None or _instant(one["expires_on"]) > now)
        and _is_for(one, channel, purpose)
        and (not acted or one.get("proof") in ACTED)
    ]


def _stands(noes: list[datetime], yeses: list[datetime]) -> bool:
    """On a tie the stop wins."""
    return bool(noes) and (not yeses or max(noes) >= max(yeses))


def _covers(stop: Facts, channel: Channel) -> bool:
    scope = stop.get("scope", stop.get("channels", ALL))
    return scope == ALL or ALL in scope or channel.value in scope


def _is_for(consent: Facts, channel: Channel | None, purpose: Purpose) -> bool:
    over = channel is None or channel.value in consent["channels"]
    return over and purpose.value in consent["purposes"]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _words(channels: tuple[Channel, ...]) -> tuple[str, ...]:
    return tuple(channel.value for channel in channels)
