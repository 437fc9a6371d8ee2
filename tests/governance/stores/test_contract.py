"""What a store in a SQL database does besides the contract of every kind: child tables, copies, history."""

from collections.abc import Iterator

import pytest

from governance.stores.protocol import Found, PersonTerms, PlannedAction
from governance.stores.sql import SqlStore
from tests.governance.stores.conftest import rows_of, run_script
from tests.governance.stores.factories import crm, email, phone, row

JANE = email("jane.doe@acme.example")


@pytest.fixture
def store(empty_url: str) -> Iterator[SqlStore]:
    """The small CRM, in each kind of database."""
    opened = crm(empty_url)
    yield opened
    opened.close()


def test_everything_of_a_person_is_found_and_nobody_elses(store: SqlStore) -> None:
    """Own rows, children, grandchildren, key-value rows, copies in orders, history by convention."""
    found = store.find([JANE])
    expected = {
        "contacts": 1,
        "contact_points": 3,
        "activities": 2,
        "comments": 1,
        "orders": 1,
        "history": 1,
        "consents_log": 1,
    }
    assert expected == found.counts()
    assert row("contacts", 1) in found.persons
    assert row("activities", 3) not in found.rows


@pytest.mark.parametrize("asked", [JANE, email("jd@private.example"), phone("+491702222222")])
def test_any_identity_leads_to_the_same_rows(store: SqlStore, asked: object) -> None:
    """A key-value row in a child table stands for the person that it belongs to."""
    assert store.find([JANE]).rows == store.find([asked]).rows  # type: ignore[list-item]  # parametrised


def test_identities_come_upon_are_learnt(store: SqlStore) -> None:
    """The row's number, and the addresses of its child table, are new identities for other stores."""
    learnt = store.find([JANE]).learnt
    assert {email("jd@private.example"), phone("+491702222222"), phone("+49301111111")} == set(learnt)


def test_a_colleague_behind_the_same_number_is_another_person(store: SqlStore) -> None:
    """A shared number neither widens to those with a name and address of their own, nor asks about them."""
    found = store.find([email("bob.stone@acme.example")])
    assert row("contacts", 3) not in found.rows
    assert found.candidates == ()
    assert (phone("+49305550000"),) == found.shared


def test_a_shared_number_alone_is_a_question_for_a_human(store: SqlStore) -> None:
    """Asked for by what two people share, nothing is theirs; both stand side by side."""
    found = store.find([phone("+49305550000")])
    assert found.rows == ()
    assert {row("contacts", 2), row("contacts", 3)} == {candidate.row for candidate in found.candidates}
    assert "Carol" in {candidate.shown.get("first_name") for candidate in found.candidates}


def test_a_near_match_waits_for_a_human(store: SqlStore) -> None:
    """The same name and number without an address may be the same person: never erased on a guess."""
    found = store.find([JANE])
    assert [row("contacts", 4)] == [candidate.row for candidate in found.candidates]
    assert row("contacts", 4) not in found.rows


def test_a_humans_answer_decides(store: SqlStore) -> None:
    """Called the same person, a candidate is found with the rest; called another, it is asked no more."""
    assert row("contacts", 4) in store.find([JANE], same=[row("contacts", 4)]).rows
    declined = store.find([JANE], others=[row("contacts", 4)])
    assert declined.candidates == ()
    assert row("contacts", 4) not in declined.rows


def test_an_identity_known_as_shared_widens_nothing(store: SqlStore) -> None:
    """What another store has shown to be shared only raises a question here."""
    found = store.find([phone("+49301111111", shared=True)])
    assert found.rows == ()


def test_the_plan_says_what_would_happen(store: SqlStore) -> None:
    """Deleted, redacted and kept, with the reasons."""
    plan = {line.table: line for line in store.plan(store.find([JANE]))}
    assert PlannedAction.DELETE is plan["contacts"].action
    assert PlannedAction.REDACT is plan["orders"].action
    assert plan["orders"].kept_columns == (("total", "tax law, ten years"),)
    assert plan["consents_log"].because == "proof of consent"


def test_the_export_holds_whole_rows_by_category(store: SqlStore) -> None:
    """Every row found, each column with its category."""
    found = store.find([JANE])
    exported = list(store.export(found))
    assert len(found.rows) == len(exported)
    contact = next(one for one in exported if one.table == "contacts")
    assert contact.columns["email"] == "Jane.Doe@Acme.example"
    assert contact.categories["score"] == "inferred"


def test_erasure_takes_the_person_out_and_leaves_the_others(store: SqlStore, empty_url: str) -> None:
    """Rows go, what stays is redacted, references at what goes are emptied, everybody else is untouched."""
    found = store.find([JANE])
    store.erase(found, PersonTerms())
    assert rows_of(empty_url, "SELECT id FROM contacts ORDER BY id") == [(2,), (3,), (4,), (5,)]
    assert rows_of(empty_url, "SELECT id FROM contact_points") == [(3,)]
    assert rows_of(empty_url, "SELECT id, note FROM activities") == [(3, "Bob says Jane will sign")]
    assert rows_of(
        empty_url, "SELECT contact_id, buyer, buyer_email, note, meta, total FROM orders WHERE id = 1"
    ) == [(None, "erased", "", "Ms [redacted], call [redacted]", '{"by": ["[redacted]", 5]}', 900)]
    assert rows_of(empty_url, "SELECT buyer FROM orders WHERE id = 2") == [("Bob Stone",)]
    assert rows_of(empty_url, "SELECT requester_id FROM tickets ORDER BY id") == [(None,), (2,)]
    assert rows_of(empty_url, "SELECT reports_to FROM contacts WHERE id = 2") == [(None,)]
    assert rows_of(empty_url, "SELECT id FROM history ORDER BY id") == [(2,), (3,)]
    assert rows_of(empty_url, "SELECT id FROM consents_log ORDER BY id") == [(1,), (2,)]


def test_reading_back_counts_what_is_left(store: SqlStore) -> None:
    """Before: every row that should go. After: none."""
    found = store.find([JANE])
    before = store.remaining(found, [JANE])
    assert before == {
        "contacts": 1,
        "contact_points": 3,
        "activities": 2,
        "comments": 1,
        "orders": 1,
        "history": 1,
    }
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {}


def test_erasing_twice_changes_nothing_more(store: SqlStore, empty_url: str) -> None:
    """A retry after a crash is harmless, and so is erasing nobody."""
    found = store.find([JANE])
    store.erase(found, PersonTerms())
    dump = rows_of(empty_url, "SELECT * FROM orders ORDER BY id")
    store.erase(found, PersonTerms())
    store.erase(Found(), PersonTerms())
    assert dump == rows_of(empty_url, "SELECT * FROM orders ORDER BY id")
    assert store.remaining(found, [JANE]) == {}


def test_someone_synced_back_in_is_seen(store: SqlStore, empty_url: str) -> None:
    """Reading back asks anew by identity, so a sync that brings the person back does not go unnoticed."""
    found = store.find([JANE])
    store.erase(found, PersonTerms())
    run_script(empty_url, "INSERT INTO contacts (id, email) VALUES (77, 'JD@private.example ')")
    assert store.remaining(found, [JANE]) == {"contacts": 1}


def test_reading_back_does_not_mistake_colleagues_for_the_person(store: SqlStore) -> None:
    """Once the person is gone, the last holder of a shared number is not the person either."""
    bob = email("bob.stone@acme.example")
    found = store.find([bob, phone("+49305550000")])
    store.erase(found, PersonTerms())
    assert store.remaining(found, [bob, phone("+49305550000")]) == {}
    assert len(store.find([email("carol.reed@acme.example")]).persons) == 1


def test_terms_of_other_stores_are_redacted_too(store: SqlStore, empty_url: str) -> None:
    """A second name known elsewhere goes from free text here."""
    run_script(empty_url, "UPDATE orders SET note = 'also known as Petronella' WHERE id = 1")
    store.erase(store.find([JANE]), PersonTerms(names=frozenset({"Petronella"})))
    assert rows_of(empty_url, "SELECT note FROM orders WHERE id = 1") == [("also known as [redacted]",)]


def test_addresses_in_other_alphabets_are_found(store: SqlStore) -> None:
    """Case, and the two ways to write a domain, do not hide anybody."""
    assert [row("contacts", 5)] == list(store.find([email("zoë@xn--mller-kva.example")]).persons)


def test_nobody_is_found_by_an_unknown_identity(store: SqlStore) -> None:
    """An empty answer is an answer."""
    assert Found(learnt=()) == store.find([email("nobody@nowhere.example")])
