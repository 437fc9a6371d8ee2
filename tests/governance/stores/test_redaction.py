"""Nothing that names the person is left in free text, and nothing else is taken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.stores.protocol import PersonTerms
from governance.stores.redaction import MARK, redact, redact_column, redact_json

JANE = PersonTerms(
    names=frozenset({"Jane", "O'Neill-Müller", "Jane O'Neill-Müller"}),
    emails=frozenset({"jane.om@acme.example"}),
    phones=frozenset({"+49301234567"}),
    others=frozenset({"linkedin.example/in/jane-om"}),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Spoke to JANE today", f"Spoke to {MARK} today"),
        ("Jane O'Neill-Müller agreed", f"{MARK} agreed"),
        ("Frau Müller agreed", f"Frau {MARK} agreed"),
        ("Frau Mueller und Frau Muller", f"Frau {MARK} und Frau {MARK}"),
        ("Mu\u0308ller, decomposed", f"{MARK}, decomposed"),
        ("Müllers Angebot, Jane's desk", f"{MARK} Angebot, {MARK} desk"),
        ("Janet and Müllermeister stay", "Janet and Müllermeister stay"),
        ("user_jane_2 logged in", f"user_{MARK}_2 logged in"),
        ("write to Jane.OM@acme.example.", f"write to {MARK}."),
        ("not xjane.om@acme.example.org", "not xjane.om@acme.example.org"),
        ("call 030/123 45-67 or +49 (0)30 1234567", f"call {MARK} or {MARK}"),
        ("call 0049301234567!", f"call {MARK}!"),
        ("order 9930123456799 stays", "order 9930123456799 stays"),
        ("see linkedin.example/in/jane-om", f"see {MARK}"),
        ("nobody here", "nobody here"),
        ("", ""),
    ],
)
def test_each_way_to_name_somebody(text: str, expected: str) -> None:
    """Parts of names, accents, genitives, addresses, numbers however spaced; whole words only."""
    assert expected == redact(text, JANE)


def test_particles_and_initials_name_nobody_alone() -> None:
    """Else every other sentence would go."""
    terms = PersonTerms(names=frozenset({"Jan van der Berg", "J"}))
    assert redact("Van der Valk hotel, plan J", terms) == "Van der Valk hotel, plan J"
    assert redact("Jan van der Berg, Mr Berg", terms) == f"{MARK}, Mr {MARK}"


def test_scripts_without_spaces_have_no_word_boundaries() -> None:
    """A name inside running text goes."""
    assert redact("昨日山田太郎様に電話", PersonTerms(names=frozenset({"山田太郎"}))) == f"昨日{MARK}様に電話"


def test_json_is_searched_all_through() -> None:
    """Texts, keys and numbers; flags and other numbers stay, and text that holds JSON stays JSON."""
    value = {"by": ["Jane", 5, True, None], "jane": {"n": 49301234567}}
    cleaned = {"by": [MARK, 5, True, None], MARK: {"n": MARK}}
    assert redact_json(value, JANE) == cleaned
    assert json.loads(redact_column(json.dumps(value), JANE)) == cleaned
    untouched = '{"a":  1}'
    assert redact_column(untouched, JANE) == untouched
    assert redact_column("[Jane", JANE) == f"[{MARK}"
    assert redact_column(None, JANE) is None


def test_the_result_fits_its_column() -> None:
    """A shorter mark, or a cut, where the column is narrow."""
    terms = PersonTerms(names=frozenset({"Bo"}))
    assert redact("Bo", terms, limit=10) == MARK
    assert redact("Bo", terms, limit=5) == "*"
    assert len(redact("Bo Bo Bo", terms, limit=8)) <= 8


WORDS = st.lists(st.sampled_from(["and", "met", "1", "-"]), max_size=4)
NAMES = st.text(alphabet="abcdeéöxyz", min_size=3, max_size=8)


@given(
    NAMES, NAMES, st.integers(10**7, 10**8), st.lists(st.sampled_from(["and", "met", "1", "-"]), max_size=4)
)
def test_nothing_of_the_person_is_left(first: str, last: str, number: int, words: list[str]) -> None:
    """Whatever the sentence, and redacting twice changes nothing more."""
    address = f"{first}.{last}@acme.example"
    terms = PersonTerms(frozenset({first, last}), frozenset({address}), frozenset({f"+49{number}"}))
    text = " ".join([first.upper(), *words, last, address, f"0{number}", *words, f"{last}, {first}"])
    once = redact(text, terms)
    assert address not in once.lower()
    assert str(number) not in once
    assert not {first, last} & set(once.lower().replace(",", " ").split())
    assert redact(once, terms) == once
