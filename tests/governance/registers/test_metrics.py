"""The year's numbers: each request counted once, in its year, by how it ended."""

from datetime import UTC, datetime, timedelta

import pytest

from api import casework
from api.context import Service
from governance.registers.metrics import Answered, as_markdown, metrics, summed
from governance.requests.vocabulary import Ground, Regime, RequestType, Status
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, MemoryStore, a_request, an_approved, work

EMPTY = {
    "received": 0,
    "complied_in_whole": 0,
    "complied_in_part": 0,
    "denied": 0,
    "denied_by_ground": {},
    "withdrawn": 0,
    "open": 0,
    "median_days": None,
    "mean_days": None,
}


def test_a_kind_is_summed_by_how_its_requests_ended() -> None:
    """In whole, in part, denied with its ground, withdrawn, open; days of those that were answered."""
    asked = [
        Answered("delete", Status.COMPLETED, 3),
        Answered("delete", Status.COMPLETED, 4),
        Answered("delete", Status.COMPLETED_WITH_EXEMPTIONS, 40),
        Answered("delete", Status.REFUSED, 1, Ground.EXCESSIVE.value),
        Answered("delete", Status.CANCELLED),
        Answered("delete", Status.IN_PROGRESS),
    ]

    assert summed(asked)["delete"] == {
        "received": 6,
        "complied_in_whole": 2,
        "complied_in_part": 1,
        "denied": 1,
        "denied_by_ground": {"excessive": 1},
        "withdrawn": 1,
        "open": 1,
        "median_days": 3.5,
        "mean_days": 12.0,
    }
    assert list(summed([])) == ["delete", "correct", "know", "opt_out_sale_sharing", "limit"]
    assert set(map(str, summed([]).values())) == {str(EMPTY)}


@pytest.mark.parametrize(("days", "mean"), [([1, 1, 2], 1.3), ([1, 2, 2], 1.7), ([0, 0, 0, 1], 0.3)])
def test_days_are_told_to_one_decimal(days: list[int], mean: float) -> None:
    """Halves upward, as people round."""
    found = summed([Answered("know", Status.COMPLETED, each) for each in days])["know"]

    assert found["mean_days"] == mean


def test_requests_are_counted_in_the_year_and_by_the_law(service: Service, clock: Clock) -> None:
    """An erasure that took five days, a refusal, and one of another law; last year's is not counted."""
    erased = an_approved(service, "a@example.com", ["crm"])
    clock.now += timedelta(days=5)
    work(service, MemoryStore("crm", {1: {"email": "a@example.com"}}))
    refused = a_request(service, "b@example.com", RequestType.ACCESS, regime=Regime.CCPA)
    casework.refuse(service, refused, Ground.NO_MATCH, "nobody of that name", actor=ACTOR)
    a_request(
        service, "c@example.com", RequestType.ERASURE, received_at=datetime(2025, 12, 31, 12, tzinfo=UTC)
    )
    with service.main.read() as session:
        every = metrics(session, 2026, regime=None)["kinds"]
        ccpa = metrics(session, 2026)["kinds"]
        before = metrics(session, 2025, regime=Regime.GDPR)["kinds"]

    assert erased
    assert every["delete"] | {"days": every["delete"]["median_days"]} == EMPTY | {
        "received": 1, "complied_in_whole": 1, "median_days": 5.0, "mean_days": 5.0, "days": 5.0
    }  # fmt: skip
    assert (every["know"]["denied"], every["know"]["denied_by_ground"]) == (1, {"no_match": 1})
    assert (ccpa["delete"]["received"], ccpa["know"]["received"]) == (0, 1)
    assert before["delete"]["open"] == 1


def test_a_year_ends_on_the_clock_of_the_request(service: Service) -> None:
    """Half an hour before midnight UTC it is next year in Berlin already."""
    late = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    a_request(service, "a@example.com", received_at=late, time_zone="Europe/Berlin")
    a_request(service, "b@example.com", received_at=late, time_zone="America/Los_Angeles")
    with service.main.read() as session:
        found = [metrics(session, year, regime=None)["kinds"]["delete"]["received"] for year in (2025, 2026)]

    assert found == [1, 1]


def test_the_numbers_can_be_published_as_a_table(service: Service) -> None:
    """One line a kind; what never was is a dash."""
    with service.main.read() as session:
        text = as_markdown(metrics(session, 2026))

    assert text.startswith("# Requests of 2026 (CCPA)\n")
    assert "| opt out sale sharing | 0 | 0 | 0 | 0 | - | - |\n" in text
