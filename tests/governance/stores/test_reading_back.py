"""After an erasure the rows found then are looked for, and whoever is found now."""

import pytest

from governance.requests.findings import joined
from governance.stores.errors import StoreCode, StoreError
from governance.stores.lockstep import run_together
from governance.stores.protocol import Found, PersonTerms
from governance.stores.reading_back import read_back, refuse_foreign, refuse_gaps
from governance.stores.schema import LiveSchema
from tests.governance.stores.conftest import run_script
from tests.governance.stores.factories import crm, email, row

JANE = email("jane.doe@acme.example")


def test_who_came_back_is_counted_by_what_was_learnt(sqlite_url: str) -> None:
    """By an address that nobody asked for; a colleague behind the shared number is not them."""
    store = crm(sqlite_url)
    found = store.find([JANE])
    store.erase(found, PersonTerms())
    run_script(sqlite_url, "INSERT INTO contacts (id, email) VALUES (9, 'jd@private.example')")
    with store.engine.connect() as connection:
        [left] = run_together(connection, store.topology, [read_back(store.topology, found, [JANE])])
    assert left == {"contacts": 1}
    store.close()


def test_what_a_trigger_writes_down_of_the_deleted_is_seen_and_erased_in_turn(sqlite_url: str) -> None:
    """Nothing leads to it any more but the keys of rows that are gone."""
    store = crm(sqlite_url)
    run_script(
        sqlite_url,
        "CREATE TRIGGER kept AFTER DELETE ON contacts BEGIN"
        " INSERT INTO history VALUES (77, 'contact', OLD.id, OLD.email); END",
    )
    found = store.find([JANE])
    assert store.erase(found, PersonTerms()) == ()
    assert store.remaining(found, [JANE]) == {"history": 1}
    late = store.erase(found, PersonTerms())
    assert late == (row("history", 77),)
    found = joined(found, Found(rows=late))
    assert store.erase(found, PersonTerms()) == ()
    assert store.remaining(found, [JANE]) == {}
    store.close()


def test_what_can_not_be_accounted_for_is_refused(sqlite_url: str) -> None:
    """Rows of a table that is not mapped, and a schema with gaps."""
    store = crm(sqlite_url)
    refuse_foreign(store.topology, store.find([JANE]))
    with pytest.raises(StoreError) as refused:
        refuse_foreign(store.topology, Found(rows=(row("elsewhere", 1),)))
    assert refused.value.reason is StoreCode.MAPPING_INVALID
    refuse_gaps(store.schema)
    with pytest.raises(StoreError) as refused:
        refuse_gaps(LiveSchema({}, {}, (), missing=("contacts",)))
    assert str(refused.value) == "table_missing: contacts"
    store.close()
