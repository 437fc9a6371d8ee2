"""The look-back of erased requests, and the death of the keys of all closed ones.

A store that does not answer has not said that nobody is there: its request is looked at again a day later.
"""

from datetime import timedelta

import structlog

from api.background.request_batches import Opener, in_stores, request_keys
from api.context import Service
from governance.errors import VaultError
from governance.requests import jobs, lookback
from governance.requests.jobs import Outcome, Searched
from governance.vault import keys as vault

REQUESTS_A_BATCH = 50
ASK_AGAIN = timedelta(days=1)


def look_back(service: Service, open_store: Opener) -> int:
    """Looks for the erased whose date has come, then destroys the keys of those who stayed away."""
    with service.main.read() as session:
        due = lookback.due(session, now=service.clock(), limit=REQUESTS_A_BATCH)
    away = [
        request_id
        for request_id, erased in due
        if not erased or _stayed_away(service, request_id, open_store)
    ]
    given_up = service.main.write(lambda session: lookback.give_up(session, away, now=service.clock()))
    if given_up:
        service.keys.write(lambda session: vault.destroy_each(session, given_up, now=service.clock()))
        service.main.write(lambda session: lookback.forget(session, given_up, now=service.clock()))
        service.keys.scrub()
    return len(due)


def _stayed_away(service: Service, request_id: str, open_store: Opener) -> bool:
    """Whether every store that erased the person still has nothing of them."""
    keys = request_keys(service, [request_id])
    if request_id not in keys:
        return True
    try:
        with service.main.read() as session:
            asked = lookback.questions(session, keys[request_id])
    except VaultError as error:
        structlog.get_logger().warning("look_back_postponed", error=type(error).__name__)
        _postpone(service, request_id)
        return False
    answers = in_stores(asked, jobs.search, open_store)
    found = [each for each in answers if isinstance(each, Searched)]
    key = keys[request_id]
    if service.main.write(lambda session: lookback.reopen(session, key, found, now=service.clock())):
        return False
    if any(isinstance(each, Outcome) for each in answers):
        _postpone(service, request_id)
        return False
    return True


def _postpone(service: Service, request_id: str) -> None:
    """The identities are kept, and the stores asked, a day later."""
    later = service.clock() + ASK_AGAIN
    service.main.write(lambda session: lookback.postpone(session, request_id, until=later))
