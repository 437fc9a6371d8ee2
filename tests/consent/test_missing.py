"""What it takes to get a yes: which ways there are, and that they lead there."""

from typing import Any

import pytest

from consent.decision import decide
from consent.explaining import explain
from consent.facts import parse
from consent.reasons import MISSING, Reason
from consent.rulebook import starting_rulebook

CALL: dict[str, Any] = {
    "now": "2026-11-24T10:00:00+00:00",
    "jurisdiction": "GB",
    "recipient_kind": "corporate_subscriber",
    "channel": "phone_live",
    "purpose": "direct_marketing",
    "register_checks": [{"register": "CTPS", "checked_on": "2026-10-01", "listed": False}],
}
CONSENT = {"channels": ["phone_live", "email"], "given_on": "2026-06-01", "proof": "web_form"}


def missing(**facts: Any) -> tuple[str, ...]:
    """What the explanation of a call lacks."""
    return explain(starting_rulebook(), parse(CALL | facts)).missing


def test_registers_are_named_and_a_consent_is_another_way() -> None:
    """Both ways lead to a yes; half of one does not."""
    (only,) = missing()
    consent, rest = only.split("; or else ")
    checks = [{"register": name, "checked_on": "2026-11-20", "listed": False} for name in ("CTPS", "TPS")]

    assert consent == MISSING[Reason.CONSENT_REQUIRED]
    assert rest == (
        "a new check of CTPS that does not list them and a check of TPS that does not list them"
        " and a legitimate-interest assessment on file"
    )
    assert missing(consents=[CONSENT]) == ()
    assert missing(register_checks=checks, lia="L") == ()
    assert missing(register_checks=checks) == (
        f"{consent}; or else a legitimate-interest assessment on file",
    )


def test_a_listed_number_needs_a_consent_or_to_be_taken_off() -> None:
    """The other registers are still to be asked."""
    (only,) = missing(
        register_checks=[
            {"register": "TPS", "checked_on": "2026-11-20", "listed": True},
            {"register": "CTPS", "checked_on": "2026-11-20", "listed": False},
        ],
        lia="L",
    )

    assert only.endswith("; or else the entry removed from TPS")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"suppressions": [{"type": "erasure_suppression"}]}, MISSING[Reason.SUPPRESSED_AFTER_ERASURE]),
        ({"minor": True, "lia": "L"}, MISSING[Reason.MINOR]),
        ({"purpose": "service_notice"}, MISSING[Reason.PURPOSE_INCOMPATIBLE]),
    ],
)
def test_where_nothing_else_helps_nothing_else_is_said(facts: dict[str, Any], words: str) -> None:
    """No consent brings an erased person back, and no assessment makes a message one of service."""
    assert missing(**facts) == (words,)


def test_stand_ins_that_the_law_knows_are_told() -> None:
    """Canada has five of them."""
    (only,) = missing(jurisdiction="CA", channel="email", now="2026-11-24T11:00:00-05:00")

    assert len(only.split("; or else ")) == 6


def test_a_consent_that_nearly_covers_it_says_what_it_lacks() -> None:
    """Its proof, here."""
    (only,) = missing(jurisdiction="PL", channel="email", consents=[CONSENT | {"proof": None}])

    assert only == MISSING[Reason.CONSENT_NOT_DEMONSTRABLE]


def test_each_law_says_what_it_lacks_where_they_differ() -> None:
    """Under its name; where they agree it is said once."""
    found = missing(jurisdiction="SE", candidates=["PL"], channel="email")

    assert [words.partition(":")[0] for words in found] == [
        "SE, corporate subscriber",
        "PL, corporate subscriber",
    ]
    assert len(missing(jurisdiction="DK", candidates=["CZ"], channel="email")) == 1


def test_a_way_of_many_steps_ends_in_a_yes() -> None:
    """Objected, never told, no ground: what is said to be missing suffices."""
    facts = CALL | {
        "channel": "email",
        "source": "data_broker",
        "obtained_on": "2026-11-20",
        "objections": [{"type": "direct_marketing", "received_on": "2026-05-01"}],
    }
    found = explain(starting_rulebook(), parse(facts)).missing
    cured = facts | {"consents": [CONSENT], "notice_given_on": "2026-11-21"}

    assert len(found) == 3
    assert decide(starting_rulebook(), parse(cured)).effect == "allow"
