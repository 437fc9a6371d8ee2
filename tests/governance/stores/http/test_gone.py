"""A 404 is what a wrong path answers, and a wrong host: nobody is gone by that alone."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug import Request, Response

from consent.vocabulary import IdentifierKind
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.store import HttpStore
from governance.stores.opening import probe
from governance.stores.problems import problems
from governance.stores.protocol import Correction, Found, Identity, PersonTerms, RowRef
from governance.stores.reading import parse
from tests.fakes.plain import PlainCrm, document
from tests.fakes.serving import Handler, answer, served
from tests.governance.stores.benches import HTTP_SECRETS
from tests.governance.stores.factories import email

JANE = email("jane@acme.example")
CONTACT, NOTE = RowRef("contacts", (1,)), RowRef("notes", (1,))
FOUND = Found(rows=(CONTACT, NOTE), persons=(CONTACT,))


class Lagging(PlainCrm):
    """Finds by number as well; `index` is what its search still gives though it is gone.

    `blind` knows no single record any more, and still searches.
    """

    def __init__(self) -> None:
        super().__init__()
        self.index: list[dict[str, Any]] = []
        self.blind = False

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """A look-up by key besides."""
        return {**super().routes(), ("GET", "/api/by-number/<int:row_id>"): self.by_number}

    def refused(self, request: Request) -> Response | None:
        """404 for whatever is asked by its key."""
        single = request.path.rpartition("/")[2].isdigit()
        return answer({"code": "gone"}, 404) if self.blind and single else super().refused(request)

    def by_number(self, _request: Request, row_id: int) -> Response:
        """One contact, or 404."""
        row = self.contacts.get(row_id)
        return answer({}, 404) if row is None else answer(row)

    def search(self, request: Request) -> Response:
        """What the index says, if it says anything."""
        if self.index:
            return answer({"items": self.index, "total": len(self.index)})
        return super().search(request)


@pytest.fixture
def vendor() -> Iterator[Lagging]:
    """Jane with a note, and a test record that is always there."""
    fake = Lagging()
    fake.add("Jane Doe", None, "jane@acme.example", notes=("one",))
    fake.add("Always There", None, "there@ours.example", notes=("there",))
    with served(fake):
        yield fake


def described(vendor: PlainCrm, table: str = "contacts", **read: Any) -> dict[str, Any]:
    """The plain document with another `read` of one table."""
    made = document(vendor.base)
    made["http"]["tables"][table]["read"] |= read
    return made


def by_number(vendor: PlainCrm, **read: Any) -> dict[str, Any]:
    """One that finds contacts by their key only, where 404 says that there is none."""
    made = described(vendor, **read)
    find = {"by": "external", "path": "/api/by-number/{value}", "gone": [404]}
    made["http"]["tables"]["contacts"]["find"] = [find]
    made["tables"]["contacts"]["identity"] = {"id": {"kind": "external", "system": "crm"}}
    return made


@pytest.fixture
def stores() -> Iterator[list[HttpStore]]:
    """What has to be closed."""
    opened: list[HttpStore] = []
    yield opened
    for store in opened:
        store.close()


def opened(made: dict[str, Any], stores: list[HttpStore]) -> HttpStore:
    """A store as a process that was just started has it."""
    stores.append(HttpStore(parse(made), HTTP_SECRETS))
    return stores[-1]


def unproven(error: pytest.ExceptionInfo[StoreError]) -> tuple[object, ...]:
    """What is said, and that no retry helps."""
    return error.value.reason, error.value.table, error.value.passes


def external(value: str) -> Identity:
    """A contact's number."""
    return Identity(IdentifierKind.EXTERNAL, value, "crm")


NOT_PROVEN = (StoreCode.GONE_UNPROVEN, "contacts", False)
WRONG = "/api/v2/contacts/{row.id}"


def test_a_wrong_path_to_read_by_does_not_make_anybody_gone(vendor: Lagging, stores: list[HttpStore]) -> None:
    """Not when reading back: the search still gives the row. With a wrong path to erase by, it stays."""
    made = described(vendor, path=WRONG)
    made["http"]["tables"]["contacts"]["erase"][0]["path"] = WRONG
    store = opened(made, stores)
    found = store.find([JANE])
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {"contacts": 1}


def test_a_row_that_could_not_be_read_is_not_left_out_silently(
    vendor: Lagging, stores: list[HttpStore]
) -> None:
    """Neither of a package nor of a correction."""
    store = opened(described(vendor, path=WRONG), stores)
    found = store.find([JANE])
    asks = (
        lambda: list(store.export(found)),
        lambda: store.rectify(found, [Correction("email", "j@acme.example", "jane@acme.example")]),
    )
    for ask in asks:
        with pytest.raises(StoreError) as error:
            ask()
        assert unproven(error) == NOT_PROVEN
    right = opened(document(vendor.base), stores)
    found = right.find([email("there@ours.example"), JANE])
    del vendor.contacts[1]
    assert [row.table for row in right.export(found)] == ["contacts", "notes", "notes"]


def test_the_search_that_does_not_give_the_row_any_more_is_proof(
    vendor: Lagging, stores: list[HttpStore]
) -> None:
    """Of a process that never read it: it was started anew after the erasure."""
    vendor.contacts.pop(1)
    vendor.notes.pop(1)
    assert opened(document(vendor.base), stores).remaining(FOUND, [JANE]) == {}


def test_a_search_that_lags_is_overruled_by_the_call_that_has_shown_the_row(
    vendor: Lagging, stores: list[HttpStore]
) -> None:
    """It showed the row before the erasure, and says now that it is gone; another process has not seen it."""
    store = opened(document(vendor.base), stores)
    found = store.find([JANE])
    vendor.index = [dict(vendor.contacts[1])]
    assert store.erase(found, PersonTerms()) == ()
    assert store.remaining(found, [JANE]) == {}
    assert opened(document(vendor.base), stores).remaining(found, [JANE]) == {"contacts": 1}
    proving = described(vendor, known=2)
    assert opened(proving, stores).remaining(found, [JANE]) == {}


def test_what_was_shown_for_somebody_else_proves_nothing(vendor: Lagging, stores: list[HttpStore]) -> None:
    """The store is held open; since it showed the others our token has lost the right to single records."""
    store, other = opened(document(vendor.base), stores), email("there@ours.example")
    first = store.find([other])
    assert len(list(store.export(first))) == 2
    assert store.erase(first, PersonTerms()) == ()
    assert store.remaining(first, [other]) == {}
    found = store.find([JANE])
    vendor.blind = True
    assert store.erase(found, PersonTerms()) == ()
    assert store.remaining(found, [JANE]) == {"contacts": 1, "notes": 1}
    for ask in (
        lambda: list(store.export(found)),
        lambda: store.rectify(found, [Correction("email", "j@acme.example", "jane@acme.example")]),
    ):
        with pytest.raises(StoreError) as error:
            ask()
        assert unproven(error) == NOT_PROVEN


def test_what_was_shown_at_an_earlier_try_proves_nothing(vendor: Lagging, stores: list[HttpStore]) -> None:
    """Not even for the same rows: each try reads before it erases."""
    store = opened(document(vendor.base), stores)
    found = store.find([JANE])
    vendor.deaf = True
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {"contacts": 1, "notes": 1}
    vendor.blind = True
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {"contacts": 1, "notes": 1}


def test_a_status_that_says_nobody_is_proven_by_a_search_or_a_known_record(
    vendor: Lagging, stores: list[HttpStore]
) -> None:
    """Else a wrong host would hold nobody."""
    asked = external("7")
    for made in (by_number(vendor), by_number(vendor, known=77)):
        with pytest.raises(StoreError) as error:
            opened(made, stores).find([asked])
        assert unproven(error) == NOT_PROVEN
    assert opened(by_number(vendor, known=2), stores).find([asked]).rows == ()
    both = document(vendor.base)
    both["http"]["tables"]["contacts"]["find"] += by_number(vendor)["http"]["tables"]["contacts"]["find"]
    both["tables"]["contacts"]["identity"]["id"] = {"kind": "external", "system": "crm"}
    vendor.asked.clear()
    assert opened(both, stores).find([asked]).rows == ()
    assert vendor.asked == ["GET /api/by-number/7", "POST /api/contacts/search"]


def test_a_host_that_knows_no_path_at_all_holds_nobody_for_nobody(stores: list[HttpStore]) -> None:
    """Everything is 404: a proxy that leads elsewhere."""
    with served(answer({}, 404)) as base:
        fake = PlainCrm()
        fake.base = base
        store = opened(by_number(fake, known=2), stores)
        for ask in (
            lambda: store.find([external("1")]),
            lambda: store.remaining(FOUND, [external("1")]),
            lambda: list(store.export(FOUND)),
        ):
            with pytest.raises(StoreError) as error:
                ask()
            assert error.value.reason is StoreCode.GONE_UNPROVEN


def test_a_description_that_could_prove_nothing_is_not_made_active(vendor: Lagging) -> None:
    """And one whose known record is not there is no better."""
    said = ".read.known: no other find tells whether gone is true"
    assert [one for one in problems(parse(by_number(vendor))) if said in one]
    assert not [one for one in problems(parse(by_number(vendor, known=2))) if said in one]
    below = document(vendor.base)
    below["http"]["tables"]["notes"]["find"][0]["gone"] = [404]
    assert [one for one in problems(parse(below)) if said in one]
    parts = problems(parse(described(vendor, known=[2, 3])))
    assert "http.tables.contacts.read.known: must have as many parts as the key" in parts
    missing = probe(parse(described(vendor, known=77)), HTTP_SECRETS)
    assert (missing.refuses, missing.problems) == (True, ("http: gone_unproven (contacts)",))
    assert not probe(parse(described(vendor, known=2)), HTTP_SECRETS).problems
