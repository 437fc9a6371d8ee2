"""What is done for one person is what is done for a list of one."""

from collections.abc import Sequence

from governance.stores.protocol import ForMany, Found, Identity, PersonTerms, RowRef, Sought
from governance.stores.together import Together
from tests.governance.stores.factories import email, row

JANE = email("jane.doe@acme.example")
FOUND = Found(rows=(row("contacts", 1),), persons=(row("contacts", 1),))
TERMS = PersonTerms(names=frozenset({"Jane Doe"}))


class Echo(Together):
    """A store that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def find_each(self, sought: Sequence[Sought]) -> list[Found]:
        """Finds Jane."""
        self.asked.append(list(sought))
        return [FOUND for _ in sought]

    def erase_each(self, doomed: Sequence[tuple[Found, PersonTerms]]) -> list[tuple[RowRef, ...]]:
        """Something is late."""
        self.asked.append(list(doomed))
        return [(row("notes", 7),) for _ in doomed]

    def remaining_each(self, erased: Sequence[tuple[Found, Sequence[Identity]]]) -> list[dict[str, int]]:
        """One row is left."""
        self.asked.append(list(erased))
        return [{"contacts": 1} for _ in erased]


def test_one_person_is_asked_for_as_a_list_of_one() -> None:
    """With everything that is known of them, and what the list answers for the first."""
    store = Echo()

    assert isinstance(store, ForMany)
    assert store.find([JANE], known=TERMS, same=[row("a", 1)], others=[row("b", 2)]) == FOUND
    assert store.erase(FOUND, TERMS) == (row("notes", 7),)
    assert store.remaining(FOUND, [JANE]) == {"contacts": 1}
    assert store.asked == [
        [Sought((JANE,), TERMS, (row("a", 1),), (row("b", 2),))],
        [(FOUND, TERMS)],
        [(FOUND, [JANE])],
    ]
