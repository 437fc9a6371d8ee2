"""Erasures by the thousand: a list of people becomes requests, in chunks, each with few commits.

    1. who is meant, by identifier or by digest; who has a request already (a read)
    2. the requests' keys (key store)
    3. where the caller approves them: what is opened for it, announced (main)
    4. the requests, verified and approved as the caller says; unknown digests suppressed (main)

Nothing after that is special: the steps, holds, doubts, read-backs and certificates are those of any request.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from api.arrivals import check_received
from api.context import Service
from api.imports import CSV, NOT_STORABLE, Result
from api.shapes import parse_json
from audit.actions import Action
from audit.ids import random_id
from audit.log import append
from governance import own_openings
from governance.errors import FactInvalidError, RequestExistsError
from governance.imports import LineCode, header_of, records
from governance.own_openings import Purpose
from governance.requests import approvals, clocks, intake, listing, review, subjects
from governance.requests.deletion_lists import COLUMNS, Listed, read_line
from governance.requests.intake import Arrival, NewRequest
from governance.requests.listing import Person
from governance.requests.review import Approving
from governance.requests.vocabulary import Method, Regime, RequestType, Submitter
from governance.stores import register
from governance.vault import keys as vault
from governance.vault.tables import KeyKind

CHUNK = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every line: whose law, since when, who sent the list, and what its caller answers for.

    `verified` names how the sender showed who the people are; None leaves it open. `approve` approves each
    request, as its reviewer.
    """

    regime: Regime | None = None
    received_at: datetime | None = None
    submitted_by: Submitter = Submitter.AUTHORISED_AGENT
    verified: Method | None = None
    approve: bool = False


def take_in_list(
    service: Service, lines: Iterable[bytes | None], media_type: str, terms: Terms, *, actor: str
) -> Iterator[Result]:
    """An erasure for every line that names somebody; a result a line in their order, and the summary last.

    Raises:
        FactInvalidError: the terms do not go together, or the header of the CSV file is not one.
    """
    if terms.approve and terms.verified is None:
        raise FactInvalidError({"verified": ["What is approved must have been verified."]})
    check_received(terms.received_at, service.clock())
    listed = _from_csv(lines) if media_type == CSV else _from_ndjson(lines)
    counts: Counter[str] = Counter(created=0, open=0, suppressed=0, refused=0)
    while chunk := list(islice(listed, CHUNK)):
        for result in _chunk(service, chunk, terms, actor):
            counts[result["status"]] += 1
            yield result
    summary, now = dict(counts), service.clock()
    service.main.write(
        lambda session: append(session, Action.IMPORT_FINISHED, actor=actor, now=now, facts=summary)
    )
    yield {"summary": summary}


def _chunk(service: Service, chunk: Sequence[Listed], terms: Terms, actor: str) -> Iterator[Result]:
    """One chunk together; where the database refuses it, line by line, and only the bad one is lost."""
    readable = [line for line in chunk if line.code is None]
    try:
        became = _take_in(service, readable, terms, actor)
    except (IntegrityError, DataError, RequestExistsError):
        became = {}
        for line in readable:
            became |= _alone(service, line, terms, actor)
    for line in chunk:
        if line.code is None:
            yield {"line": line.number, **became[line.number]}
        else:
            errors = {} if line.errors is None else {"errors": line.errors}
            yield {"line": line.number, **_refused(line.code), **errors}


def _alone(service: Service, line: Listed, terms: Terms, actor: str) -> dict[int, Result]:
    try:
        return _take_in(service, [line], terms, actor)
    except RequestExistsError as error:
        return {line.number: _refused(error.code)}
    except (IntegrityError, DataError):
        return {line.number: _refused(NOT_STORABLE)}


def _take_in(service: Service, lines: Sequence[Listed], terms: Terms, actor: str) -> dict[int, Result]:
    """What became of each line, by its number."""
    with service.main.read() as session:
        persons = listing.persons_of(session, service.keyring, lines)
        taken = listing.taken_ids(session, lines)
    became: dict[int, Result] = {}
    unknown: list[Person] = []
    asking: dict[str, Person] = {}
    under_way: dict[str, str] = {}
    for person in persons:
        result = _result_of(person, taken, asking, under_way)
        if result["status"] == "suppressed" or (person.strange and "request_id" in result):
            unknown.append(person)
        if person.strange and "request_id" in result:
            result["suppressed"] = sorted({each.column for each in person.strange})
        became[person.listed.number] = result
    _write(service, asking, unknown, terms, actor)
    return became


def _result_of(
    person: Person, taken: Collection[str], asking: dict[str, Person], under_way: dict[str, str]
) -> Result:
    """What becomes of a line. A request of its own is added to `asking`, and its leads to `under_way`."""
    if person.subject is None:
        return _refused("identity_ambiguous") if person.ambiguous else {"status": "suppressed"}
    again = person.open_request or next(
        (under_way[lead] for lead in person.subject.leads if lead in under_way), None
    )
    if again is not None:
        return {"status": "open", "request_id": again}
    request_id = person.listed.id or random_id()
    if request_id in taken or request_id in asking:
        return _refused(RequestExistsError.code)
    asking[request_id] = person
    under_way |= dict.fromkeys(person.subject.leads, request_id)
    return {"status": "created", "request_id": request_id}


def _write(
    service: Service, asking: Mapping[str, Person], unknown: Sequence[Person], terms: Terms, actor: str
) -> None:
    """The requests and suppressions of a chunk, all in one commit: there is no half of a line."""
    now, ids = service.clock(), list(asking)
    keys = (
        service.keys.write(
            lambda session: vault.mint(session, service.keyring, ids, kind=KeyKind.REQUEST, now=now)
        )
        if ids
        else {}
    )
    arrivals = [
        Arrival(_new(service, request_id, subject, terms, now), keys[request_id], subject)
        for request_id, person in asking.items()
        if (subject := person.subject) is not None
    ]
    rulebook, calendar = service.rulebook(), service.settings.calendar
    approving = _approving(service, arrivals, now) if terms.approve else None

    def write(session: Session) -> None:
        if unknown:
            listing.keep_out(session, service.keyring, unknown, now=now, actor=actor)
        if not arrivals:
            return
        for row in intake.take_in_each(session, service.keyring, arrivals, now=now, actor=actor):
            clocks.set_deadlines(session, row, rulebook, calendar=calendar)
        session.flush()
        if terms.verified is not None:
            review.verify_each(session, ids, terms.verified, now=now, actor=actor)
        if approving is not None:
            approving(session, actor)

    service.main.write(write)


def _approving(
    service: Service, arrivals: Sequence[Arrival], now: datetime
) -> Callable[[Session, str], object]:
    """The write that approves the requests of a chunk; what it opens is announced in a commit before."""
    leads = [(lead, each.new.id) for each in arrivals for lead in each.subject.leads]
    with service.main.read() as session:
        active = register.active_stores(session)
    with service.keys.read() as session:
        lead_keys = vault.load(session, service.keyring, [lead for lead, _ in leads])
    told = service.main.write(
        lambda session: own_openings.announce_each(session, leads, purpose=Purpose.SEARCH, now=now)
    )

    def approve(session: Session, actor: str) -> object:
        opened = [
            subjects.own_identifiers(session, lead_keys, {lead: told[lead] for lead in each.subject.leads})
            for each in arrivals
        ]
        second = service.settings.second_approval
        approving = [
            Approving(
                each.new.id, each.key, own, approvals.needed(second, each.new.type, each.new.regime, active)
            )
            for each, own in zip(arrivals, opened, strict=True)
        ]
        stores = [document.store for document in active]
        return review.approve_each(session, service.keyring, approving, stores=stores, now=now, actor=actor)

    return approve


def _new(
    service: Service, request_id: str, subject: subjects.Subject, terms: Terms, now: datetime
) -> NewRequest:
    return NewRequest(
        id=request_id,
        type=RequestType.ERASURE,
        regime=terms.regime or subject.regime,
        received_at=terms.received_at or now,
        time_zone=service.settings.time_zone,
        submitted_by=terms.submitted_by,
    )


def _refused(code: str) -> Result:
    return {"status": "refused", "code": code}


def _from_ndjson(lines: Iterable[bytes | None]) -> Iterator[Listed]:
    """A JSON object a line."""
    for number, line in enumerate(lines, start=1):
        if line is None:
            yield Listed(number, code=LineCode.TOO_LONG.value)
        elif line.strip():
            yield _read_json(number, line)


def _read_json(number: int, line: bytes) -> Listed:
    try:
        document: Any = parse_json(line)
    except UnicodeDecodeError:
        return Listed(number, code=LineCode.ENCODING.value)
    except (ValueError, RecursionError):
        return Listed(number, code=LineCode.JSON.value)
    return read_line(number, document)


def _from_csv(lines: Iterable[bytes | None]) -> Iterator[Listed]:
    """A record a line, after the header; a wrong header is an error at once."""
    source = iter(lines)
    columns = header_of(next(source, None) or b"", COLUMNS)
    return (
        Listed(line.number, code=line.code.value)
        if line.code is not None
        else read_line(line.number, dict(zip(columns, line.cells, strict=True)))
        for line in records(source, len(columns))
    )
