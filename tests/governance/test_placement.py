"""The layout of a chunk, as laws: pure."""

from hypothesis import given
from hypothesis import strategies as st

from consent.suppressions import Suppression
from consent.vocabulary import IdentifierKind, SuppressionKind
from governance.holdings import Hashed
from governance.identity import Identifier
from governance.leads import new_lead
from governance.placement import Arrival, Known, Placed, Verdict, lay_out
from tests.governance.lead_desk import NOW, a_lead

LEAD = new_lead(a_lead())
ERASED, SHARED = 0, 9
"""Number 0 belongs to somebody who was erased; number 9 is shared."""

STOPS = {
    bytes([ERASED, 1]): (
        Suppression(bytes([ERASED, 1]), IdentifierKind.EMAIL, SuppressionKind.ERASURE_SUPPRESSION, NOW),
    )
}


def hashed(number: int) -> Hashed:
    """An identifier that stands for a number."""
    identifier = Identifier(IdentifierKind.EMAIL, str(number), identifying=number != SHARED)
    return Hashed(identifier, (bytes([number, 0]),), (bytes([number, 1]),))


def arrivals(people: list[set[int]]) -> list[Arrival]:
    """A lead for each set of identifiers."""
    return [
        Arrival(LEAD, f"lead-{position}", tuple(map(hashed, sorted(numbers))))
        for position, numbers in enumerate(people)
    ]


def owned(some: list[Arrival], placed: list[Placed]) -> dict[bytes, set[str]]:
    """Which leads hold each identifying identifier in the end."""
    held: dict[bytes, set[str]] = {}
    for arrival, where in zip(some, placed, strict=True):
        for one in arrival.hashes:
            if where.lead_id is not None and one.identifier.identifying:
                held.setdefault(one.lookup[0], set()).add(where.lead_id)
    return held


PEOPLE = st.lists(st.sets(st.integers(0, 9), min_size=1, max_size=3), max_size=12)


@given(PEOPLE)
def test_a_chunk_is_as_if_they_came_one_by_one(people: list[set[int]]) -> None:
    """How a file is cut into chunks changes nothing."""
    some = arrivals(people)
    known = Known({}, frozenset(), STOPS)
    one_by_one: list[Placed] = []
    for position, arrival in enumerate(some):
        owners = {
            value: lead_id for value, leads in owned(some[:position], one_by_one).items() for lead_id in leads
        }
        one_by_one += lay_out([arrival], Known(owners, frozenset(), STOPS))

    assert one_by_one == lay_out(some, known)


@given(PEOPLE)
def test_no_two_leads_hold_one_identifying_identifier(people: list[set[int]]) -> None:
    """Whatever comes in whatever order; and who was erased is in none of them."""
    some = arrivals(people)
    held = owned(some, lay_out(some, Known({}, frozenset(), STOPS)))

    assert all(len(leads) == 1 for leads in held.values())
    assert bytes([ERASED, 0]) not in held


@given(PEOPLE)
def test_sharing_alone_never_brings_people_together(people: list[set[int]]) -> None:
    """A lead that has only shared identifiers is always its own."""
    some = arrivals(people)
    placed = lay_out(some, Known({}, frozenset(), STOPS))

    assert all(
        where == Placed(Verdict.CREATED, arrival.fresh_id)
        for arrival, where, numbers in zip(some, placed, people, strict=True)
        if numbers == {SHARED}
    )


def test_a_locked_lead_takes_nobody_in() -> None:
    """Its person is being erased."""
    known = Known({bytes([1, 0]): "held"}, frozenset({"held"}), {})

    assert lay_out(arrivals([{1}, {1, 2}]), known) == [Placed(Verdict.ERASED)] * 2
