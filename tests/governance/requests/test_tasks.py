"""From claims to tasks: what store work needs to know, and nothing of anybody else."""

import pytest
from sqlalchemy.orm import Session

from api import casework
from api.background import request_batches
from api.context import Service
from audit.ids import random_id
from governance.errors import SealBroken
from governance.holds import Hold
from governance.requests import leases, tasks
from governance.requests.jobs import Task
from governance.requests.leases import Worker
from governance.requests.tables import FoundRow
from governance.requests.vocabulary import RequestType
from governance.stores.errors import StoreCode
from governance.stores.protocol import Found, RowRef
from tests.governance.requests.desk import ACTOR, MemoryStore, a_known_lead, an_approved, work

ANNA, BO = "anna.berg@example.com", "bo@example.com"


def load(service: Service, *holds: Hold) -> dict[tuple[str, str], Task]:
    """The tasks of everything that can be claimed now, by request and store."""
    by = Worker(random_id(), sole=True)
    claims = service.main.write(lambda session: leases.claim_steps(session, by, now=service.clock(), limit=9))
    keys = request_batches.request_keys(service, {claim.request_id for claim in claims})
    with service.main.read() as session:
        loaded = tasks.load(session, keys, holds, claims)
    return {(task.claim.request_id, task.claim.store): task for task in loaded}


def test_a_new_task_knows_who_is_asked_for_and_was_never_searched(service: Service) -> None:
    """Each request with its own identities, under its own key."""
    requests = {email: an_approved(service, email, ["crm"]) for email in (ANNA, BO)}

    found = load(service)

    for email, request_id in requests.items():
        task = found[request_id, "crm"]
        assert [each.value for each in task.identities] == [email]
        assert (task.round, task.found, task.unsearched, task.doubtful) == (0, Found(), True, False)


def test_a_task_resumes_with_what_was_found_and_judged(service: Service) -> None:
    """The newest search with all before it, who a person said is the same, and who is not."""
    request_id = an_approved(service, ANNA, ["crm"])
    rows = {number: {"email": ANNA, "name": f"N{number}"} for number in (1, 2, 3)}
    crm = MemoryStore("crm", rows, doubtful={2, 3})
    work(service, crm)
    casework.decide(service, request_id, "crm", {"c2": True, "c3": False}, actor=ACTOR)

    [task] = load(service).values()

    assert (task.round, task.found.rows) == (1, (RowRef("people", (1,)),))
    assert (task.same, task.others) == ((RowRef("people", (2,)),), (RowRef("people", (3,)),))
    assert (task.unsearched, task.doubtful) == (True, False)


def test_names_come_from_all_stores_and_rows_from_its_own(service: Service) -> None:
    """What the shop found is no row of the CRM's."""
    request_id = an_approved(service, ANNA, ["crm", "shop"])
    shop = MemoryStore("shop", {1: {"email": ANNA}})
    work(service, MemoryStore("crm", faults=[StoreCode.TABLE_MISSING]), shop)
    casework.retry(service, request_id, actor=ACTOR)

    assert load(service)[request_id, "crm"].found == Found()


@pytest.mark.parametrize(
    ("kind", "store", "concerned"),
    [
        (RequestType.ERASURE, "crm", True),
        (RequestType.ERASURE, "shop", False),
        (RequestType.ACCESS, "crm", False),
    ],
)
def test_a_hold_stops_erasing_in_its_store_and_nothing_else(
    service: Service,
    kind: RequestType,
    store: str,
    concerned: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A copy may be handed out of what must not be erased."""
    request_id = an_approved(service, ANNA, ["crm", "shop"], kind)
    hold = Hold("lawsuit", None, "crm", {})

    assert load(service, hold)[request_id, store].holds == ((hold,) if concerned else ())


def test_a_hold_on_a_lead_stops_its_own_request_alone(service: Service) -> None:
    """In every store; the erasure of somebody else goes on beside it."""
    leads = {email: a_known_lead(service, email) for email in (ANNA, BO)}
    requests = {email: an_approved(service, email, ["crm"]) for email in (ANNA, BO)}
    hold = Hold("lawsuit", leads[ANNA], None, {})

    found = load(service, hold)

    assert found[requests[ANNA], "crm"].held == "lawsuit"
    assert found[requests[BO], "crm"].held is None


@pytest.mark.parametrize(("kind", "portable"), [(RequestType.PORTABILITY, True), (RequestType.ACCESS, False)])
def test_only_a_portable_copy_leaves_out_what_was_inferred(
    service: Service,
    kind: RequestType,
    portable: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Whoever asks for access gets the opinions too."""
    request_id = an_approved(service, ANNA, ["crm"], kind)

    assert load(service)[request_id, "crm"].portable is portable


def test_what_was_found_for_one_request_does_not_open_for_another(service: Service) -> None:
    """Rows that are moved in the database are not erased for somebody else."""
    first = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {1: {"email": ANNA}}, kept=0, lies=1))
    second = an_approved(service, BO, ["crm"])

    def move(session: Session) -> None:
        session.get_one(FoundRow, (first, "crm", 1)).request_id = second

    service.main.write(move)

    with pytest.raises(SealBroken):
        load(service)
