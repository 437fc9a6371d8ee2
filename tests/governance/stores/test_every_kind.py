"""The contract of lead stores: what each kind must do, and what one that is worked by hand must not."""

from collections.abc import Iterator

import pytest

from governance.requests import findings
from governance.stores.errors import StoreCode, StoreError
from governance.stores.opening import open_store
from governance.stores.protocol import Found, PersonTerms, PlannedAction, Store
from governance.stores.reading import parse
from tests.governance.stores.benches import BENCHES, Bench
from tests.governance.stores.factories import email, phone

JANE, BOB, CAROL = (
    email("jane.doe@acme.example"),
    email("bob.stone@acme.example"),
    email("carol.reed@acme.example"),
)
HER_NUMBER, SWITCHBOARD = phone("+49301111111"), phone("+49305550000")
NO_TERMS = PersonTerms()


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each kind in turn."""
    with BENCHES[request.param](request) as opened:
        yield opened


@pytest.fixture
def store(bench: Bench) -> Store:
    """The store on the bench."""
    return bench.store


def test_a_person_is_found_whole_and_nobody_else(store: Store, bench: Bench) -> None:
    """One person, with what belongs to them; the same rows by either address."""
    found = store.find([JANE])
    assert found.counts()[bench.people] == 1
    assert len(found.persons) >= 1
    assert set(found.persons) <= set(found.rows)
    assert found.rows == store.find([email("jd@private.example")]).rows
    assert not set(found.rows) & set(store.find([BOB]).rows)


def test_what_becomes_known_is_handed_on(store: Store) -> None:
    """The second address and the number, for the other stores."""
    learnt = set(store.find([JANE]).learnt)
    assert {email("jd@private.example"), HER_NUMBER} <= learnt
    assert JANE not in learnt


def test_the_persons_names_are_known_afterwards(store: Store) -> None:
    """For the free text of the other stores."""
    terms = store.find([JANE]).terms
    assert "Doe" in terms.names
    assert "jane.doe@acme.example" in {one.lower() for one in terms.emails}


def test_a_colleague_behind_the_same_number_is_another_person(store: Store) -> None:
    """A switchboard neither widens nor raises a question about those with a name and an address."""
    found = store.find([BOB])
    assert found.candidates == ()
    assert found.shared == (SWITCHBOARD,)
    assert not set(found.rows) & set(store.find([CAROL]).rows)


def test_a_namesake_is_a_question(store: Store) -> None:
    """With the same number and no address: a person decides, and either decision is heeded."""
    found = store.find([JANE])
    (candidate,) = found.candidates
    assert candidate.row not in found.rows
    assert "Doe" in candidate.shown.values()
    assert candidate.row in store.find([JANE], same=[candidate.row]).rows
    declined = store.find([JANE], others=[candidate.row])
    assert (declined.candidates, candidate.row in declined.rows) == ((), False)


def test_an_identity_known_as_shared_widens_nothing(store: Store) -> None:
    """What another store has shown to be shared only raises a question here."""
    assert store.find([phone(HER_NUMBER.value, shared=True)]).rows == ()


def test_an_address_in_another_alphabet_is_found(store: Store) -> None:
    """In the spelling of the network, where the store has the other one."""
    assert len(store.find([email("zoë@xn--mller-kva.example")]).persons) == 1


def test_nobody_is_found_by_an_unknown_identity(store: Store) -> None:
    """An empty answer is an answer."""
    assert store.find([email("nobody@nowhere.example"), phone("+498912345678")]) == Found()


def test_the_plan_accounts_for_every_row(store: Store) -> None:
    """Each row is in one line, and what stays says why."""
    found = store.find([JANE])
    plan = store.plan(found)
    assert {line.table: line.rows for line in plan} == found.counts()
    assert all(line.because for line in plan if line.action is PlannedAction.KEEP)
    assert store.plan(Found()) == ()


def test_the_export_has_every_row_with_its_categories(store: Store, bench: Bench) -> None:
    """By whole rows."""
    found = store.find([JANE])
    exported = list(store.export(found))
    assert len(exported) == len(found.rows)
    (person,) = [one for one in exported if one.table == bench.people]
    assert "doe" in str(person.columns.values()).lower()
    assert "contact_details" in person.categories.values()


def test_an_erased_person_is_nowhere_and_the_others_are_untouched(store: Store, bench: Bench) -> None:
    """Looked for behind the store's back; read back before and after."""
    found = store.find([JANE])
    before = store.remaining(found, [JANE])
    assert before[bench.people] == 1
    assert before.items() <= found.counts().items()
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}
    assert not bench.holds("jane.doe@acme.example")
    assert not bench.holds("jd@private.example")
    assert bench.holds("bob.stone@acme.example")
    assert bench.holds("carol.reed@acme.example")
    assert store.find([JANE]).rows == ()


def test_erasing_again_changes_nothing(store: Store, bench: Bench) -> None:
    """As after a crash, with what was found then and sealed; and erasing nobody is harmless."""
    found = findings.from_json(findings.to_json(store.find([JANE])))
    for _ in range(2):
        store.erase(found, NO_TERMS)
        assert store.remaining(found, [JANE]) == {}
    store.erase(Found(), NO_TERMS)
    assert bench.holds("bob.stone@acme.example")
    kept = {line.table for line in store.plan(found) if line.action is not PlannedAction.DELETE}
    assert {row.table for row in store.export(found)} <= kept


def test_somebody_who_is_brought_back_is_seen(store: Store, bench: Bench) -> None:
    """Reading back asks by identity as well, so a sync does not go unnoticed."""
    found = store.find([JANE])
    store.erase(found, NO_TERMS)
    bench.bring_back()
    assert store.remaining(found, [JANE]) == {bench.people: 1}
    others = [candidate.row for candidate in found.candidates]
    assert len(store.find([JANE, *found.learnt], others=others).persons) == 1


def test_reading_back_does_not_mistake_a_colleague_for_the_person(store: Store) -> None:
    """Once Bob is gone, the last one behind the switchboard is not Bob."""
    found = store.find([BOB, SWITCHBOARD])
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [BOB, SWITCHBOARD]) == {}
    assert len(store.find([CAROL]).persons) == 1


def test_a_store_worked_by_hand_never_says_that_it_is_done() -> None:
    """What nobody looked at is not found empty, erased or read back as clean."""
    manual = open_store(parse({"store": "paper", "kind": "manual", "instructions": "Look."}), {})
    assert manual.by_hand
    for ask in (
        lambda: manual.find([JANE]),
        lambda: manual.erase(Found(), NO_TERMS),
        lambda: manual.remaining(Found(), [JANE]),
        lambda: list(manual.export(Found())),
    ):
        with pytest.raises(StoreError) as refused:
            ask()
        assert refused.value.reason is StoreCode.BY_HAND
    assert manual.plan(Found()) == ()
