"""Days after an erasure: has a sync brought the person back?"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api import casework
from api.background.request_lookbacks import look_back
from api.context import Service
from audit.tables import PendingRow
from governance.errors import RequestClosedError
from governance.requests import lookback
from governance.requests.finishing import LOOK_BACK
from governance.requests.review import UNDONE_KEPT
from governance.requests.tables import CandidateRow, FoundRow, PackageChunkRow, RequestRow
from governance.requests.vocabulary import RequestType
from governance.stores.errors import StoreCode
from governance.stores.protocol import Found
from governance.vault import keys as vault
from tests.conftest import Clock
from tests.governance.requests.desk import (
    MemoryStore,
    a_known_lead,
    a_request,
    an_approved,
    described,
    opener,
    refuse,
    work,
)

ANNA = "anna.berg@example.com"


def told(service: Service, action: str) -> int:
    """How often the trail says it."""
    with service.main.read() as session:
        return session.scalar(select(func.count()).where(PendingRow.action == action)) or 0


def is_forgotten(service: Service, request_id: str) -> bool:
    """Whether nobody can say any more who the request was about."""
    with service.main.read() as session:
        row = session.get(RequestRow, request_id)
        assert row is not None
        kept = [
            session.scalar(select(func.count()).where(table.request_id == request_id))
            for table in (FoundRow, CandidateRow, PackageChunkRow)
        ]
    with pytest.raises(RequestClosedError):
        casework.request_key(service, request_id)
    return (row.identities, row.note, row.explanation, kept) == (None, None, None, [0, 0, 0])


def test_before_its_date_nothing_is_looked_for(service: Service, clock: Clock) -> None:
    """The certificate names the date; it is kept to the day."""
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    clock.now += LOOK_BACK - timedelta(seconds=1)

    assert look_back(service, opener(crm)) == 0
    assert casework.request_key(service, request_id).owner == request_id


def test_who_stayed_away_is_forgotten(service: Service, clock: Clock) -> None:
    """The key dies; status, counts and certificate stay as the proof."""
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    clock.now += LOOK_BACK

    look_back(service, opener(crm))

    assert is_forgotten(service, request_id)
    assert described(service, request_id)["status"] == "completed"
    assert described(service, request_id)["certificate"]["number"] == 1
    assert told(service, "request.forgotten") == 1
    assert look_back(service, opener(crm)) == 0


def test_who_was_synced_back_in_is_erased_again(service: Service, clock: Clock) -> None:
    """The step is reopened and the trail tells; a second certificate names what was found in all."""
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    crm.rows[8] = {"email": ANNA}
    clock.now += LOOK_BACK

    look_back(service, opener(crm))

    assert described(service, request_id)["status"] == "in_progress"
    assert told(service, "request.reopened") == 1

    work(service, crm)

    found = described(service, request_id)
    assert found["status"] == "completed"
    assert found["certificate"]["number"] == 2
    assert (found["steps"][0]["found"], found["steps"][0]["remaining"]) == (2, 0)
    assert crm.rows == {}
    clock.now += LOOK_BACK
    look_back(service, opener(crm))
    assert is_forgotten(service, request_id)


def test_a_row_that_has_the_key_of_an_erased_one_is_somebody_elses(service: Service, clock: Clock) -> None:
    """A database may give a key again: what was read back as gone is counted, and not erased again."""
    crm, shop = MemoryStore("crm", {1: {"email": ANNA}}), MemoryStore("shop", {5: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm", "shop"])
    work(service, crm, shop)
    others = {"email": "ben@example.com"}
    crm.rows |= {1: dict(others), 8: {"email": ANNA, "phone": "+49301234567"}}
    shop.rows |= {5: dict(others), 9: {"phone": "+49301234567"}}
    clock.now += LOOK_BACK
    look_back(service, opener(crm, shop))
    work(service, crm, shop)

    assert (crm.rows, shop.rows) == ({1: others}, {5: others})
    steps = {step["store"]: step for step in described(service, request_id)["steps"]}
    assert [(steps[key]["found"], steps[key]["changed"]) for key in ("crm", "shop")] == [(2, 2), (2, 2)]


class Overtaken(MemoryStore):
    """A store so slow that another worker looks back meanwhile, and sees it `otherwise`."""

    def __init__(self, service: Service, rows: dict[int, dict[str, str]], otherwise: MemoryStore) -> None:
        super().__init__("crm", rows)
        self.meanwhile = [lambda: look_back(service, opener(otherwise))]

    def find(self, *args: Any, **kwargs: Any) -> Found:
        """What this worker sees; the other one acts once."""
        found = super().find(*args, **kwargs)
        while self.meanwhile:
            self.meanwhile.pop()()
        return found


def test_no_key_is_destroyed_of_what_another_worker_reopened(service: Service, clock: Clock) -> None:
    """One saw nobody, the other saw the person back: the request is at work, with its key."""
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    clock.now += LOOK_BACK
    back = MemoryStore("crm", {8: {"email": ANNA}})
    look_back(service, opener(Overtaken(service, {}, back)))

    assert casework.request_key(service, request_id).owner == request_id
    assert described(service, request_id)["status"] == "in_progress"
    work(service, back)
    assert (described(service, request_id)["status"], back.rows) == ("completed", {})


def test_what_another_worker_gave_up_is_not_reopened(service: Service, clock: Clock) -> None:
    """Its identities are gone: a request at work without a key could never end."""
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    clock.now += LOOK_BACK
    look_back(service, opener(Overtaken(service, {8: {"email": ANNA}}, MemoryStore("crm"))))

    assert described(service, request_id)["status"] == "completed"
    assert is_forgotten(service, request_id)
    assert told(service, "request.forgotten") == 1


def test_a_look_back_that_was_killed_is_finished_by_the_next(service: Service, clock: Clock) -> None:
    """After each of its first two commits."""
    given_up, keyless = (an_approved(service, email, ["crm"]) for email in ("bo@example.com", ANNA))
    work(service, MemoryStore("crm"))
    clock.now += LOOK_BACK
    both = [given_up, keyless]
    service.main.write(lambda session: lookback.give_up(session, both, now=clock.now))
    service.keys.write(lambda keys: vault.destroy(keys, keyless, now=clock.now))
    look_back(service, opener(MemoryStore("crm", {8: {"email": ANNA}})))

    assert [is_forgotten(service, each) for each in both] == [True, True]
    assert told(service, "request.forgotten") == 2


def test_a_store_that_does_not_answer_has_not_said_that_nobody_is_there(
    service: Service, clock: Clock
) -> None:
    """The identities are kept a day longer, and it is asked again."""
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, crm)
    crm.faults.append(StoreCode.UNREACHABLE)
    clock.now += LOOK_BACK

    look_back(service, opener(crm))
    assert casework.request_key(service, request_id).owner == request_id

    clock.now += timedelta(days=1)
    look_back(service, opener(crm))
    assert is_forgotten(service, request_id)


def test_a_request_that_does_not_open_keeps_no_other_from_being_forgotten(
    service: Service, clock: Clock
) -> None:
    """It is looked at again a day later; who came after it in the row is forgotten today."""
    broken, sound = (an_approved(service, email, ["crm"]) for email in ("bo@example.com", ANNA))
    work(service, MemoryStore("crm"))

    def spoil(session: Session) -> None:
        session.execute(update(RequestRow).where(RequestRow.id == broken).values(identities=b"not ours"))

    service.main.write(spoil)
    clock.now += LOOK_BACK

    look_back(service, opener(MemoryStore("crm")))

    assert is_forgotten(service, sound)
    assert casework.request_key(service, broken).owner == broken
    assert look_back(service, opener(MemoryStore("crm"))) == 0


def test_an_access_request_is_forgotten_with_its_package(service: Service, clock: Clock) -> None:
    """There is nothing to look for; the copy goes."""
    a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, [], RequestType.ACCESS)
    work(service)
    clock.now += LOOK_BACK

    look_back(service, opener())

    assert is_forgotten(service, request_id)


def test_a_refused_request_is_forgotten_too(service: Service, clock: Clock) -> None:
    """Who asked in vain is kept for an appeal, and not for ever."""
    request_id = a_request(service, ANNA)
    refuse(service, request_id)
    clock.now += UNDONE_KEPT

    look_back(service, opener())

    assert is_forgotten(service, request_id)
