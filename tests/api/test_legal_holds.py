"""Legal holds, sealed under keys of their own."""

import pytest
from sqlalchemy import select

from api import legal_holds
from api.context import Service
from governance import holds
from governance.errors import FactInvalidError, HoldUnknownError, IdentityInvalidError, LeadUnknownError
from governance.requests.tables import HoldRow
from governance.stores.errors import UnknownStoreError
from tests.governance.requests.desk import a_known_lead

ANNA = "anna.berg@example.com"


def hold(service: Service, **changes: object) -> bool:
    """Places the hold `suit` on Anna, unless it says otherwise; whether it was new."""
    given = {"reason": "a lawsuit", "lead": {"email": ANNA}, **changes}
    new, _ = legal_holds.place(service, "suit", given, actor="tester")
    return new


def test_a_hold_is_placed_once_and_then_replaced(service: Service) -> None:
    """Its reason can be read under the key of its own, and of nobody else."""
    a_known_lead(service, ANNA)

    assert (hold(service), hold(service)) == (True, False)
    with service.main.read() as session:
        [row] = holds.active(session, now=service.clock())
        rows = session.scalars(select(HoldRow)).all()
        assert b"lawsuit" not in row.reason
    assert len({row.id for row in rows}) == 2


def test_a_hold_on_somebody_or_something_unknown_is_refused_before_a_key_is_made(service: Service) -> None:
    """A mistyped name must not look like a hold."""
    with pytest.raises(LeadUnknownError):
        hold(service)
    with pytest.raises(UnknownStoreError):
        hold(service, lead=None, store="crm")
    with pytest.raises(IdentityInvalidError):
        hold(service, lead=None, query={"sql": "1=1"})
    with pytest.raises(HoldUnknownError):
        legal_holds.lift(service, "suit", actor="tester")


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_a_name_that_is_none_or_too_long_is_refused(service: Service, name: str) -> None:
    """Before a key is made."""
    with pytest.raises(FactInvalidError):
        legal_holds.place(service, name, {"reason": "audit", "store": "crm"}, actor="tester")
