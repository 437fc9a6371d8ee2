"""Letters in plain words: each case has its sentences; what people wrote is never read as a template."""

from dataclasses import replace
from datetime import date

import pytest

from governance.requests import wording
from governance.requests.vocabulary import Exemption, Ground, Regime, RequestType, Status
from governance.requests.wording import About

ABOUT = About(
    company="Example GmbH",
    request_id="7b1d1f4e",
    type=RequestType.ERASURE,
    regime=Regime.GDPR,
    status=Status.COMPLETED,
    received_on=date(2026, 11, 24),
    respond_by=date(2026, 12, 24),
)

AGAIN = (
    "On 2026-12-30 we look once more whether a copy has come back. Until then what identifies you is kept"
    " sealed, for that alone."
)


def test_every_type_ground_regime_and_exemption_has_its_sentence() -> None:
    """A new word can not be forgotten."""
    assert wording.ASKED.keys() == wording.DONE.keys() == set(RequestType)
    assert wording.GROUNDS.keys() == set(Ground)
    assert wording.REMEDIES.keys() == set(Regime)
    assert wording.KEPT.keys() == set(Exemption)


@pytest.mark.parametrize("kind", list(RequestType))
def test_every_letter_names_its_request_and_who_writes(kind: RequestType) -> None:
    """Whatever was asked for."""
    about = replace(ABOUT, type=kind)
    for write in (wording.acknowledgement, wording.extension, wording.refusal, wording.completion):
        written = write(about)

        assert "The number of the request is 7b1d1f4e." in written.text
        assert written.text.endswith("\n\nExample GmbH\n")
        assert "\n" not in written.subject
        assert "None" not in written.text


def test_a_completed_erasure_says_what_was_done_kept_and_told() -> None:
    """And, where something is kept, what the person can do about it."""
    about = replace(
        ABOUT,
        look_back_on=date(2026, 12, 30),
        exemptions=("legal_hold", "legal_hold"),
        recipients=("Example CRM Ltd", "Print Shop"),
    )

    assert wording.completion(about).text.split("\n\n") == [
        "Dear Sir or Madam,",
        "On 2026-11-24 you asked us to erase the data that we have on you. Your data are erased.",
        "Some of your data are kept for legal claims, and used for nothing else.",
        "These, who had received your data from us, were told:\n- Example CRM Ltd\n- Print Shop",
        AGAIN,
        wording.REMEDIES[Regime.GDPR],
        "The number of the request is 7b1d1f4e.",
        "Example GmbH\n",
    ]


@pytest.mark.parametrize("regime", list(Regime))
def test_a_refusal_says_why_and_where_to_complain(regime: Regime) -> None:
    """GDPR, Article 12(4), and its kin."""
    about = replace(ABOUT, regime=regime, ground=Ground.EXCESSIVE, why="The third time this week.")
    text = wording.refusal(about).text

    assert "in particular because it was repeated" in text
    assert "The third time this week." in text
    assert wording.REMEDIES[regime] in text


def test_what_an_officer_wrote_is_no_template() -> None:
    """Braces, percent signs and dollars stand as they are."""
    why = "{about.company} %s ${HOME} {0!r}"

    assert why in wording.refusal(replace(ABOUT, why=why)).text
    assert f"Why: {why}" in wording.extension(replace(ABOUT, why=why)).text


@pytest.mark.parametrize(
    ("kind", "deed"),
    [
        (RequestType.ERASURE, "Please erase all data of this person"),
        (RequestType.RECTIFICATION, "Please ask us for the corrected data"),
        (RequestType.RESTRICTION, "do not use them until we write"),
    ],
    ids=str,
)
def test_a_recipient_is_told_whom_and_what(kind: RequestType, deed: str) -> None:
    """What to do, until when, for whom, and to answer."""
    written = wording.to_recipient(replace(ABOUT, type=kind), ["anna@example.com"], "Ask for Mr Beck.")

    assert deed in written.text
    assert "answer this mail with what you have done, by 2026-12-24" in written.text
    assert "- anna@example.com" in written.text
    assert "Ask for Mr Beck." in written.text


def test_a_recipient_is_told_that_a_restriction_has_ended() -> None:
    """What they may do again, and that nothing else is asked of them than to take the mark away."""
    about = replace(ABOUT, type=RequestType.RESTRICTION, lifted=True)
    written = wording.to_recipient(about, ["anna@example.com"], None)

    assert written.subject.endswith("the restriction has ended")
    assert "you may use them as before" in written.text
    assert "until we write" not in written.text
    assert "- anna@example.com" in written.text
