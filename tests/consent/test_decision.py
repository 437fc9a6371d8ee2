"""The order of the stages, how long an answer holds, and what several jurisdictions make of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from consent.decision import Decision, decide
from consent.facts import trusted
from consent.reasons import Reason
from consent.rulebook import NO_RULEBOOK, starting_rulebook
from consent.vocabulary import Effect

DOI = {"channels": ["email"], "given_on": "2026-06-01", "proof": "double_opt_in"}
CALL = {"channels": ["phone_live"], "given_on": "2026-06-01", "proof": "web_form"}


def asked(**facts: Any) -> Decision:
    """The answer to a question about a German company by e-mail, with changes."""
    document = {
        "now": "2026-11-24T10:00:00+01:00",
        "jurisdiction": "DE",
        "recipient_kind": "corporate_subscriber",
        "channel": "email",
        "purpose": "direct_marketing",
    }
    stored = facts.pop("stored", False)
    return decide(starting_rulebook(), trusted(document | facts), stored=stored)


def test_the_first_stage_that_denies_decides() -> None:
    """Erased, objected, no consent, no content: only the first is told."""
    stops = {
        "suppressions": [{"type": "erasure_suppression"}],
        "objections": [{"type": "direct_marketing", "received_on": "2026-01-01"}],
        "content": {"unsubscribe": False},
    }

    assert asked(**stops).reasons == (Reason.SUPPRESSED_AFTER_ERASURE,)
    stops.pop("suppressions")
    assert asked(**stops).reasons == (Reason.OBJECTION_DIRECT_MARKETING,)
    stops.pop("objections")
    assert asked(**stops).reasons == (Reason.CONSENT_REQUIRED,)
    assert asked(**stops, consents=[DOI]).reasons == (Reason.MANDATORY_CONTENT_MISSING,)


def test_a_stored_lead_needs_its_source() -> None:
    """And the day on which it was obtained; a given document does not."""
    whole = {"source": "web_form", "obtained_on": "2026-11-01", "notice_given_on": "2026-11-01"}

    assert asked(consents=[DOI]).effect is Effect.ALLOW
    assert asked(stored=True, consents=[DOI]).reasons == (Reason.SOURCE_UNKNOWN,)
    assert asked(stored=True, consents=[DOI], **whole).effect is Effect.ALLOW
    whole.pop("obtained_on")
    assert asked(stored=True, consents=[DOI], **whole).reasons == (Reason.SOURCE_UNKNOWN,)


def test_without_a_rulebook_the_answer_is_no() -> None:
    """Whatever is asked."""
    facts = trusted(
        {
            "now": "2026-11-24T10:00:00Z",
            "jurisdiction": "US",
            "channel": "email",
            "purpose": "direct_marketing",
        }
    )
    decision = decide(NO_RULEBOOK, facts)

    assert (decision.effect, decision.reasons) == (Effect.DENY, (Reason.RULEBOOK_MISSING,))


def test_an_answer_holds_for_a_quarter_of_an_hour() -> None:
    """In the zone of the question, in whole seconds."""
    decision = asked(now="2026-11-24T10:00:00.75+01:00", consents=[DOI])

    assert decision.valid_until.isoformat() == "2026-11-24T10:15:00+01:00"


@pytest.mark.parametrize(
    ("facts", "until"),
    [
        ({"channel": "phone_live", "consents": [CALL], "now": "2026-11-24T19:50:00+01:00"}, "20:00:00+01:00"),
        ({"consents": [DOI | {"expires_on": "2026-11-24T10:05:00+01:00"}]}, "10:05:00+01:00"),
        ({"consents": [DOI | {"expires_on": "2026-11-24T09:05:00Z"}]}, "10:05:00+01:00"),
        (
            {"consents": [DOI | {"expires_on": "2026-11-24"}], "now": "2026-11-24T23:50:00+01:00"},
            "00:00:00+01:00",
        ),
        (
            {
                "jurisdiction": "SE",
                "lia": "L",
                "source": "data_broker",
                "obtained_on": "2026-10-24",
                "notice_in_first_message": True,
                "now": "2026-11-24T23:55:00+01:00",
            },
            "00:00:00+01:00",
        ),
    ],
)
def test_an_answer_ends_with_what_it_rests_on(facts: dict[str, Any], until: str) -> None:
    """The end of the hours, of a consent, of the last day of a period."""
    decision = asked(**facts)

    assert decision.effect is Effect.ALLOW
    assert decision.valid_until.isoformat().endswith(until)


def test_a_later_moment_moves_only_hours_and_frequency() -> None:
    """A call tomorrow at nine may be asked for tonight; a consent that ends tomorrow is judged today."""
    tonight = {"channel": "phone_live", "consents": [CALL], "now": "2026-11-24T22:00:00+01:00"}

    assert asked(**tonight).reasons == (Reason.OUTSIDE_PERMITTED_HOURS,)
    assert asked(**tonight, at="2026-11-25T09:00:00+01:00").effect is Effect.ALLOW
    ending = {"consents": [CALL | {"expires_on": "2026-11-24"}]}
    assert asked(**tonight | ending, at="2026-11-25T09:00:00+01:00").effect is Effect.ALLOW


def test_an_added_zone_can_only_forbid() -> None:
    """Ten in Berlin is eighteen in Tokyo and one in Los Angeles."""
    call = {"channel": "phone_live", "consents": [CALL]}

    assert asked(**call, time_zone="Asia/Tokyo").effect is Effect.ALLOW
    assert asked(**call, time_zone="America/Los_Angeles").reasons == (Reason.OUTSIDE_PERMITTED_HOURS,)


def test_the_strictest_of_several_jurisdictions_wins() -> None:
    """Denied by the earliest stage; allowed with every duty; waiting as long as the last asks."""
    both = {"candidates": ["GB"], "lia": "L"}

    assert asked(**both).reasons == (Reason.CONSENT_REQUIRED,)
    allowed = asked(**both, consents=[DOI])
    assert allowed.reasons == (Reason.CONSENT_VALID,)
    night = asked(
        channel="phone_live", consents=[CALL], candidates=["AU-NSW"], now="2026-11-24T22:00:00+01:00"
    )
    assert night.reasons == (Reason.OUTSIDE_PERMITTED_HOURS,)
    assert night.retry_not_before == max(
        datetime.fromisoformat("2026-11-25T08:00:00+01:00"),
        datetime.fromisoformat("2026-11-25T09:00:00+11:00"),
    )


def test_instants_and_days_decide_a_tie_for_the_stop() -> None:
    """Two instants are compared as instants, a day against an instant as days."""
    consent = DOI | {"given_on": "2026-11-10T12:00:00Z"}

    def objected(on: str) -> Effect:
        return asked(consents=[consent], objections=[{"type": "direct_marketing", "received_on": on}]).effect

    assert objected("2026-11-10T11:59:59Z") is Effect.ALLOW
    assert objected("2026-11-10T12:00:00Z") is Effect.DENY
    assert objected("2026-11-10") is Effect.DENY
    assert objected("2026-11-09") is Effect.ALLOW


def test_an_objection_without_a_date_is_never_lifted() -> None:
    """What is unknown does not help."""
    assert asked(consents=[DOI], objections=[{"type": "direct_marketing"}]).effect is Effect.DENY


def test_deciding_is_fast_enough_for_the_hot_path() -> None:
    """Generous by an order of magnitude: it is measured for real by the bench."""
    facts = trusted(
        {
            "now": "2026-11-24T10:00:00+01:00",
            "jurisdiction": "DE",
            "channel": "email",
            "purpose": "direct_marketing",
            "consents": [DOI],
        }
    )
    begin = datetime.now().astimezone()
    for _ in range(1000):
        decide(starting_rulebook(), facts)

    assert datetime.now().astimezone() - begin < timedelta(seconds=0.5)
