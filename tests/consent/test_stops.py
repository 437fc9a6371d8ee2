"""What stands against a contact, in one form."""

from hypothesis import given
from hypothesis import strategies as st

from consent.projection import project
from consent.stops import Stop, fact_of, objections_of_purposes, stops_to_keep, with_stops
from consent.vocabulary import ObjectionKind, SuppressionKind
from tests.consent.factories import a_consent, day

STOPS = st.builds(
    Stop,
    st.sampled_from([*ObjectionKind, SuppressionKind.UNSUBSCRIBE, SuppressionKind.MANUAL]),
    st.integers(0, 9).map(day),
    st.sampled_from([("all",), ("email",), ("sms", "email")]),
)


@given(st.lists(STOPS, max_size=6, unique=True))
def test_a_no_survives_being_a_fact(stops: list[Stop]) -> None:
    """Stops written into facts are the stops that outlive the lead."""
    assert set(stops_to_keep(with_stops({}, stops))) == set(stops)


def test_an_erasure_is_not_carried_over() -> None:
    """The erasure itself is written anew for each address, not copied from the facts."""
    facts = with_stops({}, [Stop(SuppressionKind.ERASURE_SUPPRESSION, day(0))])

    assert stops_to_keep(facts) == []
    assert facts["suppressions"][0]["hash_match"] is True


def test_a_withdrawn_consent_outlives_the_lead_as_an_objection() -> None:
    """For exactly its channels and purposes."""
    facts = project([a_consent(0, channels=["email", "sms"]), a_consent(1, "withdrawn")])

    assert stops_to_keep(facts) == [
        Stop(ObjectionKind.DIRECT_MARKETING, day(1), ("email",), ("direct_marketing",))
    ]


def test_a_no_to_everything_is_every_objection() -> None:
    """Marketing, profiling and sharing; any other purpose counts as marketing."""
    assert set(objections_of_purposes(("all",))) == {
        ObjectionKind.DIRECT_MARKETING,
        ObjectionKind.PROFILING,
        ObjectionKind.DO_NOT_SELL_OR_SHARE,
    }
    assert objections_of_purposes(("research", "sharing")) == {
        ObjectionKind.DIRECT_MARKETING: ("research",),
        ObjectionKind.DO_NOT_SELL_OR_SHARE: ("sharing",),
    }


def test_a_stop_for_every_channel_names_none() -> None:
    """The vocabulary writes `all` as a scope of objections and as absence in suppressions."""
    objection = fact_of(Stop(ObjectionKind.DO_NOT_CALL, day(0)))
    suppression = fact_of(Stop(SuppressionKind.MANUAL, day(0)))

    assert objection == (
        "objections",
        {"type": "do_not_call", "received_on": day(0).isoformat(), "scope": "all"},
    )
    assert suppression == ("suppressions", {"type": "manual", "received_on": day(0).isoformat()})
