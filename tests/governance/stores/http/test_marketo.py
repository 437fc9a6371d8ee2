"""The shipped description of Marketo, whose errors come with status 200."""

from collections.abc import Iterator

import pytest

from consent.vocabulary import IdentifierKind
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.store import HttpStore
from governance.stores.protocol import Identity, PersonTerms
from tests.fakes.marketo import CLIENT_ID, CLIENT_SECRET, Marketo, trouble
from tests.fakes.serving import answer, served
from tests.governance.stores.factories import email
from tests.governance.stores.http.vendors import described, opened

NO_TERMS = PersonTerms()
JANE = email("jane.doe@acme.example")


@pytest.fixture
def vendor() -> Iterator[Marketo]:
    """An instance where Jane is a lead three times, as imports leave it; two leads make a page."""
    fake = Marketo()
    fake.page = 2
    for number in range(3):
        fake.add(email="Jane.Doe@acme.example", firstName="Jane", lastName="Doe", leadScore=number)
    fake.add(email="bob@acme.example", firstName="Bob")
    with served(fake):
        yield fake


@pytest.fixture
def store(vendor: Marketo) -> Iterator[HttpStore]:
    """The instance by its shipped description."""
    secrets = {"MARKETO_ID": CLIENT_ID, "MARKETO_SECRET": CLIENT_SECRET}
    opened_store = opened(described("marketo", vendor.base, MUNCHKIN="123-ABC-456"), **secrets)
    yield opened_store
    opened_store.close()


def test_every_duplicate_is_found_and_deleted(store: HttpStore, vendor: Marketo) -> None:
    """Over two pages, without an address in any URL; deleting again finds them skipped."""
    found = store.find([JANE])
    assert len(found.rows) == 3
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}
    assert [lead["email"] for lead in vendor.leads.values()] == ["bob@acme.example"]
    store.erase(found, NO_TERMS)
    assert not [line for line in vendor.asked if "jane" in line.lower()]


def test_marketos_own_id_is_an_identity(store: HttpStore) -> None:
    """Of its system, and of no other."""
    theirs = Identity(IdentifierKind.EXTERNAL, "318584", "marketo")
    assert len(store.find([theirs]).rows) == 1
    assert store.find([Identity(IdentifierKind.EXTERNAL, "318584", "elsewhere")]).rows == ()
    assert store.find([Identity(IdentifierKind.EXTERNAL, "7", "marketo")]).rows == ()


def test_an_expired_token_is_renewed(store: HttpStore, vendor: Marketo) -> None:
    """Marketo says so with 602 in a success."""
    store.find([JANE])
    vendor.token = "another"
    assert len(store.find([JANE]).rows) == 3


@pytest.mark.parametrize(
    ("code", "expected"),
    [("606", StoreCode.RATE_LIMITED), ("603", StoreCode.PERMISSION_DENIED), ("1003", StoreCode.REFUSED)],
)
def test_errors_in_the_body_are_errors(
    store: HttpStore, vendor: Marketo, code: str, expected: StoreCode
) -> None:
    """Whatever the status says: nobody is called not found because of a limit."""
    store.find([JANE])
    vendor.faults = [trouble(code, "told with 200")] * 9
    with pytest.raises(StoreError) as error:
        store.find([JANE])
    assert error.value.reason is expected


def test_a_deletion_that_was_skipped_for_another_reason_is_refused(store: HttpStore, vendor: Marketo) -> None:
    """Only `deleted`, and `not found`, are success."""
    found = store.find([JANE])
    skipped = {"id": 1, "status": "skipped", "reasons": [{"code": "1029", "message": "Too many jobs"}]}
    results = (next(iter(vendor.leads.values())), skipped)
    vendor.faults = [answer({"requestId": "1", "success": True, "result": [each]}) for each in results]
    with pytest.raises(StoreError) as error:
        store.erase(found, NO_TERMS)
    assert error.value.reason is StoreCode.REFUSED
