"""The calls on what a request brought about: the end of a restriction, and appeals against a refusal."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from api import casework, verification
from api.arrivals import CLOCKS_DIFFER, check_received
from api.context import Service
from api.webpages import company
from audit.log import Appended
from consent.deadlines import DeadlineCall, deadlines
from governance.errors import FactInvalidError, IllegalChangeError
from governance.messages.patience import DeliveryCode
from governance.messages.queue import Letter, post_many
from governance.messages.topics import Topic
from governance.requests import appeals, letters, lifting, records
from governance.requests.appeals import Result
from governance.requests.tables import RequestRow
from governance.vault.sealing import DataKey

LATEST_LIFT = timedelta(days=366)


def lift(
    service: Service,
    request_id: str,
    explanation: str,
    *,
    at: datetime | None,
    told_otherwise: bool,
    actor: str,
) -> Appended:
    """Announces the end of a restriction: by letter, unless an officer has told the person otherwise.

    Raises:
        RequestUnknownError, RequestClosedError: see `casework.request_key`.
        FactInvalidError: too soon, or more than a year ahead.
        IllegalChangeError: see `lifting.announce`; or no letter can be sent.
    """
    now, key = service.clock(), casework.request_key(service, request_id)
    if at is not None and not now + lifting.NOTICE - CLOCKS_DIFFER <= at <= now + LATEST_LIFT:
        raise FactInvalidError({"at": [f"Must lie {lifting.NOTICE.days} to {LATEST_LIFT.days} days ahead."]})
    lift_at = now + lifting.NOTICE if at is None else at

    def work(session: Session) -> Appended:
        row = records.load(session, request_id)
        letter = None if told_otherwise else _notice(service, key, row, explanation, lift_at)
        return lifting.announce(session, key, letter, lift_at, now=now, actor=actor)

    return service.main.write(work)


def appeal(
    service: Service, request_id: str, said: str, *, received_at: datetime | None, actor: str
) -> Appended:
    """Takes an appeal in, with its clock.

    Raises:
        RequestUnknownError, RequestClosedError: see `casework.request_key`.
        FactInvalidError: see `check_received`.
        IllegalChangeError: see `appeals.receive`; or the law of the request knows no appeal.
    """
    now, key = service.clock(), casework.request_key(service, request_id)
    check_received(received_at, now)
    rulebook, received = service.rulebook(), received_at or now

    def work(session: Session) -> Appended:
        row = records.load(session, request_id)
        if (row.regime, appeals.EVENT) not in rulebook.clocks:
            raise IllegalChangeError("this law knows no appeal to the controller; take it in as a complaint")
        call = DeadlineCall(row.regime, appeals.EVENT, occurred_at=received, time_zone=row.time_zone)
        [clock] = deadlines(rulebook, call)
        due = clock.due.isoformat()
        return appeals.receive(session, key, said, received_at=received, respond_by=due, now=now, actor=actor)

    return service.main.write(work)


def decide_appeal(
    service: Service, request_id: str, result: Result, explanation: str, *, actor: str
) -> Appended:
    """Decides an appeal, and writes to the person.

    Raises:
        RequestUnknownError, RequestClosedError: see `casework.request_key`.
        IllegalChangeError: see `appeals.decide`.
    """
    now, key = service.clock(), casework.request_key(service, request_id)

    def work(session: Session) -> Appended:
        told = appeals.decide(session, key, result, explanation, now=now, actor=actor)
        row = records.load(session, request_id)
        to = letters.address_of(letters.opened_identities(key, row))
        text = appeals.letter(company(service.settings), request_id, result, explanation)
        letter = Letter(Topic.APPEAL_DECIDED, to, "Our answer to your appeal", text)
        unsendable = None if verification.can_write(service) else DeliveryCode.NOT_CONFIGURED
        post_many(session, [(key, letter)], now=now, unsendable=unsendable)
        return told

    return service.main.write(work)


def _notice(service: Service, key: DataKey, row: RequestRow, explanation: str, lift_at: datetime) -> Letter:
    """The letter that a restriction will end."""
    to = letters.address_of(letters.opened_identities(key, row))
    if to is None or not verification.can_write(service):
        raise IllegalChangeError("no letter can be sent; tell the person by other means, and say so")
    named = company(service.settings)
    on = lift_at.astimezone(ZoneInfo(row.time_zone)).date()
    text = lifting.letter(named, row.id, on, explanation)
    return Letter(Topic.RESTRICTION_ENDS, to, "Your data will be used again", text)
