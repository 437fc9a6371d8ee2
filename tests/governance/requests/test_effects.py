"""What a request changes at once where contact is decided."""

import uuid

import pytest
from sqlalchemy import select

from api import casework
from api.context import Service
from api.intake import take_in
from consent import ledger
from consent.tables import SuppressionRow
from consent.vocabulary import ObjectionKind
from governance.contact import NewObjection, object_to
from governance.identity import Identifier, email, parse_reference, phone
from governance.leads import new_lead
from governance.requests.vocabulary import RequestType
from governance.vault.index import suppression_hashes
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    a_request,
    an_approved,
    described,
    work,
)

ANNA = "anna.berg@example.com"
INFO = "info@firm.example"
DESK = "+493012345678"


def suppressed(service: Service) -> dict[bytes, set[str]]:
    """What is suppressed, by hash."""
    with service.main.read() as session:
        rows = session.scalars(select(SuppressionRow)).all()
    return {row.hash: {other.type for other in rows if other.hash == row.hash} for row in rows}


def hash_of(service: Service, kind: str, value: str) -> bytes:
    """The hash under which an address is suppressed."""
    return suppression_hashes(service.keyring, kind, value)[0]


@pytest.mark.parametrize(
    ("kind", "objections"),
    [
        (RequestType.OBJECTION, {"direct_marketing", "profiling"}),
        (RequestType.OPT_OUT_SALE_SHARING, {"do_not_sell_or_share"}),
        (RequestType.LIMIT_SENSITIVE, {"profiling"}),
    ],
)
def test_an_objection_stands_in_the_ledger_and_by_address(
    service: Service, kind: RequestType, objections: set[str]
) -> None:
    """For the lead that is known, and for whoever is taken in later."""
    lead = a_known_lead(service, ANNA)
    a_request(service, ANNA, kind)

    with service.main.read() as session:
        facts = ledger.facts_of(session, [lead])[lead]
    assert {each["type"] for each in facts["objections"]} == objections
    assert suppressed(service) == {hash_of(service, "email", ANNA): objections}


@pytest.mark.parametrize("said", [{"email": "info@firm.example"}, {"phone": DESK}])
def test_an_objection_of_nobody_known_stands_by_address_even_a_shared_one(
    service: Service, said: dict[str, str]
) -> None:
    """A request and the plain call keep the same, so that the next decision says no after either."""
    objection = NewObjection(ObjectionKind.DIRECT_MARKETING, service.clock(), "phone_call")
    reference = parse_reference(said)
    assert isinstance(reference, Identifier)
    [hashed] = suppression_hashes(service.keyring, reference.kind, reference.key)
    asked = casework.Asked(str(uuid.uuid4()), RequestType.OPT_OUT_SALE_SHARING, [said])

    casework.take_in(service, asked, actor=ACTOR, answer=lambda _: None, commit=service.main.write)
    service.main.write(
        lambda session: object_to(
            session, service.keyring, reference, objection, now=service.clock(), actor=ACTOR
        )
    )

    assert suppressed(service) == {hashed: {"do_not_sell_or_share", "direct_marketing"}}


def test_an_objection_at_an_address_of_several_leads_stands_by_address(service: Service) -> None:
    """Nobody can say whose it is, so none of the leads has objected; and nobody is written to there."""
    for name in ("anna", "bo"):
        a_known_lead(service, "", identifiers=several(f"{name}@firm.example"))
    asked = casework.Asked(str(uuid.uuid4()), RequestType.OBJECTION, [{"email": INFO}], shared=True)
    casework.take_in(service, asked, actor=ACTOR, answer=lambda _: None, commit=service.main.write)

    assert suppressed(service) == {hash_of(service, "email", INFO): {"direct_marketing", "profiling"}}


def test_an_objection_of_a_known_lead_leaves_the_shared_address_to_the_others(service: Service) -> None:
    """Her own ledger stops her; the address behind which her colleague is too stays usable for him."""
    for name in ("anna", "bo"):
        a_known_lead(service, "", identifiers=several(f"{name}@firm.example"))
    references = [{"email": "anna@firm.example"}, {"email": INFO}]
    asked = casework.Asked(str(uuid.uuid4()), RequestType.OPT_OUT_SALE_SHARING, references)
    casework.take_in(service, asked, actor=ACTOR, answer=lambda _: None, commit=service.main.write)

    assert suppressed(service) == {hash_of(service, "email", "anna@firm.example"): {"do_not_sell_or_share"}}


def several(address: str) -> list[dict[str, str]]:
    """The identifiers of somebody who has a shared address beside the own one."""
    return [{"type": "email", "value": address}, {"type": "email", "value": INFO}]


def test_a_complaint_objects_to_nothing_by_itself(service: Service) -> None:
    """It has to be read first."""
    a_known_lead(service, ANNA)
    a_request(service, ANNA, RequestType.COMPLAINT)

    assert suppressed(service) == {}


def test_a_complaint_waits_for_an_answer(service: Service) -> None:
    """A person writes it."""
    request_id = a_request(service, ANNA, RequestType.COMPLAINT)
    casework.approve(service, request_id, actor=ACTOR, stores=[])
    assert described(service, request_id)["status"] == "needs_attention"

    casework.complete(service, request_id, "leadwarden", actor=ACTOR)
    work(service)
    assert described(service, request_id)["status"] == "completed"


def test_an_erasure_suppresses_what_identifies_and_nothing_shared(service: Service) -> None:
    """The company's phone stays usable for her colleagues."""
    document = {
        "identifiers": [{"type": "email", "value": ANNA}, {"type": "phone", "value": DESK}],
        "source": {"key": "fair", "kind": "event", "obtained_at": service.clock()},
    }
    take_in(service, [new_lead(document)], actor=ACTOR)
    an_approved(service, ANNA, [])

    assert suppressed(service) == {hash_of(service, "email", email(ANNA).key): {"erasure_suppression"}}
    assert hash_of(service, "phone", phone(DESK).key) not in suppressed(service)


def test_an_address_that_only_a_store_knew_is_suppressed_too(service: Service) -> None:
    """The next sync would bring her back under it; a phone of unknown kind keeps nobody out."""
    crm = MemoryStore("crm", {1: {"email": ANNA, "external": "17"}, 2: {"external": "17", "phone": DESK}})
    an_approved(service, ANNA, ["crm"])
    work(service, crm)

    found = suppressed(service)
    assert hash_of(service, "external", "crm\x1f17") in found
    assert hash_of(service, "phone", DESK) not in found
