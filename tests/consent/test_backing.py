"""Which decision stands behind a contact: named, or the newest before it; and what it was worth by then."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.backing import Answered, Contact, Finding, weigh
from tests.consent.factories import day

MINUTE = timedelta(minutes=1)
NOON = day(3)
SENT = Contact(("lead-1",), "email", NOON, "direct_marketing")


def answered(name: str = "d-1", effect: str = "allow", at: datetime = NOON, **more: object) -> Answered:
    """A decision about the lead of `SENT`, good for 15 minutes."""
    yes = Answered(name, effect, "lead-1", "email", "direct_marketing", at, at + 15 * MINUTE)
    return replace(yes, **more)  # type: ignore[arg-type]  # by name


def found(contact: Contact, *decisions: Answered) -> Finding:
    """The finding alone."""
    return weigh(contact, decisions)[0]


@pytest.mark.parametrize(
    ("minutes", "finding"),
    [(-1, "no_decision"), (0, "backed"), (15, "backed"), (16, "outside_validity"), (60, "outside_validity")],
)
def test_a_yes_holds_from_its_moment_to_its_end(minutes: int, finding: str) -> None:
    """Both ends within; what was sent before anybody asked was not asked about."""
    assert found(replace(SENT, at=NOON + minutes * MINUTE), answered()) == finding


def test_a_log_of_whole_seconds_is_no_accusation() -> None:
    """The decision was made at a fraction of the second in which the message was sent."""
    asked = answered(at=NOON + timedelta(microseconds=400_000))

    assert found(SENT, asked) == Finding.BACKED
    assert found(replace(SENT, at=NOON - timedelta(seconds=1)), asked) == Finding.NO_DECISION


def test_the_newest_answer_before_the_contact_counts() -> None:
    """A no after a yes that would still hold, and a yes after a no."""
    yes, no = answered("d-1", at=NOON), answered("d-2", "deny", at=NOON + MINUTE)
    later_yes = answered("d-3", at=NOON + 2 * MINUTE)

    assert found(replace(SENT, at=NOON + 5 * MINUTE), yes, no) == Finding.DENIED
    assert found(replace(SENT, at=NOON), no, yes) == Finding.BACKED
    assert weigh(replace(SENT, at=NOON + 5 * MINUTE), [no, later_yes, yes]) == (Finding.BACKED, later_yes)


@pytest.mark.parametrize(
    "other",
    [
        answered(lead_id="lead-2"),
        answered(channel="sms"),
        answered(purpose="research"),
        answered(lead_id=None),
    ],
)
def test_an_answer_about_something_else_backs_nothing(other: Answered) -> None:
    """Not by itself, and not by being named."""
    assert found(SENT, other) == Finding.NO_DECISION
    assert found(replace(SENT, decision_id="d-1"), other) == Finding.OTHER_CONTACT


def test_a_named_decision_is_the_one_that_counts() -> None:
    """Though a newer one said otherwise; one that does not exist is none."""
    yes, no = answered("d-1"), answered("d-2", "deny", at=NOON + MINUTE)
    named = replace(SENT, at=NOON + 5 * MINUTE, decision_id="d-1")

    assert found(named, yes, no) == Finding.BACKED
    assert found(replace(named, decision_id="d-2"), yes, no) == Finding.DENIED
    assert found(replace(named, decision_id="d-9"), yes, no) == Finding.NO_DECISION
    assert found(replace(named, at=NOON + 20 * MINUTE), yes, no) == Finding.OUTSIDE_VALIDITY


def test_of_an_erased_lead_the_effect_is_left() -> None:
    """A yes can not be checked any further; a no stays a no."""
    named = replace(SENT, lead_ids=(), decision_id="d-1")

    assert found(named, Answered("d-1", "allow")) == Finding.ERASED
    assert found(named, Answered("d-1", "deny")) == Finding.DENIED
    assert found(replace(named, decision_id=None)) == Finding.LEAD_UNKNOWN


def test_without_a_purpose_any_purpose_will_do() -> None:
    """A log of messages often has none; and of an address that several share each may be meant."""
    plain = replace(SENT, purpose=None, lead_ids=("lead-0", "lead-1"))

    assert found(plain, answered(purpose="research")) == Finding.BACKED


times = st.integers(0, 40).map(lambda minutes: NOON + minutes * MINUTE)


@given(
    st.lists(st.tuples(times, st.sampled_from(["allow", "deny"])), max_size=6),
    times,
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_decisions_are_given_says_nothing(
    made: list[tuple[datetime, str]], at: datetime, random: Random
) -> None:
    """And a further no before the contact never makes it backed."""
    decisions = [answered(f"d-{number}", effect, when) for number, (when, effect) in enumerate(made)]
    contact = replace(SENT, at=at)
    shuffled = random.sample(decisions, len(decisions))

    assert found(contact, *decisions) == found(contact, *shuffled)
    assert found(contact, *decisions, answered("d-z", "deny", at)) == Finding.DENIED
