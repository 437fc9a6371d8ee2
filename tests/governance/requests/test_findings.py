"""What was found stays found."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from consent.vocabulary import IdentifierKind
from governance.requests import findings
from governance.stores.protocol import (
    Candidate,
    CandidateReason,
    Found,
    Identity,
    PersonTerms,
    RowRef,
)

words = st.text(min_size=1, max_size=8)
rows = st.builds(RowRef, words, st.tuples(st.one_of(words, st.integers(0, 99))))
identities = st.builds(Identity, st.sampled_from(IdentifierKind), words, st.none() | words, st.booleans())
terms = st.builds(PersonTerms, names=st.frozensets(words), emails=st.frozensets(words))
founds = st.builds(
    Found,
    rows=st.lists(rows, max_size=4, unique=True).map(tuple),
    persons=st.lists(rows, max_size=2, unique=True).map(tuple),
    learnt=st.lists(identities, max_size=3, unique=True).map(tuple),
    shared=st.lists(identities, max_size=2, unique=True).map(tuple),
    terms=terms,
    gone=st.lists(rows, max_size=2, unique=True).map(tuple),
).map(lambda found: replace(found, gone=tuple(row for row in found.gone if row not in found.rows)))
ANNA = Identity(IdentifierKind.EMAIL, "anna@example.com")
DESK = Identity(IdentifierKind.PHONE, "+4930123456", shared=True)


@given(founds)
def test_found_survives_the_way_through_json(found: Found) -> None:
    """What is sealed before the first row is touched is what a restarted worker reads."""
    assert findings.from_json(findings.to_json(found)) == found


@given(st.lists(identities, max_size=5).map(tuple))
def test_identities_survive_the_way_through_json(known: tuple[Identity, ...]) -> None:
    """The identities of a request, also whether they are shared."""
    read = findings.identities_from_json(findings.identities_to_json(known))

    assert read == known
    assert [each.shared for each in read] == [each.shared for each in known]


@given(founds, founds)
def test_joining_loses_nothing(old: Found, new: Found) -> None:
    """A retry that finds less never makes less remain to be read back."""
    both = findings.joined(old, new)

    assert set(both.rows) == set(old.rows) | set(new.rows)
    assert len(both.rows) == len(set(both.rows))
    assert set(both.persons) == set(old.persons) | set(new.persons)
    assert set(both.shared) == set(old.shared) | set(new.shared)
    assert both.terms == old.terms.merged(new.terms)


@given(founds)
def test_joining_the_same_again_changes_nothing(found: Found) -> None:
    """Searching twice is searching once."""
    assert findings.joined(found, found) == found


def test_a_shared_number_is_not_followed() -> None:
    """A colleague behind the same desk phone is not this person."""
    assert findings.widened((ANNA,), [Found(learnt=(DESK, ANNA))]) == (ANNA,)


def test_a_number_that_one_store_saw_shared_is_shared_in_all() -> None:
    """Learnt from the person's own row, unmarked: what any store says of it decides."""
    number = replace(DESK, shared=False)
    founds = [Found(learnt=(number,)), Found(shared=(number,))]

    assert findings.widened((ANNA,), founds) == (ANNA,)
    [_, marked] = findings.widened((ANNA, number), founds)
    assert (marked, marked.shared) == (number, True)


def test_a_new_identity_is_followed_once() -> None:
    """The fixed point is reached, not circled."""
    crm = Identity(IdentifierKind.EXTERNAL, "17", "crm")

    assert findings.widened((ANNA,), [Found(learnt=(crm,)), Found(learnt=(crm,))]) == (ANNA, crm)
    assert findings.widened((ANNA, crm), [Found(learnt=(crm, ANNA))]) == (ANNA, crm)


def test_what_an_earlier_version_sealed_is_read() -> None:
    """Before shared identities were kept, they were not written."""
    old = b'{"rows":[],"persons":[],"learnt":[],"terms":{"names":[],"emails":[],"phones":[],"others":[]}}'

    assert findings.from_json(old) == Found()


def test_a_candidate_is_kept_with_what_is_shown_of_it() -> None:
    """The officer compares side by side."""
    candidate = Candidate(
        "c1", RowRef("contacts", (4,)), CandidateReason.NEAR_MATCH, IdentifierKind.PHONE, {"name": "A. Berg"}
    )
    text = findings.row_to_json(candidate.row, dict(candidate.shown))

    assert findings.row_from_json(text) == (candidate.row, {"name": "A. Berg"})


@given(founds, founds)
def test_what_is_there_is_not_gone_and_nothing_is_lost_of_either(old: Found, new: Found) -> None:
    """Of two searches, and of one after an erasure: each row counts once."""
    joined, anew = findings.joined(old, new), findings.begun_anew(old, new)

    assert {*joined.rows, *joined.gone} == {*old.rows, *old.gone, *new.rows, *new.gone}
    assert {*anew.rows, *anew.gone} == {*joined.rows, *joined.gone}
    assert (anew.rows, anew.persons, anew.terms) == (new.rows, new.persons, joined.terms)
    for each in (joined, anew):
        assert not {*each.rows} & {*each.gone}
        assert each.total == len({*each.rows, *each.gone})


def test_what_an_earlier_version_sealed_has_nothing_gone() -> None:
    """And is read all the same."""
    assert findings.from_json(findings.to_json(Found()).replace(b',"gone":[]', b"")) == Found()
