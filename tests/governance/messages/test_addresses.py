"""What a mail's headers may be made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import MessageInvalidError
from governance.messages.addresses import check_letter, is_address


@pytest.mark.parametrize(
    "text", ["anna@example.com", "anna.b+x@sub.example.com", "änna@bücher.example"], ids=ascii
)
def test_a_bare_address_is_one(text: str) -> None:
    """As the service stores them."""
    assert is_address(text)


@given(st.text(max_size=20), st.sampled_from('\r\n\t ,;<>"()\0\u2028'), st.text(max_size=20))
def test_nothing_that_a_header_could_be_made_of_is_an_address(left: str, bad: str, right: str) -> None:
    """Wherever the line break, the comma or the bracket stands."""
    assert not is_address(f"{left}{bad}{right}@example.com")
    assert not is_address(f"anna@{left}{bad}{right}")


@pytest.mark.parametrize(
    ("to", "subject", "text"),
    [
        ("anna", "x", "x"),
        ("anna@example.com", "x\nBcc: eve@example.com", "x"),
        ("anna@example.com", "x" * 201, "x"),
        ("anna@example.com", " ", "x"),
        ("anna@example.com", "x", " "),
        ("anna@example.com", "x", "x" * 64_001),
    ],
    ids=["address", "two lines", "long", "no subject", "no text", "endless"],
)
def test_a_letter_that_no_mail_can_carry_is_refused(to: str, subject: str, text: str) -> None:
    """And the error repeats nothing of it."""
    with pytest.raises(MessageInvalidError) as caught:
        check_letter(to, subject, text)

    assert "anna" not in str(caught.value)


def test_a_letter_without_an_address_may_wait_for_a_person() -> None:
    """They print it and post it."""
    check_letter(None, "Your request", "Dear Madam or Sir")
