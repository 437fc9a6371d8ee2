"""Who is the person: the rules, one by one."""

from governance.stores.matching import Profile, Question, judge
from governance.stores.protocol import CandidateReason, Identity, RowRef
from tests.governance.stores.factories import email, phone, row

JANE, PRIVATE, BOB = email("jane@acme.example"), email("jane@home.example"), email("bob@acme.example")
SWITCHBOARD, OFFICE = phone("+49305550000"), email("info@acme.example")
A, B, C = row("contacts", 1), row("contacts", 2), row("contacts", 3)


def profile(*identities: Identity, name: str | None = None) -> Profile:
    """A row's profile."""
    return Profile(identities, frozenset([name] if name else []))


def asked(
    *identities: Identity, same: frozenset[RowRef] = frozenset(), others: frozenset[RowRef] = frozenset()
) -> Question:
    """What is asked for."""
    return Question(identities, same=same, others=others)


def test_a_named_address_makes_every_row_that_holds_it_theirs() -> None:
    """Rule 2, and onwards through what those rows make known."""
    profiles = {A: profile(JANE, PRIVATE), B: profile(PRIVATE), C: profile(BOB)}
    verdict = judge(asked(JANE), profiles)
    assert {A, B} == verdict.accepted
    assert PRIVATE in verdict.known
    assert verdict.doubts == ()


def test_a_number_that_nobody_else_holds_is_followed() -> None:
    """Rule 3: rows of nobody in particular, such as calls, are theirs."""
    profiles = {A: profile(JANE, SWITCHBOARD, name="Jane Doe"), B: profile(SWITCHBOARD)}
    verdict = judge(asked(JANE), profiles)
    assert {A, B} == verdict.accepted
    assert verdict.shared == ()


def test_a_colleague_with_name_and_address_is_plainly_another() -> None:
    """Rule 4: neither theirs nor a question."""
    profiles = {
        A: profile(JANE, SWITCHBOARD, name="Jane Doe"),
        B: profile(BOB, SWITCHBOARD, name="Bob Stone"),
    }
    verdict = judge(asked(JANE), profiles)
    assert {A} == verdict.accepted
    assert verdict.doubts == ()
    assert verdict.shared == (SWITCHBOARD,)


def test_the_same_name_in_another_order_is_a_near_match() -> None:
    """Rule 4: `Doe, Jane` with the same number is for a human to decide."""
    profiles = {
        A: profile(JANE, SWITCHBOARD, name="Jane Doe"),
        B: profile(BOB, SWITCHBOARD, name="DOE, Jane"),
    }
    verdict = judge(asked(JANE), profiles)
    assert [(doubt.row, doubt.reason) for doubt in verdict.doubts] == [(B, CandidateReason.NEAR_MATCH)]


def test_what_several_hold_makes_no_row_theirs() -> None:
    """Asked for by a role address alone, both are candidates."""
    profiles = {A: profile(JANE, OFFICE, name="Jane Doe"), B: profile(BOB, OFFICE, name="Bob Stone")}
    verdict = judge(asked(OFFICE), profiles)
    assert verdict.accepted == frozenset()
    assert {A, B} == {doubt.row for doubt in verdict.doubts}
    assert {doubt.via for doubt in verdict.doubts} == {OFFICE}


def test_the_only_holder_of_a_number_asked_for_is_the_person() -> None:
    """Rule 3: what one row holds is not shared."""
    assert {A} == judge(asked(SWITCHBOARD), {A: profile(SWITCHBOARD, name="Jane Doe")}).accepted


def test_the_only_holder_with_an_address_of_their_own_is_a_question() -> None:
    """The address asked for is not theirs: a colleague behind the number, perhaps."""
    verdict = judge(asked(JANE, SWITCHBOARD), {B: profile(BOB, SWITCHBOARD, name="Bob Stone")})
    assert verdict.accepted == frozenset()
    assert [doubt.row for doubt in verdict.doubts] == [B]


def test_names_known_from_elsewhere_tell_colleagues_apart() -> None:
    """The same, with the person's name known: plainly another."""
    question = Question((JANE, SWITCHBOARD), frozenset({"Jane Doe"}))
    assert judge(question, {B: profile(BOB, SWITCHBOARD, name="Bob Stone")}).doubts == ()


def test_humans_have_the_first_and_the_last_word() -> None:
    """Rule 1."""
    profiles = {A: profile(JANE, SWITCHBOARD, name="Jane Doe"), B: profile(SWITCHBOARD, name="J. Doe")}
    assert {A, B} == judge(asked(JANE, same=frozenset({B})), profiles).accepted
    refused = judge(asked(JANE, others=frozenset({B})), profiles)
    assert {A} == refused.accepted
    assert refused.doubts == ()
    assert {A} == judge(asked(JANE, others=frozenset({B})), profiles).accepted


def test_what_is_known_to_be_shared_stays_shared() -> None:
    """Another store showed it; here one row holds it."""
    shared = phone(SWITCHBOARD.value, shared=True)
    verdict = judge(asked(shared), {A: profile(SWITCHBOARD, name="Jane Doe")})
    assert verdict.accepted == frozenset()
    assert [doubt.row for doubt in verdict.doubts] == [A]
