"""Every code has words, and no words are left over."""

from consent.decision import FILTERS
from consent.reasons import STAGES, Reason
from consent.rows import GroundKind
from consent.wording import GROUNDS, MEANING, STAGE_WORDS


def test_every_code_says_something_of_its_own() -> None:
    """Two codes with the same words would be one."""
    assert set(MEANING) == set(Reason)
    assert len(set(MEANING.values())) == len(MEANING)
    assert not [words for words in MEANING.values() if "_" in words or words != words.strip()]


def test_every_stand_in_and_every_stage_has_words() -> None:
    """As an officer would say them."""
    assert set(GROUNDS) == set(GroundKind)
    assert set(STAGE_WORDS) == {STAGES[0], *(STAGES[number - 1] for number, _ in FILTERS)}
