"""Corrections and restrictions behind an interface: written, read back, and left to a person where not."""

from collections.abc import Iterator
from typing import Any

import pytest

from governance.stores.http.store import HttpStore
from governance.stores.problems import problems
from governance.stores.protocol import Correction, Found, Propagated, Rectifying, Restricting
from governance.stores.reading import parse
from tests.fakes import enrichment, hubspot, mailchimp, marketo, outreach, salesforce
from tests.fakes.plain import PlainCrm, document
from tests.fakes.serving import Fake, served
from tests.governance.stores.benches import HTTP_SECRETS
from tests.governance.stores.factories import email
from tests.governance.stores.http.vendors import described, opened

JANE, NEW = email("jane@acme.example"), "jane@new.example"
CHANGE = {"method": "PATCH", "path": "/api/contacts/{row.id}", "body": "{changed}"}
NAME = Correction("last_name", "Roe", was="Doe")
ADDRESS = Correction("email", NEW, was="Jane@acme.example")


@pytest.fixture
def vendor() -> Iterator[PlainCrm]:
    """Jane with two addresses and a note."""
    fake = PlainCrm()
    fake.add("Jane Doe", "+49 30 4444444", "Jane@acme.example", "j@old.example", notes=("one",))
    with served(fake):
        yield fake


def store_of(vendor: PlainCrm, *, change: bool = True, mark: bool = False) -> HttpStore:
    """The CRM, whose contacts may be changed, and may have a mark."""
    described_ = document(vendor.base)
    if change:
        described_["http"]["tables"]["contacts"]["change"] = CHANGE
    columns = described_["tables"]["contacts"]["columns"]
    columns["name.first"]["holds"], columns["name.last"]["holds"] = "first_name", "last_name"
    if mark:
        described_["tables"]["contacts"]["restrict"] = {"column": "held", "on": "yes", "off": "no"}
    return HttpStore(parse(described_), HTTP_SECRETS)


def test_corrections_are_written_and_read_back(vendor: PlainCrm) -> None:
    """Of a list only the address that is meant; again changes nothing."""
    store = store_of(vendor)
    found = store.find([JANE])
    assert isinstance(store, Rectifying)
    assert store.rectify(found, [NAME, ADDRESS]) == Propagated({"contacts": 1})
    assert vendor.contacts[1]["emails"] == [NEW, "j@old.example"]
    assert vendor.contacts[1]["name"] == {"first": "Jane", "last": "Roe"}
    assert store.rectify(found, [NAME, ADDRESS]) == Propagated()
    store.close()


def test_what_no_call_changes_is_left_to_a_person(vendor: PlainCrm) -> None:
    """By its name; what nobody says is no open matter."""
    store = store_of(vendor, change=False)
    found = store.find([JANE])
    told = store.rectify(found, [NAME, Correction("city", "Rome")])
    assert (told.changed, told.unplaced) == ({}, ("city", "last_name"))
    assert store.restrict(found, on=True).unplaced == ("contacts",)
    assert vendor.contacts[1]["name"]["last"] == "Doe"
    store.close()


def test_a_change_that_does_not_take_is_left_over(vendor: PlainCrm) -> None:
    """Taken with 200, and nothing is different."""
    store = store_of(vendor)
    found = store.find([JANE])
    vendor.deaf = True
    told = store.rectify(found, [NAME])
    assert (told.changed, told.remaining) == ({"contacts": 1}, {"contacts": 1})
    store.close()


def test_a_mark_is_set_and_lifted(vendor: PlainCrm) -> None:
    """With the values that the document gives it; the person is found as before."""
    store = store_of(vendor, mark=True)
    found = store.find([JANE])
    assert isinstance(store, Restricting)
    assert store.restrict(found, on=True).changed == {"contacts": 1}
    assert vendor.contacts[1]["held"] == "yes"
    assert store.restrict(found, on=True).changed == {}
    assert store.restrict(found, on=False).changed == {"contacts": 1}
    assert vendor.contacts[1]["held"] == "no"
    assert store.restrict(Found(), on=True) == Propagated()
    store.close()


def test_a_mark_needs_a_call_and_a_call_known_names() -> None:
    """Said before a request needs it."""
    marked = document("https://crm.example")
    marked["tables"]["contacts"]["restrict"] = "held"
    assert "http.tables.contacts.change: nothing says how the mark" in "\n".join(problems(parse(marked)))
    marked["http"]["tables"]["contacts"]["change"] = CHANGE | {"body": {"x": "{changed.a.b}", "y": "{value}"}}
    found = "\n".join(problems(parse(marked)))
    assert "{value} is not known here" in found
    assert "changed.a.b} is" not in found


def vendors() -> dict[str, tuple[Fake, dict[str, str], Any]]:
    """Each vendor with Jane Doe, its secrets, and where her name stands."""
    hub, force, chimp = hubspot.HubSpot(), salesforce.Salesforce(), mailchimp.Mailchimp()
    market, reach = marketo.Marketo(), outreach.Outreach()
    hub.add(email=JANE.value, firstname="Jane", lastname="Doe")
    lead = force.add("Lead", Email=JANE.value, LastName="Doe")
    hashed = chimp.add("a1", JANE.value, LNAME="Doe")
    number = market.add(email=JANE.value, lastName="Doe")
    reach.add(emails=[JANE.value], lastName="Doe")
    return {
        "hubspot": (hub, {"HUBSPOT_TOKEN": hubspot.TOKEN}, lambda: hub.contacts["101"]["lastname"]),
        "salesforce": (
            force,
            {"SALESFORCE_ID": salesforce.CLIENT_ID, "SALESFORCE_SECRET": salesforce.CLIENT_SECRET},
            lambda: force.records["Lead"][lead]["LastName"],
        ),
        "mailchimp": (
            chimp,
            {"MAILCHIMP_KEY": mailchimp.API_KEY},
            lambda: chimp.audiences["a1"][hashed]["merge_fields"]["LNAME"],
        ),
        "marketo": (
            market,
            {"MARKETO_ID": marketo.CLIENT_ID, "MARKETO_SECRET": marketo.CLIENT_SECRET},
            lambda: market.leads[number]["lastName"],
        ),
        "outreach": (
            reach,
            {
                "OUTREACH_ID": outreach.CLIENT_ID,
                "OUTREACH_SECRET": outreach.CLIENT_SECRET,
                "OUTREACH_REFRESH": outreach.REFRESH,
            },
            lambda: reach.prospects[1]["lastName"],
        ),
    }


@pytest.mark.parametrize("name", ["hubspot", "mailchimp", "marketo", "outreach", "salesforce"])
def test_the_vendors_take_corrections_as_they_are_described(name: str) -> None:
    """A name, by each vendor's own way of changing a row."""
    fake, secrets, told = vendors()[name]
    words = {"MyDomainName": "acme", "AUDIENCE_ID": "b2", "MUNCHKIN": "123-ABC-456"}
    with served(fake):
        store = opened(described(name, fake.base, **words), **secrets)
        propagated = store.rectify(store.find([JANE]), [NAME])
        store.close()
    assert list(propagated.changed.values()) == [1]
    assert (propagated.remaining, propagated.unplaced) == ({}, ())
    assert told() == "Roe"


def test_a_provider_without_such_a_call_leaves_it_to_a_person() -> None:
    """The shipped description of enrichment has none."""
    fake = enrichment.Enrichment()
    fake.add(emails=[JANE.value], title="CEO")
    with served(fake):
        store = opened(described("enrichment", fake.base), ENRICHMENT_KEY=enrichment.KEY)
        assert store.rectify(store.find([JANE]), [Correction("title", "CTO")]).unplaced == ("title",)
        store.close()
