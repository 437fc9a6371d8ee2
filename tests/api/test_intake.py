"""Taking leads in at once, on both kinds of database: a person ends as one lead, with one key."""

import threading
from dataclasses import replace
from typing import NoReturn, cast

import pytest
from sqlalchemy import func, select

from api.context import Service
from api.database import Database
from api.intake import take_in
from audit.tables import PendingRow
from governance.leads import new_lead
from governance.placement import Placed, Verdict
from governance.tables import IdentifierRow, LeadRow
from governance.vault.keys import load
from governance.vault.tables import DataKeyRow
from tests.governance.lead_desk import a_lead

AT_ONCE = 8
JANE = ("email", "jane.doe@example.com")


def bring_at_once(service: Service) -> list[Placed]:
    """As many threads as callers, each with the same person and an id of its own."""
    barrier, placed, lock = threading.Barrier(AT_ONCE), [], threading.Lock()

    def bring(number: int) -> None:
        lead = new_lead(a_lead(JANE, ("external", str(number), "crm"), profile={"number": number}))
        barrier.wait()
        found = take_in(service, [lead], actor="tester")
        with lock:
            placed.extend(found)

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return placed


@pytest.mark.parametrize("where", ["service", "on_postgres"])
def test_intakes_at_once_end_as_one_lead(where: str, request: pytest.FixtureRequest) -> None:
    """One is created, the others merge into it; no lead, key, identifier or entry too many or too few."""
    service: Service = request.getfixturevalue(where)
    placed = bring_at_once(service)
    with service.main.read() as session:
        counts = [session.scalar(select(func.count()).select_from(row)) for row in (LeadRow, IdentifierRow)]
        actions = session.scalars(select(PendingRow.action)).all()
    with service.keys.read() as session:
        owners = session.scalars(select(DataKeyRow.owner)).all()

    assert sorted(one.verdict for one in placed) == [Verdict.CREATED] + [Verdict.MERGED] * (AT_ONCE - 1)
    assert {one.lead_id for one in placed} == set(owners)
    assert counts == [1, AT_ONCE + 1]
    assert sorted(actions) == ["lead.created"] + ["lead.merged"] * (AT_ONCE - 1)


class CrashingError(Exception):
    """The process ends here."""


class Crashing:
    """A main database that ends the process at its next commit; reads go through."""

    def __init__(self, database: Database) -> None:
        self.read = database.read

    def write(self, _work: object) -> NoReturn:
        """No commit."""
        raise CrashingError


def test_a_crash_between_the_commits_leaves_a_key_and_no_lead(service: Service) -> None:
    """Never a lead without a key; and the person can be taken in afterwards."""
    lead = new_lead(a_lead(JANE))
    with pytest.raises(CrashingError):
        take_in(replace(service, main=cast("Database", Crashing(service.main))), [lead], actor="tester")
    with service.keys.read() as session:
        orphans = session.scalars(select(DataKeyRow.owner)).all()
    [placed] = take_in(service, [lead], actor="tester")
    with service.keys.read() as session:
        kept = load(session, service.keyring, [str(placed.lead_id)])

    assert len(orphans) == 1
    assert placed.lead_id not in orphans
    assert list(kept) == [placed.lead_id]
