"""Cases for the tests of single stages: facts under one law of the starting rulebook."""

from typing import Any

from consent.decision import cases_of
from consent.facts import trusted
from consent.rulebook import starting_rulebook
from consent.weighing import Case

QUESTION = {
    "now": "2026-11-24T10:00:00+01:00",
    "jurisdiction": "DE",
    "recipient_kind": "corporate_subscriber",
    "channel": "email",
    "purpose": "direct_marketing",
}


def case_of(**facts: Any) -> Case:
    """A German company by e-mail, with changes."""
    (case,) = cases_of(starting_rulebook(), trusted(QUESTION | facts))
    return case
