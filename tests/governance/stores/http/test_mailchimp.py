"""The shipped description of Mailchimp, against a fake that Mailchimp's own client is held to as well."""

from collections.abc import Iterator

import mailchimp_marketing
import pytest
from mailchimp_marketing.api_client import ApiClientError

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.store import HttpStore
from governance.stores.protocol import PersonTerms
from tests.fakes.mailchimp import API_KEY, Mailchimp, hash_of
from tests.fakes.serving import answer, served
from tests.governance.stores.factories import email
from tests.governance.stores.http.vendors import described, opened

NO_TERMS = PersonTerms()
JANE = email("jane.doe@acme.example")


@pytest.fixture
def vendor() -> Iterator[Mailchimp]:
    """Jane is subscribed to one audience, and archived in another."""
    fake = Mailchimp()
    fake.add("a1", "Jane.Doe@acme.example", FNAME="Jane", LNAME="Doe")
    fake.add("b2", "jane.doe@acme.example", "archived")
    fake.add("a1", "bob@acme.example", FNAME="Bob")
    with served(fake):
        yield fake


@pytest.fixture
def store(vendor: Mailchimp) -> Iterator[HttpStore]:
    """The account by its shipped description, with the one audience that has archived members named."""
    opened_store = opened(described("mailchimp", vendor.base, AUDIENCE_ID="b2"), MAILCHIMP_KEY=API_KEY)
    yield opened_store
    opened_store.close()


def test_members_are_found_in_every_audience_and_deleted_for_good(
    store: HttpStore, vendor: Mailchimp
) -> None:
    """The archived one too, which the search leaves out; archiving would not be erasing."""
    found = store.find([JANE])
    assert [row.key for row in found.rows] == [("a1", hash_of(JANE.value)), ("b2", hash_of(JANE.value))]
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}
    assert [len(members) for members in vendor.audiences.values()] == [1, 0]
    assert {("a1", hash_of(JANE.value)), ("b2", hash_of(JANE.value))} == vendor.gone
    store.erase(found, NO_TERMS)


def test_the_export_has_the_merge_fields(store: HttpStore) -> None:
    """By their paths."""
    rows = list(store.export(store.find([JANE])))
    assert rows[0].columns["merge_fields.LNAME"] == "Doe"
    assert rows[0].categories["stats.avg_open_rate"] == "behavioural"


def test_too_many_connections_pass_and_a_wrong_key_does_not(store: HttpStore, vendor: Mailchimp) -> None:
    """Mailchimp's 429 has no Retry-After."""
    vendor.faults = [answer({"title": "TooManyRequests", "status": 429}, 429)]
    assert store.find([JANE]).rows != ()
    refused = opened(described("mailchimp", vendor.base, AUDIENCE_ID="b2"), MAILCHIMP_KEY="wrong")
    with pytest.raises(StoreError) as error:
        refused.find([JANE])
    refused.close()
    assert error.value.reason is StoreCode.PERMISSION_DENIED


def test_mailchimps_own_client_agrees_with_the_fake(vendor: Mailchimp) -> None:
    """Search, read, archive, delete for good, and what can not come back."""
    client = mailchimp_marketing.Client({"api_key": API_KEY, "server": "us1"})
    client.api_client.host = f"{vendor.base}/3.0"
    found = client.searchMembers.search("bob@acme.example")
    assert found["exact_matches"]["total_items"] == 1
    bob = hash_of("bob@acme.example")
    assert client.lists.get_list_member("a1", bob)["merge_fields"]["FNAME"] == "Bob"
    client.lists.delete_list_member("a1", bob)
    assert client.lists.get_list_member("a1", bob)["status"] == "archived"
    assert client.searchMembers.search("bob@acme.example")["exact_matches"]["total_items"] == 0
    client.lists.delete_list_member_permanent("a1", bob)
    with pytest.raises(ApiClientError) as gone:
        client.lists.get_list_member("a1", bob)
    assert gone.value.status_code == 404
    with pytest.raises(ApiClientError) as forgotten:
        client.lists.add_list_member("a1", {"email_address": "bob@acme.example", "status": "subscribed"})
    assert "Forgotten Email" in forgotten.value.text
