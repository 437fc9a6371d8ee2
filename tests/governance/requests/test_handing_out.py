"""The package of an access request: announced, then opened, as long as it is there."""

import io
import json
import uuid
import zipfile

import pytest
from sqlalchemy import func, select

from api import casework
from api.context import Service
from audit.tables import LinkRow, PendingRow
from governance.errors import PackageMissingError, RequestUnknownError
from governance.openings import Opener
from governance.requests import handing_out
from governance.requests.vocabulary import Method, RequestType
from governance.scopes import Allowance
from tests.governance.requests.desk import ACTOR, MemoryStore, a_known_lead, an_approved, work

OPENER = Opener(ACTOR, Allowance())
ANNA = "anna.berg@example.com"


def announce(service: Service, request_id: str) -> None:
    """Say that the package will be opened."""
    service.main.write(
        lambda session: handing_out.announce(session, request_id, now=service.clock(), opener=OPENER)
    )


def openings(service: Service) -> int:
    """How often the trail says that a package was opened."""
    with service.main.read() as session:
        told = select(func.count()).where(PendingRow.action == "request.package_opened")
        return session.scalar(told) or 0


def ended(service: Service, kind: RequestType) -> str:
    """The id of a request that is completed."""
    a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, ["crm"], kind)
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    return request_id


@pytest.mark.parametrize("kind", [RequestType.ACCESS, RequestType.PORTABILITY])
def test_a_package_holds_every_store_and_the_service_itself(service: Service, kind: RequestType) -> None:
    """And what Article 15 asks to be told, once; each opening is told before it."""
    request_id = ended(service, kind)
    announce(service, request_id)
    key = casework.request_key(service, request_id)
    with service.main.read() as session:
        content = b"".join(handing_out.stream(session, key, now=service.clock()))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        stores = json.loads(archive.read("data.json"))["stores"]
        about = json.loads(archive.read("article-15.json"))
    assert sorted(stores) == ["crm", "leadwarden"]
    assert [row["columns"]["email"] for row in stores["crm"]] == [ANNA]
    assert about != {}
    assert openings(service) == 1


def test_there_is_no_package_before_the_end(service: Service) -> None:
    """Half a copy is no answer, though its first store is exported."""
    request_id = an_approved(service, ANNA, ["crm", "gone"], RequestType.ACCESS)
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))

    with pytest.raises(PackageMissingError):
        announce(service, request_id)
    assert openings(service) == 0


def test_an_erasure_has_no_package(service: Service) -> None:
    """It is completed, and hands nothing out."""
    request_id = ended(service, RequestType.ERASURE)

    with pytest.raises(PackageMissingError):
        announce(service, request_id)


def test_a_package_that_went_with_an_erasure_is_not_announced(service: Service) -> None:
    """The trail does not say that a copy was opened which was not there."""
    request_id = ended(service, RequestType.ACCESS)
    an_approved(service, ANNA, [])
    work(service)

    with pytest.raises(PackageMissingError):
        announce(service, request_id)
    assert openings(service) == 0


def test_of_a_request_that_is_not_there_nothing_is_opened(service: Service) -> None:
    """It is unknown, not without package."""
    with pytest.raises(RequestUnknownError):
        announce(service, "nothing")


def test_of_several_people_each_finds_who_opened_their_package(service: Service) -> None:
    """A request about two leads is an entry for each, and both are counted."""
    first, second = a_known_lead(service, ANNA), a_known_lead(service, "anna@berg.example")
    request_id = str(uuid.uuid4())
    references = [{"lead_id": first}, {"lead_id": second}]
    casework.take_in(
        service,
        casework.Asked(request_id, RequestType.ACCESS, references=references),
        actor=ACTOR,
        answer=lambda _: None,
        commit=service.main.write,
    )
    casework.verify(service, request_id, Method.DOCUMENT_SEEN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR, stores=[])
    work(service)
    announce(service, request_id)
    with service.main.read() as session:
        linked = select(LinkRow.lead_id).join(PendingRow, PendingRow.entry_id == LinkRow.entry_id)
        found = session.scalars(linked.where(PendingRow.action == "request.package_opened")).all()

    assert sorted(str(one) for one in found) == sorted([first, second])
