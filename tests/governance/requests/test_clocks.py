"""Until when: the rulebook's clocks, asked for a request."""

from datetime import UTC, datetime

import pytest

from consent.rulebook import starting_rulebook
from governance.requests.clocks import Pause, Received, dates_of
from governance.requests.vocabulary import PauseReason, Regime, RequestType

RULEBOOK = starting_rulebook()


def received(kind: str = "erasure", regime: str = "gdpr", **more: object) -> Received:
    """A request that came in on a Tuesday morning in Berlin."""
    asked: dict[str, object] = {
        "received_at": datetime(2026, 11, 24, 9, tzinfo=UTC),
        "time_zone": "Europe/Berlin",
        "calendar": "DE-BE",
        **more,
    }
    return Received(RequestType(kind), Regime(regime), **asked)  # type: ignore[arg-type] # the fields of `asked`


def test_a_month_is_a_month_and_rolls_over_the_holidays() -> None:
    """24 December is a Thursday and a working day."""
    assert dates_of(RULEBOOK, received()) == {
        "respond_by": "2026-12-24",
        "safe_by": "2026-12-24",
        "extension_notice_by": "2026-12-24",
    }


def test_california_wants_an_acknowledgement_too() -> None:
    """Ten business days, then 45 days; the extension is not taken for granted."""
    dates = dates_of(RULEBOOK, received(regime="ccpa", calendar="US"))

    assert dates["acknowledge_by"] == "2026-12-09"
    assert dates["respond_by"] == "2027-01-08"


def test_an_extension_moves_the_answer_and_not_its_own_notice() -> None:
    """Three months from receipt."""
    dates = dates_of(RULEBOOK, received(extended=True))

    assert dates["respond_by"] == "2027-02-24"
    assert "extension_notice_by" not in dates


def test_a_pause_adds_its_days_under_gdpr_and_leaves_the_safe_date() -> None:
    """Four days of waiting for the person; the safe date ignores them."""
    pause = Pause(
        PauseReason.IDENTITY,
        datetime(2026, 11, 30, 9, tzinfo=UTC),
        datetime(2026, 12, 4, 9, tzinfo=UTC),
    )
    dates = dates_of(RULEBOOK, received(pauses=[pause]))

    assert dates["respond_by"] == "2026-12-28"
    assert dates["safe_by"] == "2026-12-24"


def test_a_pause_that_still_runs_moves_nothing_yet() -> None:
    """Nobody knows for how long it will."""
    pause = Pause(PauseReason.CLARIFICATION, datetime(2026, 11, 30, 9, tzinfo=UTC), None)

    assert dates_of(RULEBOOK, received(pauses=[pause])) == dates_of(RULEBOOK, received())


def test_an_opt_out_has_its_own_clock_where_the_law_has_one() -> None:
    """Fifteen business days in California; under GDPR an objection is answered as any request."""
    optout = dates_of(RULEBOOK, received("opt_out_sale_sharing", "ccpa", calendar="US"))
    objection = dates_of(RULEBOOK, received("objection"))

    assert optout["respond_by"] == "2026-12-16"
    assert objection["respond_by"] == "2026-12-24"


def test_a_complaint_in_the_united_kingdom_is_acknowledged_in_thirty_days() -> None:
    """DPA 2018, section 164A."""
    dates = dates_of(RULEBOOK, received("complaint", "uk_gdpr", time_zone="Europe/London", calendar="GB-ENG"))

    assert dates["acknowledge_by"] == dates["respond_by"] == "2026-12-23"


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("kind", RequestType)
def test_every_request_has_a_date_in_every_regime(kind: str, regime: str) -> None:
    """None is without a clock, and the safe date is never after the legal one."""
    dates = dates_of(RULEBOOK, received(kind, regime))

    assert dates["safe_by"] <= dates["respond_by"]


def test_the_controllers_clock_decides_the_day() -> None:
    """23:30 in UTC is the next day in Berlin."""
    late = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)

    assert dates_of(RULEBOOK, received(received_at=late))["respond_by"] == "2026-07-01"
