"""The shipped description of Salesforce, against a fake that a well-kept client is held to as well."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceResourceNotFound

from consent.vocabulary import IdentifierKind
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.store import HttpStore
from governance.stores.protocol import Identity, PersonTerms
from tests.fakes.salesforce import CLIENT_ID, CLIENT_SECRET, Salesforce, wrong
from tests.fakes.serving import served
from tests.governance.stores.factories import email, phone
from tests.governance.stores.http.vendors import described, opened

NO_TERMS = PersonTerms()
JANE = email("jane.o'neill@acme.example")
SECRETS = {"SALESFORCE_ID": CLIENT_ID, "SALESFORCE_SECRET": CLIENT_SECRET}


@pytest.fixture
def vendor() -> Iterator[Salesforce]:
    """An org where Jane is a contact, an unconverted lead and a converted one, with a task."""
    fake = Salesforce()
    jane = fake.add(
        "Contact",
        FirstName="Jane",
        LastName="O'Neill",
        Email="Jane.O'Neill@acme.example",
        Phone="(030) 111 11 11",
    )
    fake.add("Contact", FirstName="Bob", LastName="Stone", Email="bob@acme.example")
    fake.add(
        "Lead",
        FirstName="Jane",
        LastName="O'Neill",
        Email="jane.o'neill@acme.example",
        Description="met Jane",
    )
    fake.add("Lead", LastName="O'Neill", Email="jane.o'neill@acme.example", IsConverted=True)
    fake.add("Task", WhoId=jane, Subject="Call Jane", Description=None)
    fake.add("Task", WhoId="003other", Subject="Call Bob", Description=None)
    with served(fake):
        yield fake


@pytest.fixture
def store(vendor: Salesforce) -> Iterator[HttpStore]:
    """The org by its shipped description."""
    opened_store = opened(described("salesforce", vendor.base, MyDomainName="acme"), **SECRETS)
    yield opened_store
    opened_store.close()


def test_leads_contacts_and_their_tasks_are_found(store: HttpStore) -> None:
    """By an address with a quote in it, which stays data; and by a number that is written in another way."""
    found = store.find([JANE])
    assert found.counts() == {"Contact": 1, "Lead": 2, "Task": 1}
    assert {row.table for row in found.persons} == {"Contact", "Lead"}
    by_number = store.find([phone("+49301111111")])
    assert by_number.rows == found.rows


def test_an_address_can_not_widen_the_query(store: HttpStore) -> None:
    """What would end the text in SOQL is looked for, and nobody has it."""
    assert store.find([email("x' or email != '@acme.example")]).rows == ()


def test_records_are_emptied_before_they_go_to_the_recycle_bin(store: HttpStore, vendor: Salesforce) -> None:
    """So that the 15 days there hold nothing; a converted lead can not be changed, and goes as it is."""
    found = store.find([JANE])
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}
    assert {kind: len(rows) for kind, rows in vendor.records.items()} == {"Contact": 1, "Lead": 0, "Task": 1}
    kept = [row for row in vendor.bin.values() if not row.get("IsConverted")]
    assert len(kept) == 3
    assert not [row for row in kept if "ane" in str(row)]
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}


def test_no_address_stands_in_any_url(store: HttpStore, vendor: Salesforce) -> None:
    """The query stands in the body of a composite request."""
    found = store.find([JANE])
    store.erase(found, NO_TERMS)
    store.remaining(found, [JANE])
    assert not [line for line in vendor.asked if "neill" in line.lower() or "1111111" in line]


def test_an_expired_session_is_renewed_once(store: HttpStore, vendor: Salesforce) -> None:
    """And the token is kept between calls."""
    store.find([JANE])
    assert vendor.tokens_given == 1
    vendor.token = "00Dfake!2"
    assert store.find([JANE]).rows != ()
    assert vendor.tokens_given == 2


def test_limits_and_wrong_secrets_have_codes_of_their_own(store: HttpStore, vendor: Salesforce) -> None:
    """Salesforce says 403 for both a limit and a right that is missing; its code tells them apart."""
    vendor.faults = [wrong(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")] * 9
    with pytest.raises(StoreError) as limited:
        store.find([JANE])
    assert limited.value.reason is StoreCode.RATE_LIMITED
    vendor.faults = []
    refused = opened(
        described("salesforce", vendor.base, MyDomainName="acme"), **SECRETS | {"SALESFORCE_ID": "no"}
    )
    with pytest.raises(StoreError) as denied:
        refused.find([JANE])
    refused.close()
    assert denied.value.reason is StoreCode.PERMISSION_DENIED


def test_a_field_that_is_not_there_is_not_taken_for_nobody(store: HttpStore, vendor: Salesforce) -> None:
    """Salesforce says 400 for it, as it does for what can be nobody's id; its codes tell them apart."""
    somebody = Identity(IdentifierKind.EXTERNAL, "003Fk0000000000001", "salesforce")
    vendor.faults = [wrong(400, "INVALID_FIELD", "No such column 'MobilePhone' on entity 'Contact'")]
    with pytest.raises(StoreError) as refused:
        store.find([somebody])
    assert refused.value.reason is StoreCode.REFUSED
    vendor.faults = [wrong(400, "MALFORMED_ID", "id value of incorrect type")] * 2
    assert store.find([somebody]).rows == ()


class _Plain(HTTPAdapter):
    """The client insists on https; the fake has no certificate."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://")
        return super().send(request, *args, **more)


def test_a_well_kept_client_agrees_with_the_fake(vendor: Salesforce) -> None:
    """Queries, rows, searches and errors as simple-salesforce calls and reads them."""
    session = requests.Session()
    session.mount("https://", _Plain())
    client: Any = Client(
        instance=vendor.base.removeprefix("http://"), session_id=vendor.token, session=session
    )
    found = client.query("SELECT Id, Email FROM Contact WHERE Email = 'bob@acme.example'")
    assert (found["totalSize"], found["done"], found["records"][0]["attributes"]["type"]) == (
        1,
        True,
        "Contact",
    )
    made = client.Contact.create({"LastName": "New", "Phone": "+49 89 22222"})
    assert made["success"]
    asked = {"q": "8922222", "in": "PHONE", "sobjects": [{"name": "Contact", "fields": ["Id", "LastName"]}]}
    searched = client.restful("parameterizedSearch/", method="POST", json=asked)
    assert [one["LastName"] for one in searched["searchRecords"]] == ["New"]
    assert client.Contact.update(made["id"], {"LastName": "Newer"}) == 204
    assert client.Contact.get(made["id"])["LastName"] == "Newer"
    assert client.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Contact.get(made["id"])
    vendor.token = "another"
    with pytest.raises(SalesforceExpiredSession):
        client.query("SELECT Id FROM Contact WHERE Id = 'x'")
    session.close()
