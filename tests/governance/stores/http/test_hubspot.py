"""The shipped description of HubSpot, against a fake that HubSpot's own client is held to as well."""

from collections.abc import Iterator

import hubspot
import pytest
from hubspot.crm.contacts import (
    ApiException,
    PublicGdprDeleteInput,
    PublicObjectSearchRequest,
    SimplePublicObjectInputForCreate,
)

from consent.vocabulary import IdentifierKind
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.store import HttpStore
from governance.stores.protocol import Identity, PersonTerms, RowRef
from tests.fakes.hubspot import TOKEN, HubSpot, rate_limited
from tests.fakes.serving import served
from tests.governance.stores.factories import email, phone
from tests.governance.stores.http.vendors import described, opened

NO_TERMS = PersonTerms()
JANE = email("jane.doe@acme.example")


@pytest.fixture
def vendor() -> Iterator[HubSpot]:
    """An account with three contacts, of whom two share a number."""
    fake = HubSpot()
    fake.add(
        email="jane.doe@acme.example",
        hs_additional_emails="jd@private.example;jane@old.example",
        firstname="Jane",
        lastname="Doe",
        phone="+49 30 1111111",
        hs_searchable_calculated_phone_number="301111111",
    )
    fake.add(email="bob@acme.example", firstname="Bob", lastname="Stone")
    fake.add(
        firstname="Jane",
        lastname="Doe",
        phone="030 1111111",
        hs_searchable_calculated_phone_number="301111111",
    )
    with served(fake):
        yield fake


@pytest.fixture
def store(vendor: HubSpot) -> Iterator[HttpStore]:
    """The account by its shipped description."""
    opened_store = opened(described("hubspot", vendor.base), HUBSPOT_TOKEN=TOKEN)
    yield opened_store
    opened_store.close()


def contact(contact_id: str) -> RowRef:
    """A contact's row."""
    return RowRef("contacts", (contact_id,))


def test_a_person_is_found_by_any_address_and_by_their_number(store: HttpStore) -> None:
    """Additional addresses included; a number that somebody of the same name has too is a question."""
    for asked in (JANE, email("jd@private.example"), Identity(IdentifierKind.EXTERNAL, "101", "hubspot")):
        found = store.find([asked])
        assert found.persons == (contact("101"),)
        assert email("jane@old.example") in (*found.learnt, asked)
    assert [one.row for one in store.find([JANE]).candidates] == [contact("103")]
    assert store.find([phone("+49301111111")]).candidates != ()


def test_erasure_is_hubspots_own_and_blocks_the_addresses(store: HttpStore, vendor: HubSpot) -> None:
    """Nothing is left in the recycling bin, and an import can not bring the person back."""
    found = store.find([JANE])
    assert store.remaining(found, [JANE]) == {"contacts": 1}
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}
    assert set(vendor.contacts) == {"102", "103"}
    assert vendor.archived == set()
    assert {"jane.doe@acme.example", "jd@private.example", "jane@old.example"} <= vendor.blocked
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}


def test_the_export_holds_every_property(store: HttpStore) -> None:
    """By the paths that the answer has them at, with the categories of the mapping."""
    (row,) = store.export(store.find([email("bob@acme.example")]))
    assert (row.columns["properties.firstname"], row.columns["id"]) == ("Bob", "102")
    assert row.categories["properties.lastname"] == "contact_details"


def test_no_address_stands_in_any_url(store: HttpStore, vendor: HubSpot) -> None:
    """HubSpot offers a search by POST, so nothing personal goes where proxies and logs see it."""
    found = store.find([JANE])
    store.erase(found, NO_TERMS)
    store.remaining(found, [JANE])
    assert vendor.asked
    assert not [line for line in vendor.asked if "jane" in line.lower() or "%40" in line or "1111111" in line]


def test_a_search_that_is_behind_brings_nobody_back(store: HttpStore, vendor: HubSpot) -> None:
    """What the index still shows is gone once reading by key says so."""
    found = store.find([JANE])
    store.erase(found, NO_TERMS)
    vendor.stale = 3
    assert store.remaining(found, [JANE]) == {}
    assert vendor.stale == 0


def test_a_lie_is_read_back(store: HttpStore, vendor: HubSpot) -> None:
    """204, and the contact is still there."""
    vendor.lies = True
    found = store.find([email("bob@acme.example")])
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [email("bob@acme.example")]) == {"contacts": 1}


def test_every_page_is_read(store: HttpStore, vendor: HubSpot) -> None:
    """250 contacts with one number are three pages; the number is shared, and nobody is taken for another."""
    for number in range(250):
        vendor.add(
            email=f"a{number}@x.example",
            firstname=f"Ann{number}",
            phone="+493055",
            hs_searchable_calculated_phone_number="3055",
        )
    found = store.find([phone("+493055555555")])
    assert found.rows == ()
    for number in range(250):
        vendor.add(
            email=f"b{number}@x.example",
            phone="+49 30 7777777",
            hs_searchable_calculated_phone_number="307777777",
        )
    vendor.asked.clear()
    found = store.find([phone("+49307777777")])
    assert (found.rows, len(found.candidates)) == ((), 250)
    assert len(vendor.asked) == 3


def test_a_burst_is_waited_out_and_a_wrong_token_is_not(store: HttpStore, vendor: HubSpot) -> None:
    """429 passes; 401 is for a person."""
    vendor.faults = [rate_limited()]
    assert store.find([JANE]).persons == (contact("101"),)
    refused = opened(described("hubspot", vendor.base), HUBSPOT_TOKEN="wrong")
    with pytest.raises(StoreError) as error:
        refused.find([JANE])
    refused.close()
    assert (error.value.reason, error.value.passes) == (StoreCode.PERMISSION_DENIED, False)


def test_hubspots_own_client_agrees_with_the_fake(vendor: HubSpot) -> None:
    """Search, read, archive and purge as the vendor's library calls and reads them."""
    client = hubspot.Client.create(access_token=TOKEN, host=vendor.base)
    contacts = client.crm.contacts
    asked = PublicObjectSearchRequest(
        filter_groups=[
            {"filters": [{"propertyName": "email", "operator": "EQ", "value": "bob@acme.example"}]}
        ],
        properties=["email", "firstname"],
        limit=1,
    )
    found = contacts.search_api.do_search(public_object_search_request=asked)
    assert (found.total, found.results[0].id, found.results[0].properties["firstname"]) == (1, "102", "Bob")
    assert contacts.basic_api.get_by_id("102", properties=["email"]).properties["email"] == "bob@acme.example"
    made = contacts.basic_api.create(
        simple_public_object_input_for_create=SimplePublicObjectInputForCreate(
            properties={"email": "n@x.example"}
        )
    )
    contacts.basic_api.archive(made.id)
    assert vendor.archived == {made.id}
    contacts.basic_api.purge(PublicGdprDeleteInput(object_id="102"))
    with pytest.raises(ApiException) as gone:
        contacts.basic_api.get_by_id("102")
    assert gone.value.status == 404
    contacts.basic_api.purge(PublicGdprDeleteInput(object_id="new@x.example", id_property="email"))
    with pytest.raises(ApiException):
        contacts.basic_api.create(
            simple_public_object_input_for_create=SimplePublicObjectInputForCreate(
                properties={"email": "new@x.example"}
            )
        )
