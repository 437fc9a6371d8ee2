"""What is opened of a request: never untold, never beyond what its opener may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api import case_openings
from api.context import Service
from api.errors import OpeningsSpentError
from audit.tables import PendingRow
from governance.errors import RequestClosedError
from governance.openings import Opener
from governance.requests.vocabulary import RequestType
from governance.scopes import Allowance
from governance.vault.keys import destroy
from tests.governance.requests.desk import MemoryStore, a_known_lead, a_request, an_approved, work

ANNA = "anna.berg@example.com"
ANYBODY, NOBODY = Opener("kim", Allowance()), Opener("kim", Allowance(0, 0))


def told(service: Service) -> list[str]:
    """The actions of the trail by which something was opened, or not."""
    with service.main.read() as session:
        found = session.scalars(select(PendingRow.action).order_by(PendingRow.entry_id)).all()
    return [each for each in found if each.endswith("_opened") or each == "opening.refused"]


def file(service: Service, opener: Opener) -> Any:
    """The file of a request."""
    return case_openings.file_of(service, a_request(service, ANNA), opener=opener)


def doubted(service: Service, opener: Opener) -> Any:
    """The candidates of a request."""
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {2: {"email": ANNA, "name": "A. Berg"}}, doubtful={2}))
    return case_openings.candidates_of(service, request_id, "crm", opener=opener)


def package(service: Service, opener: Opener) -> Any:
    """The package of a request."""
    request_id = an_approved(service, ANNA, ["crm"], RequestType.ACCESS)
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    return b"".join(case_openings.package_of(service, request_id, opener=opener))


@pytest.mark.parametrize(("open_", "entry"), [(file, "file"), (doubted, "candidates"), (package, "package")])
def test_the_trail_says_what_is_opened(
    service: Service, open_: Callable[[Service, Opener], Any], entry: str
) -> None:
    """One entry each."""
    a_known_lead(service, ANNA)

    assert open_(service, ANYBODY)
    assert told(service) == [f"request.{entry}_opened"]


@pytest.mark.parametrize("open_", [file, doubted, package])
def test_nothing_is_opened_beyond_the_allowance(
    service: Service, open_: Callable[[Service, Opener], Any]
) -> None:
    """Which the trail says, too."""
    a_known_lead(service, ANNA)
    with pytest.raises(OpeningsSpentError):
        open_(service, NOBODY)

    assert told(service) == ["opening.refused"]


def test_a_closed_request_has_no_file_to_tell_of(service: Service) -> None:
    """Nothing is opened, so nothing counts as opened."""
    request_id = a_request(service, ANNA)
    service.keys.write(lambda session: destroy(session, request_id, now=service.clock()))
    with pytest.raises(RequestClosedError):
        case_openings.file_of(service, request_id, opener=ANYBODY)

    assert told(service) == []


def test_a_link_is_told_as_made_and_leads_to_the_page(service: Service) -> None:
    """Its address is that of the service as people reach it; the passphrase stands apart."""
    a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, ["crm"], RequestType.ACCESS)
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    url, made = case_openings.link_to(service, request_id, good_for=timedelta(days=3), opener=ANYBODY)

    assert url == f"{service.settings.public_url}/privacy/package/{made.token}"
    assert made.passphrase not in url
