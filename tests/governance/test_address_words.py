"""The lists by which addresses are told apart hold nothing that could never match."""

import pytest

from consent.vocabulary import AddressType
from governance.address_words import PERSONAL_DOMAINS, ROLE_WORDS
from governance.identity import classify, email

FIRM = "firm.example"


@pytest.mark.parametrize("word", sorted(ROLE_WORDS))
def test_every_role_word_makes_a_shared_address(word: str) -> None:
    """As it is, in capitals and with a number: none identifies a person."""
    spellings = (f"{word}@{FIRM}", f"{word.upper()}@{FIRM}", f"{word}2@{FIRM}")

    assert [email(one).identifying for one in spellings] == [False] * 3


@pytest.mark.parametrize("domain", sorted(PERSONAL_DOMAINS))
def test_every_provider_is_recognised_in_normal_form(domain: str) -> None:
    """A domain that is not a lower-case A-label would never be met again after normalising."""
    assert email(f"jane.doe@{domain.upper()}").text == f"jane.doe@{domain}"
    assert classify(f"jane.doe@{domain}") is AddressType.PERSONAL


def test_a_name_is_no_role() -> None:
    """The lists err on the narrow side: who is in neither is somebody at work."""
    names = ("jane.doe", "infantino", "salesman.joe", "maria", "prost")

    assert {classify(f"{name}@{FIRM}") for name in names} == {AddressType.NAMED_WORK}
