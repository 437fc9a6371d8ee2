"""Links to packages: good once, for a while, for one request; nothing of them is kept in clear."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api import casework
from api.context import Service
from governance.errors import PackageMissingError
from governance.openings import Opener, Refused
from governance.requests import package_links
from governance.requests.package_links import GOOD_FOR, Made, Taken
from governance.requests.tables import PackageLinkRow
from governance.requests.vocabulary import RequestType
from governance.scopes import Allowance
from tests.canaries import files_under, planted_in
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, MemoryStore, a_known_lead, an_approved, work

ANNA = "anna.berg@example.com"


def ended(service: Service, kind: RequestType = RequestType.ACCESS) -> str:
    """The id of a request that is completed."""
    a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, ["crm"], kind)
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    return request_id


def made(service: Service, request_id: str, allowance: Allowance | None = None) -> Made:
    """A link."""
    key, who = casework.request_key(service, request_id), Opener(ACTOR, allowance or Allowance())
    link = service.main.write(
        lambda session: package_links.make(session, key, good_for=GOOD_FOR, now=service.clock(), opener=who)
    )
    assert isinstance(link, Made)
    return link


def taken(service: Service, token: str) -> Taken | None:
    """What following it gives."""
    return service.main.write(lambda session: package_links.take(session, token, now=service.clock()))


def kept(service: Service) -> int:
    """How many links are kept."""
    with service.main.read() as session:
        return session.scalar(select(func.count()).select_from(PackageLinkRow)) or 0


def test_a_link_is_good_once_and_gives_the_passphrase_back(service: Service) -> None:
    """The second following finds nothing, and nothing is kept of it."""
    request_id = ended(service)
    link = made(service, request_id)
    first = taken(service, link.token)
    assert first is not None

    assert first.request_id == request_id
    assert package_links.passphrase_of(casework.request_key(service, request_id), first) == link.passphrase
    assert (taken(service, link.token), taken(service, "guess"), kept(service)) == (None, None, 0)


def test_a_link_ends_with_its_time(service: Service, clock: Clock) -> None:
    """At the very moment; whoever comes later finds nothing, and it is forgotten."""
    link = made(service, ended(service))
    clock.now += GOOD_FOR

    assert link.good_until == clock.now
    assert taken(service, link.token) is None
    assert kept(service) == 0


def test_old_links_are_forgotten_without_being_followed(service: Service, clock: Clock) -> None:
    """A passphrase that opens nothing any more is not kept."""
    made(service, ended(service))
    clock.now += GOOD_FOR - timedelta(seconds=1)
    service.main.write(lambda session: package_links.forget_old(session, now=clock.now))
    assert kept(service) == 1
    clock.now += timedelta(seconds=1)
    service.main.write(lambda session: package_links.forget_old(session, now=clock.now))

    assert kept(service) == 0


def test_a_new_link_makes_the_one_before_it_worthless(service: Service) -> None:
    """The person who lost one gets another, and the lost one opens nothing."""
    request_id = ended(service)
    first, second = made(service, request_id), made(service, request_id)

    assert taken(service, first.token) is None
    assert taken(service, second.token) is not None


def test_without_a_package_there_is_no_link(service: Service) -> None:
    """An erasure has none, nor has a request that is still at work."""
    for request_id in (
        ended(service, RequestType.ERASURE),
        an_approved(service, ANNA, ["crm"], RequestType.ACCESS),
    ):
        with pytest.raises(PackageMissingError):
            made(service, request_id)


def test_a_link_counts_as_an_opening(service: Service) -> None:
    """Who may open nobody makes no link."""
    request_id = ended(service)
    key, nobody = casework.request_key(service, request_id), Opener(ACTOR, Allowance(0, 0))
    refused = service.main.write(
        lambda session: package_links.make(
            session, key, good_for=GOOD_FOR, now=service.clock(), opener=nobody
        )
    )

    assert isinstance(refused, Refused)
    assert kept(service) == 0


def test_neither_token_nor_passphrase_is_kept_in_clear(service: Service, tmp_path: Path) -> None:
    """In no file of the service; only the token's digest is kept, and it is what one looks up by."""
    link = made(service, ended(service))
    found = planted_in(files_under(tmp_path), [link.passphrase])
    raw = b"".join(path.read_bytes() for path in files_under(tmp_path))

    assert found == []
    assert link.token.encode() not in raw
    assert package_links.digest_of(link.token) in raw
