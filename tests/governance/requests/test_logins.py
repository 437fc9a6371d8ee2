"""A login at the controller as a proof."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from api import casework
from api.context import Service
from governance.errors import HandOverRefusedError, IllegalChangeError
from governance.identity import Reference, email, external
from governance.requests import logins
from governance.requests.handover import HandOver
from governance.requests.tables import LoginRow
from governance.requests.vocabulary import Regime, RequestType
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_known_lead, a_request, described

ANNA = "anna@example.com"
USES = 6


def take(service: Service, request_id: str, reference: Reference, used: str = "a" * 64) -> None:
    """Hand a login over."""
    now: datetime = service.clock()
    handed = HandOver(request_id, reference, used, now + timedelta(minutes=5))
    key = casework.request_key(service, request_id)
    service.main.write(
        lambda session: logins.take(session, service.keyring, key, handed, now=now, actor=ACTOR)
    )


def test_a_login_shows_as_much_as_any_law_wants(service: Service) -> None:
    """Specific pieces in California too (11 CCR 7061)."""
    request_id = a_request(service, ANNA, RequestType.ACCESS, regime=Regime.CCPA)
    take(service, request_id, email(ANNA))

    shown = described(service, request_id)
    assert (shown["status"], shown["verification"]["reached"]) == ("awaiting_review", "high")


def test_the_controllers_own_id_is_enough_where_the_lead_has_it(service: Service) -> None:
    """The portal knows its customers by number."""
    ids = [{"type": "email", "value": ANNA}, {"type": "external", "system": "portal", "value": "17"}]
    a_known_lead(service, ANNA, identifiers=ids)
    request_id = a_request(service, ANNA)
    take(service, request_id, external("portal", "17"))

    assert described(service, request_id)["status"] == "awaiting_review"


@pytest.mark.parametrize("known", [True, False])
def test_a_login_of_somebody_else_is_refused(service: Service, known: bool) -> None:  # noqa: FBT001
    """Known or not, the answer is the same; and the token is not used up by it, for nothing was written."""
    if known:
        a_known_lead(service, ANNA)
    request_id = a_request(service, ANNA)
    with pytest.raises(HandOverRefusedError, match="the person whom the request is about"):
        take(service, request_id, email("ben@example.com"))

    assert described(service, request_id)["verification"]["proofs"] == []


def test_a_token_is_used_once(service: Service, clock: Clock) -> None:
    """For whatever request; it is forgotten when it would have expired anyway."""
    first, second = a_request(service, ANNA), a_request(service, ANNA)
    take(service, first, email(ANNA))
    with pytest.raises(HandOverRefusedError, match="used before"):
        take(service, second, email(ANNA))

    clock.now += timedelta(minutes=5)
    take(service, second, email(ANNA), used="b" * 64)
    with service.main.read() as session:
        assert [row.token for row in session.query(LoginRow)] == ["b" * 64]


def test_only_what_awaits_verification_takes_a_login(service: Service) -> None:
    """Nothing is verified twice."""
    request_id = a_request(service, ANNA)
    take(service, request_id, email(ANNA))
    with pytest.raises(IllegalChangeError):
        take(service, request_id, email(ANNA), used="b" * 64)


def test_a_use_that_another_overtook_is_told_so(on_postgres: Service) -> None:
    """Where both looked before either wrote, the table's own key decides; serialisable or not."""
    service, now = on_postgres, on_postgres.clock()
    engine = create_engine(service.settings.database_url, isolation_level="READ COMMITTED")
    ids = [a_request(service, ANNA) for _ in range(2)]
    keys = [casework.request_key(service, request_id) for request_id in ids]
    answers: list[str] = []

    def use(number: int) -> None:
        handed = HandOver(ids[number], email(ANNA), "a" * 64, now + timedelta(minutes=5))
        try:
            with Session(engine) as session, session.begin():
                logins.take(session, service.keyring, keys[number], handed, now=now, actor=ACTOR)
                if number == 0:
                    second.start()
                    wait_for_lock(engine)
        except HandOverRefusedError as error:
            answers.append(str(error))

    second = threading.Thread(target=use, args=(1,))
    use(0)
    second.join()
    engine.dispose()

    assert answers == ["the token was used before"]
    assert [described(service, each)["status"] for each in ids] == [
        "awaiting_review",
        "awaiting_verification",
    ]


def wait_for_lock(engine: Engine) -> None:
    """Until somebody waits for what this transaction wrote."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with engine.connect() as other:
        for _ in range(1000):
            if other.execute(waiting).scalar():
                return
            other.rollback()
            time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_of_many_uses_at_once_one_counts(on_postgres: Service) -> None:
    """Each loser gets the answer of a token that was used before, of whatever request."""
    service = on_postgres
    ids = [a_request(service, ANNA) for _ in range(USES)]
    barrier, refused = threading.Barrier(USES), list[str]()

    def use(request_id: str) -> None:
        barrier.wait()
        try:
            take(service, request_id, email(ANNA))
        except HandOverRefusedError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=use, args=(each,)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(described(service, each)["status"] for each in ids)

    assert refused == ["the token was used before"] * (USES - 1)
    assert statuses == ["awaiting_review"] + ["awaiting_verification"] * (USES - 1)
