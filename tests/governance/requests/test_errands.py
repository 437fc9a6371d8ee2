"""What stores have begun: sealed, known again by its token's digest, answered once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from api import casework
from api.context import Service
from audit.actions import Action as Told
from audit.tables import PendingRow
from governance.requests import errands, lookback, retention
from governance.requests.tables import ErrandRow, RequestRow, StepRow
from governance.requests.vocabulary import StepStatus
from governance.stores.errands import Called, Errand
from governance.stores.protocol import RowRef
from governance.vault.sealing import DataKey
from tests.governance.requests.desk import an_approved

HERE = "https://privacy.example/v1/stores/bought/callbacks/"
ROW = RowRef("people", ("jane@acme.example",))


@pytest.fixture
def key(service: Service) -> DataKey:
    """The key of a request with a step in the store."""
    return casework.request_key(service, an_approved(service, "anna@example.com", ["bought"]))


def begun(service: Service, key: DataKey) -> Errand:
    """An errand that the store was told of."""
    return service.main.write(lambda session: errands.begin(session, key, "bought", ROW, HERE))


def opened(service: Service, key: DataKey) -> list[Errand]:
    """What has not ended."""
    with service.main.read() as session:
        return errands.open_ones(session, key, "bought", HERE, now=service.clock())


def called(service: Service, token: str, said: Called = Called.DONE) -> None:
    """The store calls."""
    service.main.write(lambda session: errands.answer(session, "bought", token, said, now=service.clock()))


def due_at(service: Service, key: DataKey) -> object:
    """When the step is due."""
    with service.main.read() as session:
        return session.scalars(select(StepRow.due_at).where(StepRow.store == "bought")).one()


def waiting(service: Service) -> None:
    """The step waits for an hour."""
    later = service.clock() + timedelta(hours=1)
    service.main.write(
        lambda session: session.execute(
            update(StepRow).where(StepRow.store == "bought").values(status=StepStatus.QUEUED, due_at=later)
        )
    )


def test_an_errand_is_the_same_after_it_was_closed_and_opened(service: Service, key: DataKey) -> None:
    """Row, address, name; and how old it is since the store took it on."""
    errand = begun(service, key)
    assert opened(service, key) == [errand]
    service.main.write(lambda session: errands.take(session, key, errand, "r-17", now=service.clock()))
    service.clock.now += timedelta(minutes=5)  # type: ignore[attr-defined]  # the tests' clock
    [taken] = opened(service, key)
    assert (taken.id, taken.row, taken.name, taken.callback) == (errand.id, ROW, "r-17", errand.callback)
    assert (taken.age, taken.answer) == (timedelta(minutes=5), None)
    service.main.write(lambda session: errands.end(session, errand, now=service.clock()))
    assert opened(service, key) == []


def test_neither_the_person_nor_the_token_stands_in_the_database(service: Service, key: DataKey) -> None:
    """Each token is another one, of 256 bits, of which a digest is kept."""
    errand, other = begun(service, key), begun(service, key)
    tokens = [str(each.callback).removeprefix(HERE) for each in (errand, other)]
    assert tokens[0] != tokens[1]
    assert [len(token) for token in tokens] == [43, 43]
    with service.main.read() as session:
        for row in session.scalars(select(ErrandRow)):
            kept = repr([getattr(row, column.name) for column in ErrandRow.__table__.columns])
            assert "jane" not in kept
            assert not any(token in kept for token in tokens)
        assert errands.table_of(session, "bought", tokens[0]) == "people"
        assert errands.table_of(session, "crm", tokens[0]) is None
        assert errands.table_of(session, "bought", "another") is None
    assert "jane" not in repr(errand)
    assert tokens[0] not in repr(errand)


def test_the_first_call_counts_and_wakes_the_step(service: Service, key: DataKey) -> None:
    """A second one, whatever it says, and one about what is over, change nothing; each is told once."""
    errand = begun(service, key)
    token = str(errand.callback).removeprefix(HERE)
    waiting(service)
    called(service, "another")
    assert due_at(service, key) != service.clock()
    called(service, token)
    assert due_at(service, key) == service.clock()
    waiting(service)
    called(service, token, Called.FAILED)
    assert due_at(service, key) != service.clock()
    assert [each.answer for each in opened(service, key)] == [Called.DONE]
    service.main.write(lambda session: errands.end(session, errand, now=service.clock()))
    called(service, token)
    with service.main.read() as session:
        told = select(func.count()).where(PendingRow.action == Told.REQUEST_STEP_CALLED)
        assert session.scalar(told) == 1


def test_a_step_that_was_at_work_while_the_store_called_is_woken_afterwards(
    service: Service, key: DataKey
) -> None:
    """It would have waited for an answer that was there already."""
    errand = begun(service, key)
    service.main.write(lambda session: session.execute(update(StepRow).values(status=StepStatus.RUNNING)))
    called(service, str(errand.callback).removeprefix(HERE))
    waiting(service)
    service.main.write(lambda session: errands.wake(session, [key.owner], now=service.clock()))
    assert due_at(service, key) == service.clock()
    service.main.write(lambda session: errands.end(session, errand, now=service.clock()))
    waiting(service)
    service.main.write(lambda session: errands.wake(session, [key.owner], now=service.clock()))
    assert due_at(service, key) != service.clock()


def test_errands_go_with_their_request(service: Service, key: DataKey) -> None:
    """When its key is destroyed, and when its file is deleted."""
    begun(service, key)
    service.main.write(lambda session: lookback.forget(session, [key.owner], now=service.clock()))
    with service.main.read() as session:
        assert session.scalar(select(func.count()).select_from(ErrandRow)) == 0
    begun(service, key)
    service.main.write(lambda session: retention.forget(session, [key.owner], now=service.clock()))
    with service.main.read() as session:
        assert session.scalar(select(func.count()).select_from(ErrandRow)) == 0
        assert session.scalar(select(func.count()).select_from(RequestRow)) == 0
