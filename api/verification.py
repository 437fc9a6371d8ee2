"""Showing who asks: an officer's judgement, a code to an address, a login at the controller."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from api import casework
from api.context import Service
from api.webpages import company
from audit.log import Appended
from governance import own_openings
from governance.errors import CodeLimitError, CodeUnsendableError, HandOverRefusedError, RequestUnknownError
from governance.identity import Identifier
from governance.own_openings import Purpose
from governance.requests import (
    case_file,
    codes,
    handover,
    letters,
    logins,
    proofs,
    records,
    review,
    subjects,
)
from governance.requests.codes import Wording
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import Method, Status
from governance.vault import keys as vault
from governance.vault.sealing import DataKey

PAGE = "/privacy/confirm"


def permitted(
    service: Service, request_id: str, statement: str, *, ask_person: bool, passed: bool, actor: str
) -> Appended:
    """Keeps what an agent's permission says, sealed. With `ask_person` the person has the last word.

    Without it the officer has: the permission, and whatever else they saw, shows who asks.

    Raises:
        RequestUnknownError, RequestClosedError: see `casework.request_key`.
        IllegalChangeError, CodeLimitError, CodeUnsendableError: see `send_code`.
    """
    now, key = service.clock(), casework.request_key(service, request_id)
    own = _own(service, request_id)

    def work(session: Session) -> Appended:
        row = records.load(session, request_id)
        sealed = proofs.seal_statement(key, row, statement)
        method = Method.AGENT_PERMISSION
        if not ask_person:
            return review.verify(
                session, request_id, method, passed=passed, now=now, actor=actor, statement=sealed
            )
        _send(session, service, key, row, own, now=now, actor=actor)
        return proofs.keep(session, row, method, passed=passed, now=now, actor=actor, statement=sealed)

    return service.main.write(work)


def send_code(service: Service, request_id: str, *, actor: str) -> Appended:
    """Sends the person a fresh code.

    Raises:
        RequestUnknownError, RequestClosedError: see `casework.request_key`.
        IllegalChangeError, CodeLimitError, CodeUnsendableError: see `codes.send` and `codes.destination`.
    """
    now, key, own = service.clock(), casework.request_key(service, request_id), _own(service, request_id)

    def work(session: Session) -> Appended:
        row = records.load(session, request_id)
        return _send(session, service, key, row, own, now=now, actor=actor)

    return service.main.write(work)


def first_code(service: Service, *, actor: str) -> Callable[[Session, DataKey, RequestRow], None]:
    """Sends the code of a request as it comes in, in its transaction, where mail can be sent.

    Who asked for too many gets none, and is told nothing of it. A receipt goes to nobody: the page is one.
    """
    now = service.clock()

    def send(session: Session, key: DataKey, row: RequestRow) -> None:
        letters.spare_receipt(session, row.id)
        if row.status != Status.AWAITING_VERIFICATION or not can_write(service):
            return
        session.flush()
        try:
            _send(session, service, key, row, (), now=now, actor=actor)
        except CodeLimitError:
            return

    return send


def enter_code(service: Service, request_id: str, code: str, *, actor: str) -> bool:
    """See `codes.enter`."""
    now = service.clock()
    return service.main.write(
        lambda session: codes.enter(session, service.keyring, request_id, code, now=now, actor=actor)
    )


def hand_over(
    service: Service, token: str, *, actor: str, request_id: str | None = None
) -> tuple[str, Appended]:
    """Takes a login at the controller as a proof; returns the request's id and the entry.

    Raises:
        HandOverRefusedError: see `handover.read` and `logins.take`; or it is for another request.
    """
    now, login_key = service.clock(), service.settings.login_key
    if login_key is None:
        raise HandOverRefusedError("no key of the controller's logins is configured")
    handed = handover.read(token, login_key, audience=service.settings.public_url, now=now)
    if request_id not in {None, handed.request_id}:
        raise HandOverRefusedError("the token is for another request")
    try:
        key = casework.request_key(service, handed.request_id)
    except RequestUnknownError:
        raise HandOverRefusedError("the token is for no request of ours") from None
    told = service.main.write(
        lambda session: logins.take(session, service.keyring, key, handed, now=now, actor=actor)
    )
    return handed.request_id, told


def can_write(service: Service) -> bool:
    """Whether mail to people can be sent at all."""
    return service.settings.smtp_url is not None and service.settings.mail_from is not None


def wording(service: Service) -> Wording:
    """Who writes, and where a code is entered."""
    return Wording(company(service.settings), f"{service.settings.public_url}{PAGE}")


def _send(
    session: Session,
    service: Service,
    key: DataKey,
    row: RequestRow,
    own: Sequence[Identifier],
    *,
    now: datetime,
    actor: str,
) -> Appended:
    if not can_write(service):
        raise CodeUnsendableError("no mail server is configured")
    identities = case_file.open_identities(key, row.id, row.sealed_version, row.identities or b"")
    asked = [subjects.identifier_of(identity) for identity in identities]
    to = codes.destination(session, service.keyring, row, asked, own)
    return codes.send(session, service.keyring, key, to, wording(service), now=now, actor=actor)


def _own(service: Service, request_id: str) -> tuple[Identifier, ...]:
    """What the service itself knows the request's leads by; the trail says first that it is opened."""
    with service.main.read() as session:
        leads = records.leads_of(session, request_id)
    if not leads:
        return ()
    with service.keys.read() as keys:
        lead_keys = vault.load(keys, service.keyring, leads)
    now = service.clock()
    told = service.main.write(
        lambda session: own_openings.announce(session, leads, request_id, purpose=Purpose.LETTER, now=now)
    )
    with service.main.read() as session:
        return subjects.own_identifiers(session, lead_keys, told)
