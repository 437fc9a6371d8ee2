"""Codes that are sent to an address, and entered."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api import casework, verification
from api.context import Service
from governance.errors import CodeLimitError, IllegalChangeError
from governance.requests import codes
from governance.requests.tables import CodeRow
from governance.requests.vocabulary import RequestType, Submitter
from tests.api.letters import letters, newest_code, writing
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_known_lead, a_request, described

ANNA = "anna@example.com"


@pytest.fixture
def service(service: Service) -> Service:
    """A service that can write."""
    return writing(service)


def send(service: Service, request_id: str) -> str:
    """The code that was sent."""
    verification.send_code(service, request_id, actor=ACTOR)
    return newest_code(service)


def enter(service: Service, request_id: str, code: str) -> bool:
    """As the page does."""
    return verification.enter_code(service, request_id, codes.digits_of(code) or "", actor=ACTOR)


def wrong(code: str) -> str:
    """Another code of the same length."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@pytest.mark.parametrize("known", [True, False])
def test_the_code_shows_who_asks(service: Service, known: bool) -> None:  # noqa: FBT001 - of the test
    """Whether or not anybody is known; it is used up by that."""
    if known:
        a_known_lead(service, ANNA)
    request_id = a_request(service, ANNA)
    code = send(service, request_id)

    assert enter(service, request_id, code)
    assert described(service, request_id)["status"] == "awaiting_review"
    assert described(service, request_id)["verification"]["reached"] == "reasonable"
    assert not enter(service, request_id, code)
    with service.main.read() as session:
        assert session.scalars(select(CodeRow)).all() == []


def test_nothing_that_is_kept_holds_the_code_or_the_address(service: Service) -> None:
    """A keyed hash of each; the letter is sealed."""
    request_id = a_request(service, ANNA)
    code = send(service, request_id)
    with service.main.read() as session:
        [row] = session.scalars(select(CodeRow)).all()

    assert len(row.digest) == len(row.address) == 32
    for path in service.settings.home.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert ANNA.encode() not in held
            assert code.encode() not in held


def test_a_code_is_good_for_a_day(service: Service, clock: Clock) -> None:
    """And not a moment longer."""
    request_id = a_request(service, ANNA)
    code = send(service, request_id)
    clock.now += codes.GOOD_FOR

    assert not enter(service, request_id, code)
    assert described(service, request_id)["status"] == "awaiting_verification"


def test_only_the_newest_code_counts(service: Service) -> None:
    """Whoever reads an older letter is told nothing else than for a wrong code."""
    request_id = a_request(service, ANNA)
    first, second = send(service, request_id), send(service, request_id)

    assert first != second
    assert not enter(service, request_id, first)
    assert enter(service, request_id, second)


def test_the_code_of_one_request_opens_no_other(service: Service) -> None:
    """It is bound to the number."""
    mine, theirs = a_request(service, ANNA), a_request(service, "ben@example.com")
    code = send(service, mine)
    send(service, theirs)

    assert not enter(service, theirs, code)
    assert not enter(service, "no such request", code)


def test_five_tries_a_code_and_three_codes_then_the_request_is_refused(
    service: Service, clock: Clock
) -> None:
    """Fifteen guesses at most, of a hundred million."""
    request_id = a_request(service, ANNA)
    for failed in range(1, 4):
        code = send(service, request_id)
        for _ in range(codes.MOST_TRIES):
            assert not enter(service, request_id, wrong(code))
        assert not enter(service, request_id, code)
        shown = described(service, request_id)
        assert [one["passed"] for one in shown["verification"]["proofs"]] == [False] * failed
        clock.now += codes.LETTERS_WITHIN

    assert (shown["status"], shown["reason"]) == ("refused", "identity_not_verified")
    with pytest.raises(IllegalChangeError):
        verification.send_code(service, request_id, actor=ACTOR)


def test_an_address_is_sent_three_codes_an_hour_whoever_asks(service: Service, clock: Clock) -> None:
    """The form can not be used to flood somebody; however many requests there are."""
    for _ in range(codes.MOST_LETTERS):
        send(service, a_request(service, ANNA))
    another = a_request(service, ANNA)
    with pytest.raises(CodeLimitError):
        verification.send_code(service, another, actor=ACTOR)
    silent = a_request(service, ANNA, also=verification.first_code(service, actor=ACTOR))

    assert described(service, silent)["status"] == "awaiting_verification"
    assert len(letters(service)) == codes.MOST_LETTERS
    clock.now += codes.LETTERS_WITHIN
    send(service, another)
    assert len(letters(service)) == codes.MOST_LETTERS + 1


def test_a_code_to_ones_own_address_does_not_show_that_one_is_the_owner_of_a_phone(service: Service) -> None:
    """The same is said, and an officer sees that nothing is shown yet."""
    a_known_lead(
        service,
        ANNA,
        identifiers=[{"type": "email", "value": ANNA}, {"type": "phone", "value": "+491701234567"}],
        number_type="mobile",
    )
    request_id = a_request(service, "x", references=[{"email": "me@example.net"}, {"phone": "+491701234567"}])
    code = send(service, request_id)

    assert letters(service)[-1]["to"] == "me@example.net"
    assert enter(service, request_id, code)
    assert described(service, request_id)["status"] == "awaiting_verification"
    assert described(service, request_id)["verification"]["reached"] == "none"


def test_a_request_by_id_is_verified_at_the_address_that_is_known(service: Service) -> None:
    """The lead's own, which the caller never sees."""
    lead = a_known_lead(service, ANNA)
    request_id = a_request(service, "x", references=[{"lead_id": lead}])
    code = send(service, request_id)

    assert letters(service)[-1]["to"] == ANNA
    assert enter(service, request_id, code)
    assert described(service, request_id)["status"] == "awaiting_review"


def test_the_letter_says_who_asks_and_what_to_do(service: Service) -> None:
    """Number, code and page; the code stands in no link."""
    own = a_request(service, ANNA)
    code = send(service, own)
    by_agent = a_request(service, "ben@example.com", submitted_by=Submitter.AUTHORISED_AGENT)
    send(service, by_agent)

    mine, theirs = (str(letter["text"]) for letter in letters(service))
    assert own in mine
    assert "http://127.0.0.1:8080/privacy/confirm\n" in mine
    assert mine.count(code) == 1
    assert "we think it was you" in mine
    assert theirs.startswith("Somebody who says that they act for you")


def test_a_closed_request_sends_no_code(service: Service) -> None:
    """Nor does one that needs no proof."""
    objection = a_request(service, ANNA, RequestType.OBJECTION)
    cancelled = a_request(service, ANNA)
    casework.cancel(service, cancelled, actor=ACTOR)

    for request_id in (objection, cancelled):
        with pytest.raises(IllegalChangeError):
            verification.send_code(service, request_id, actor=ACTOR)


@given(st.integers(0, 10**codes.DIGITS - 1), st.sampled_from(["", " ", "-", "\u00a0", ".", "  "]))
def test_a_code_is_read_however_it_is_spaced(number: int, between: str) -> None:
    """As people copy it."""
    code = f"{number:08}"

    assert codes.digits_of(f" {code[:4]}{between}{code[4:]}\n") == code


@pytest.mark.parametrize("text", ["", "1234567", "123456789", "1234 567a", "١٢٣٤٥٦٧٨", "1234,5678"])
def test_what_is_no_code_is_none(text: str) -> None:
    """Only digits that a keyboard types, and eight of them."""
    assert codes.digits_of(text) is None


def test_a_letter_is_limited_by_the_hour(service: Service) -> None:
    """The numbers that the documentation names."""
    assert (codes.DIGITS, codes.MOST_TRIES, codes.MOST_LETTERS) == (8, 5, 3)
    assert (timedelta(hours=24), timedelta(hours=1)) == (codes.GOOD_FOR, codes.LETTERS_WITHIN)
