"""A legal hold that ended keeps no secret."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from api import legal_holds
from api.background import hold_ends
from api.context import Service
from api.loops import LOOPS
from governance import holds
from governance.requests.tables import HoldRow
from governance.vault.inventory import inventory
from governance.vault.keys import destroy
from governance.vault.tables import KeyKind
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_known_lead

ANNA = {"email": "anna@example.com"}


@pytest.fixture(autouse=True)
def lead_id(service: Service) -> str:
    """Anna, a lead."""
    return a_known_lead(service, ANNA["email"])


def place(service: Service, name: str, days: int | None = None) -> None:
    """A hold on Anna, for so many days."""
    until = None if days is None else service.clock() + timedelta(days=days)
    legal_holds.place(service, name, {"reason": "a claim", "lead": ANNA, "until": until}, actor=ACTOR)


def kept(service: Service) -> dict[str, int]:
    """Of how many holds of each name something is kept that names a person."""
    with service.main.read() as session:
        rows = session.scalars(select(HoldRow)).all()
    named = [row.key for row in rows if row.lead_id or row.query or row.reason]
    return {name: named.count(name) for name in sorted({row.key for row in rows})}


def keys_of_holds(service: Service) -> int:
    """How many keys of holds live."""
    with service.keys.read() as keys:
        return inventory(keys).data_keys[KeyKind.CASE]


def test_what_a_lifted_hold_said_is_gone(service: Service) -> None:
    """Key, reason, query and lead; its name and dates stay. Another hold is not touched."""
    place(service, "lifted")
    place(service, "living")
    legal_holds.lift(service, "lifted", actor=ACTOR)
    hold_ends.step(service, service.clock())

    assert kept(service) == {"lifted": 0, "living": 1}
    assert keys_of_holds(service) == 1
    with service.main.read() as session:
        assert [row.key for row in holds.active(session, now=service.clock())] == ["living"]


def test_a_hold_ends_with_its_date_and_not_before(service: Service, clock: Clock) -> None:
    """It is in force until then, and can be read."""
    place(service, "dated", days=1)
    clock.now += timedelta(hours=23)
    hold_ends.step(service, clock.now)
    before = kept(service)
    clock.now += timedelta(hours=1)
    hold_ends.step(service, clock.now)

    assert (before, kept(service), keys_of_holds(service)) == ({"dated": 1}, {"dated": 0}, 0)


def test_a_replaced_hold_ends_and_its_successor_stays(service: Service) -> None:
    """One name, one key."""
    place(service, "claim")
    place(service, "claim")
    hold_ends.step(service, service.clock())

    assert kept(service) == {"claim": 1}
    assert keys_of_holds(service) == 1


def test_a_crash_between_the_databases_is_made_up_for(service: Service) -> None:
    """Keys first: once more, and the rows follow; a third time changes nothing."""
    place(service, "claim")
    legal_holds.lift(service, "claim", actor=ACTOR)
    with service.main.read() as session:
        ended = holds.ended(session, now=service.clock(), limit=10)
    now = service.clock()
    service.keys.write(lambda keys: [destroy(keys, each, now=now) for each in ended])
    for _ in range(2):
        hold_ends.step(service, service.clock())
    with service.keys.read() as keys:
        erasures = inventory(keys).erasures

    assert (len(ended), kept(service), erasures) == (1, {"claim": 0}, 1)


def test_it_is_one_of_the_duties() -> None:
    """Within a minute, as docs/requests.md says."""
    assert [loop.every for loop in LOOPS if loop.step is hold_ends.step] == [60.0]
