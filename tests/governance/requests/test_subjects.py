"""Who a request is about."""

import pytest

from api.context import Service
from consent.vocabulary import IdentifierKind, NumberType
from governance.errors import IdentityAmbiguousError, LeadUnknownError
from governance.identity import ById, Reference, email, external, phone
from governance.requests import subjects
from governance.requests.subjects import Subject
from governance.stores.protocol import Identity
from tests.governance.requests.desk import a_known_lead

DESK = "+493012345678"


def subject(service: Service, *references: Reference) -> Subject:
    """The person of these references."""
    with service.main.read() as session:
        return subjects.subject_of(session, service.keyring, references)


def with_phone(service: Service, address: str) -> str:
    """A lead behind the company's phone."""
    return a_known_lead(
        service,
        address,
        identifiers=[{"type": "email", "value": address}, {"type": "phone", "value": DESK}],
    )


def test_a_known_person_has_a_lead_and_the_law_of_the_place(service: Service) -> None:
    """Country and region of the lead choose the regime."""
    lead = a_known_lead(service, "bo@example.com", country="US", region="US-CA")
    found = subject(service, email("bo@example.com"))

    assert (found.leads, found.regime) == ((lead,), "ccpa")
    assert found.identities == (Identity(IdentifierKind.EMAIL, "bo@example.com"),)


def test_an_unknown_person_is_a_subject_of_the_stores(service: Service) -> None:
    """And falls under GDPR, where nothing is known."""
    found = subject(service, email("nobody@example.com"), external("crm", "17"))

    assert (found.leads, found.regime) == ((), "gdpr")
    assert len(found.identities) == 2


def test_a_shared_phone_alone_is_ambiguous(service: Service) -> None:
    """Two people answer it."""
    with_phone(service, "bo@example.com")
    with_phone(service, "anna@example.com")

    with pytest.raises(IdentityAmbiguousError):
        subject(service, phone(DESK))


def test_a_shared_phone_beside_an_address_is_only_looked_at(service: Service) -> None:
    """The address says who; the phone is known to be shared and is followed by nobody."""
    lead = with_phone(service, "bo@example.com")
    with_phone(service, "anna@example.com")
    found = subject(service, email("bo@example.com"), phone(DESK))

    assert found.leads == (lead,)
    assert [identity.shared for identity in found.identities] == [False, True]


def test_a_lead_id_that_nobody_has_is_refused(service: Service) -> None:
    """Nothing could be looked for."""
    with pytest.raises(LeadUnknownError):
        subject(service, ById("00000000-0000-4000-8000-000000000000"))


@pytest.mark.parametrize(
    ("identity", "identifies"),
    [
        (Identity(IdentifierKind.EMAIL, "bo@example.com"), True),
        (Identity(IdentifierKind.EMAIL, "info@example.com"), False),
        (Identity(IdentifierKind.PHONE, "+491701234567"), False),
        (Identity(IdentifierKind.EXTERNAL, "17", "crm"), True),
    ],
)
def test_a_learnt_phone_or_role_address_keeps_nobody_out(identity: Identity, *, identifies: bool) -> None:
    """Colleagues go on using it."""
    assert subjects.identifier_of(identity).identifying == identifies


def test_what_the_service_knows_outweighs_what_a_store_tells() -> None:
    """A phone that is marked mobile here stays one person's."""
    own = [phone("+491701234567", number_type=NumberType.MOBILE)]
    known = subjects.known_by(own, [Identity(IdentifierKind.PHONE, "+491701234567")])

    assert [identifier.identifying for identifier in known] == [True]
