"""What the service itself holds of a lead: counted, and forgotten without a rest."""

from sqlalchemy import func, select

from api.context import Service
from audit.tables import LinkRow
from consent.tables import EventRow
from governance.requests import own_data, spool
from governance.requests.tables import PackageChunkRow, RequestLeadRow
from governance.requests.vocabulary import RequestType
from governance.tables import FieldRow, IdentifierRow, LeadRow
from tests.governance.requests.desk import a_known_lead, an_approved, work

ANNA, BO = "anna.berg@example.com", "bo@example.com"


def counted(service: Service, lead: str) -> dict[str, int]:
    """The rows of a lead in each table."""
    columns = {
        "leads": LeadRow.id,
        "identifiers": IdentifierRow.lead_id,
        "fields": FieldRow.lead_id,
        "events": EventRow.lead_id,
        "links": LinkRow.lead_id,
        "requests": RequestLeadRow.lead_id,
    }
    with service.main.read() as session:
        return {
            name: session.scalar(select(func.count()).where(column == lead)) or 0
            for name, column in columns.items()
        }


def test_what_is_held_is_counted_row_by_row(service: Service) -> None:
    """The lead, each identifier, each field, each event; of somebody who is no lead nothing."""
    lead = a_known_lead(service, ANNA, profile={"name": "Anna", "city": "Bonn"})
    rows = counted(service, lead)

    with service.main.read() as session:
        found = own_data.held(session, [lead, "nobody"])

    assert (rows["leads"], rows["identifiers"], rows["fields"]) == (1, 1, 2)
    assert found == {lead: 4 + rows["events"], "nobody": 0}


def test_nothing_of_the_forgotten_is_left_and_everything_of_the_others(service: Service) -> None:
    """Rows, events, links, requests: all of the one, none of the other."""
    anna, bo = (a_known_lead(service, each, profile={"name": "N"}) for each in (ANNA, BO))
    for each in (ANNA, BO):
        an_approved(service, each, [], RequestType.ACCESS)
    before = counted(service, bo)

    service.main.write(lambda session: own_data.forget(session, [anna], now=service.clock()))

    assert counted(service, anna) == dict.fromkeys(before, 0)
    assert counted(service, bo) == before
    assert min(before.values()) > 0


def test_the_packages_of_the_forgotten_go_and_no_other(service: Service) -> None:
    """A copy that was made of the person for an access request is the person's data too."""
    anna, _ = (a_known_lead(service, each) for each in (ANNA, BO))
    [_, kept] = [an_approved(service, each, [], RequestType.ACCESS) for each in (ANNA, BO)]
    work(service)

    service.main.write(lambda session: own_data.forget(session, [anna], now=service.clock()))

    with service.main.read() as session:
        assert set(session.scalars(select(PackageChunkRow.request_id))) == {kept}
        assert spool.stores_in(session, kept) == ["leadwarden"]


def test_forgetting_again_leaves_who_came_back_alone(service: Service) -> None:
    """A shredding that is repeated after a crash: the address is another lead's by now."""
    anna = a_known_lead(service, ANNA)
    service.main.write(lambda session: own_data.forget(session, [anna], now=service.clock()))
    again = a_known_lead(service, ANNA)
    before = counted(service, again)

    service.main.write(lambda session: own_data.forget(session, [anna], now=service.clock()))

    assert again != anna
    assert counted(service, again) == before
