"""Laws that hold for every question, in every jurisdiction: what may never turn a no into a yes."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as some

from consent import vocabulary as words
from consent.decision import decide
from consent.facts import parse
from consent.laws import FALLBACK
from consent.rulebook import starting_rulebook

NOW = datetime.fromisoformat("2026-11-24T11:00:00+01:00")
LAWS = starting_rulebook().laws
# Every jurisdiction that has a table, and some that have their union's, their country's or none.
PLACES = (*sorted(set(LAWS) - {FALLBACK, "EU"}), "HU", "US-NY", "CA-ON", "AU-NSW", "ZA")
REGISTERS = sorted(
    {
        min(register.names)
        for law in LAWS.values()
        for cells in law.cells.values()
        for row in itertools.chain(*cells)
        for register in itertools.chain(
            row.registers, row.listed_blocks, *(ground.registers for ground in row.grounds)
        )
    }
)
GRANTING = (
    "consents",
    "lia",
    "register_checks",
    "publication",
    "presumed_consent",
    "relationship",
    "role_relevant",
)
GATES = ("recipient_kind", "address_type", "number_type", "b2b_message", "mass_sending")
EXAMPLES = 100  # each in every place
days = some.integers(0, 1000).map(lambda ago: (NOW - timedelta(days=ago)).date().isoformat())
channels = some.sampled_from([channel.value for channel in words.Channel])
flags = some.booleans()


def maybe(**keys: some.SearchStrategy[Any]) -> some.SearchStrategy[dict[str, Any]]:
    """An object in which any key may be missing."""
    return some.fixed_dictionaries({}, optional=keys)


consents = some.fixed_dictionaries(
    {
        "channels": some.lists(channels, min_size=1, max_size=4, unique=True),
        "given_on": days,
        "proof": some.sampled_from([*(proof.value for proof in words.Proof), None]),
    },
    optional={"expires_on": days, "last_used_on": days, "withdrawn_on": days},
)
objections = some.fixed_dictionaries(
    {"type": some.sampled_from([kind.value for kind in words.ObjectionKind]), "received_on": days},
    optional={"scope": some.one_of(some.just("all"), some.lists(channels, min_size=1, max_size=3))},
)
suppressions = some.fixed_dictionaries(
    {"type": some.sampled_from([kind.value for kind in words.SuppressionKind]), "received_on": days},
    optional={"channels": some.lists(channels, min_size=1, max_size=3)},
)
checks = some.fixed_dictionaries(
    {"register": some.sampled_from(REGISTERS), "checked_on": days, "listed": flags}
)
documents = some.fixed_dictionaries(
    {
        "now": some.just(NOW.isoformat()),
        "channel": channels,
        "purpose": some.sampled_from([purpose.value for purpose in words.Purpose]),
    },
    optional={
        "recipient_kind": some.sampled_from([kind.value for kind in words.RecipientKind]),
        "address_type": some.sampled_from([kind.value for kind in words.AddressType]),
        "number_type": some.sampled_from([kind.value for kind in words.NumberType]),
        "source": some.sampled_from([kind.value for kind in words.SourceKind]),
        "obtained_on": days,
        "consents": some.lists(consents, max_size=3),
        "objections": some.lists(objections, max_size=1),
        "suppressions": some.lists(suppressions, max_size=1),
        "relationship": maybe(
            contract_active=flags,
            last_purchase_on=days,
            last_inquiry_on=days,
            contract_ended_on=days,
            email_from_sale=flags,
            own_similar_products=flags,
            opt_out_offered_at_collection=flags,
            objected=flags,
        ),
        "last_inbound_contact_on": days,
        "notice_given_on": some.one_of(days, some.none()),
        "notice_in_first_message": flags,
        "lia": some.just("LIA-1"),
        "presumed_consent": maybe(substantiated=flags, reason=some.just("tender")),
        "publication": maybe(conspicuous=flags, no_solicitation_statement=flags),
        "role_relevant": flags,
        "b2b_message": flags,
        "mass_sending": flags,
        "register_checks": some.lists(checks, max_size=4),
        "signals": maybe(gpc=flags),
        "contacts": some.dictionaries(
            channels, some.lists(some.just(NOW.isoformat()), max_size=4), max_size=2
        ),
    },
)


def says_yes(document: dict[str, Any]) -> bool:
    """Whether the starting rulebook allows it."""
    return decide(starting_rulebook(), parse(document)).effect is words.Effect.ALLOW


def refused(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document in every jurisdiction that says no to it."""
    everywhere = (document | {"jurisdiction": place} for place in PLACES)
    return (placed for placed in everywhere if not says_yes(placed))


def added(document: dict[str, Any], key: str, entry: Any) -> dict[str, Any]:
    """The document with one more entry in a list."""
    return document | {key: [*(document.get(key) or ()), entry]}


@settings(max_examples=EXAMPLES, deadline=None)
@given(documents, objections, suppressions)
def test_a_stop_never_turns_a_no_into_a_yes(
    document: dict[str, Any], objection: dict[str, Any], suppression: dict[str, Any]
) -> None:
    """Objections, suppressions and restrictions only ever forbid."""
    for placed in refused(document):
        assert not says_yes(added(placed, "objections", objection))
        assert not says_yes(added(placed, "suppressions", suppression))
        assert not says_yes(placed | {"restrictions": [{"type": "art18"}]})


@settings(max_examples=EXAMPLES, deadline=None)
@given(documents, consents, days)
def test_a_withdrawal_never_turns_a_no_into_a_yes(
    document: dict[str, Any], consent: dict[str, Any], day: str
) -> None:
    """Neither of a consent on file, nor of one that comes with its withdrawal."""
    for placed in refused(document):
        own = [one | {"withdrawn_on": day} for one in placed.get("consents", ())]

        assert not says_yes(added(placed, "consents", consent | {"withdrawn_on": day}))
        assert not says_yes(placed | {"consents": own})


@settings(max_examples=EXAMPLES, deadline=None)
@given(documents, some.sampled_from(PLACES))
def test_another_jurisdiction_never_turns_a_no_into_a_yes(document: dict[str, Any], other: str) -> None:
    """The strictest wins, and without the first the others are not asked."""
    for placed in refused(document):
        assert not says_yes(placed | {"candidates": [other]})
        assert not says_yes(placed | {"jurisdiction": None, "candidates": [other]})
        assert not says_yes(placed | {"jurisdiction": other, "candidates": [placed["jurisdiction"]]})


@settings(max_examples=EXAMPLES, deadline=None)
@given(documents, some.sampled_from(GRANTING))
def test_an_unknown_fact_never_turns_a_no_into_a_yes(document: dict[str, Any], key: str) -> None:
    """A granting fact that is taken away does not help; an old consent taken away may not either."""
    assume(key in document)
    if key == "relationship":
        # What it says against the contact goes with it; what is left would be a stop of its own.
        assume(not (document[key] or {}).get("objected"))
    if key == "register_checks":
        assume(not any(check["listed"] for check in document[key]))
    if key == "consents":
        assume(not any("withdrawn_on" in consent for consent in document[key]))
    for placed in refused(document):
        assert not says_yes({name: value for name, value in placed.items() if name != key})


@settings(max_examples=EXAMPLES, deadline=None)
@given(documents, some.sampled_from(GATES))
def test_an_unknown_kind_never_turns_a_no_into_a_yes(document: dict[str, Any], key: str) -> None:
    """Who the recipient is, and what address or number it is: unknown is judged as the strictest."""
    assume(key in document)
    for placed in refused(document):
        assert not says_yes({name: value for name, value in placed.items() if name != key})


@settings(max_examples=EXAMPLES, deadline=None)
@given(documents, some.integers(1, 900))
def test_time_alone_never_turns_a_no_into_a_yes(document: dict[str, Any], later: int) -> None:
    """Same weekday, same hour, so that permitted hours say the same; contacts are left out."""
    plain = {key: value for key, value in document.items() if key != "contacts"}
    now = NOW + timedelta(weeks=later // 7)
    for placed in refused(plain):
        if now.year < 2027 or placed["jurisdiction"] != "IN":
            assert not says_yes(placed | {"now": now.isoformat()}) or _was_closed(placed)


def _was_closed(document: dict[str, Any]) -> bool:
    """The no was one of hours: holidays and the clocks' change make the same hour another."""
    return decide(starting_rulebook(), parse(document)).reasons[0] == "OUTSIDE_PERMITTED_HOURS"


@settings(max_examples=EXAMPLES, deadline=None)
@given(documents)
def test_an_answer_holds_for_at_most_a_quarter_of_an_hour(document: dict[str, Any]) -> None:
    """And never into the past; a denial by hours or caps says from when it may be tried again."""
    for place in PLACES:
        decision = decide(starting_rulebook(), parse(document | {"jurisdiction": place}))

        assert NOW <= decision.valid_until <= NOW + timedelta(minutes=15)
        assert decision.reasons
        assert decision.rules
        if decision.retry_not_before is not None:
            assert decision.retry_not_before > NOW
