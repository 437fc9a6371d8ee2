"""Who the lines of a deletion list are: found among the leads, by identifiers or by their digests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.log import append
from consent import ledger
from governance.requests import machine, subjects
from governance.requests.deletion_lists import Hashed, Listed
from governance.requests.subjects import Subject
from governance.requests.tables import RequestLeadRow, RequestRow
from governance.requests.vocabulary import RequestType
from governance.resolve import holders, resolve_many
from governance.suppressing import suppress_digests
from governance.vault.index import lookup_hashes_of_sha256
from governance.vault.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Person:
    """Who a line means.

    `subject` is None where the line names several leads, or several fit and nobody can say which, or where
    nothing but unknown digests was given; `ambiguous` tells these apart. `open_request` is one that asks for
    the same already. `strange` are the digests that nobody here has: no store can be searched by them.
    """

    listed: Listed
    subject: Subject | None = field(default=None, repr=False)
    ambiguous: bool = False
    open_request: str | None = None
    strange: tuple[Hashed, ...] = ()


def persons_of(session: Session, keyring: Keyring, lines: Sequence[Listed]) -> list[Person]:
    """Whom the lines mean, with few statements for all of them."""
    fits = _fits(session, keyring, lines)
    leads = {line.number: _leads(fits[line.number]) for line in lines}
    every = sorted({lead for found in leads.values() for lead in found or ()})
    facts = ledger.facts_of(session, every)
    asked = _open_requests(session, every)
    return [
        _person(line, leads[line.number], facts, asked, _strange(line, fits[line.number])) for line in lines
    ]


def keep_out(
    session: Session, keyring: Keyring, people: Sequence[Person], *, now: datetime, actor: str
) -> None:
    """Suppresses the digests that nobody here has: under none of them anybody is taken in or contacted."""
    digests = [(each.kind.value, each.digest) for person in people for each in person.strange]
    told = append(session, Action.ERASURE_LISTED, actor=actor, now=now, facts={"unknown": len(people)})
    suppress_digests(session, keyring, digests, entry_id=told.entry_id, now=now)


def taken_ids(session: Session, lines: Sequence[Listed]) -> set[str]:
    """Those of the ids that lines give which a request has."""
    given = [line.id for line in lines if line.id is not None]
    return set(session.scalars(select(RequestRow.id).where(RequestRow.id.in_(given))))


def _person(
    line: Listed,
    leads: tuple[str, ...] | None,
    facts: Mapping[str, Mapping[str, object]],
    asked: Mapping[str, str],
    strange: tuple[Hashed, ...],
) -> Person:
    if leads is None:
        return Person(line, ambiguous=True)
    if not leads and not line.identifiers:
        return Person(line, strange=strange)
    identities = tuple(dict.fromkeys(subjects.identity_of(each) for each in line.identifiers))
    regime = subjects.regime_from(facts[lead] for lead in leads if lead in facts)
    open_request = next((asked[lead] for lead in leads if lead in asked), None)
    subject = Subject(identities, leads, regime)
    return Person(line, subject, open_request=open_request, strange=strange)


def _strange(line: Listed, fits: Sequence[Sequence[str]]) -> tuple[Hashed, ...]:
    """The digests of a line that fit no lead; what fits stands in the order of `_fits`."""
    behind = fits[len(line.identifiers) :]
    return tuple(each for each, leads in zip(line.hashed, behind, strict=True) if not leads)


def _leads(fits: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """The lead of one line, if any; None where it names several, or nobody can say which is meant.

    A line may be approved unseen, so unlike a request that a person reviews it is about one lead at most.
    """
    sure = {found[0] for found in fits if len(found) == 1}
    if len(sure) > 1 or any(len(found) > 1 and not sure & set(found) for found in fits):
        return None
    return tuple(sorted(sure))


def _fits(session: Session, keyring: Keyring, lines: Sequence[Listed]) -> dict[int, list[Sequence[str]]]:
    """Of each line, which leads each of its identifiers fits, and then each of its digests."""
    clear = [(line.number, identifier) for line in lines for identifier in line.identifiers]
    hashed = [(line.number, each) for line in lines for each in line.hashed]
    found: dict[int, list[Sequence[str]]] = {line.number: [] for line in lines}
    resolved = resolve_many(session, keyring, [identifier for _, identifier in clear])
    for (number, _), leads in zip(clear, resolved, strict=True):
        found[number].append(leads)
    held = _holders(session, keyring, [each for _, each in hashed])
    for (number, _), behind in zip(hashed, held, strict=True):
        found[number].append(behind)
    return found


def _holders(session: Session, keyring: Keyring, hashed: Sequence[Hashed]) -> list[list[str]]:
    """The leads behind each digest."""
    keyed = [lookup_hashes_of_sha256(keyring, each.kind.value, each.digest) for each in hashed]
    held = holders(session, [one for several in keyed for one in several])
    return [list(dict.fromkeys(lead for one in several for lead in held.get(one, ()))) for several in keyed]


def _open_requests(session: Session, leads: Sequence[str]) -> dict[str, str]:
    """The erasure that is under way for a lead, by lead."""
    query = (
        select(RequestLeadRow.lead_id, RequestRow.id)
        .join(RequestRow, RequestRow.id == RequestLeadRow.request_id)
        .where(RequestLeadRow.lead_id.in_(leads), RequestRow.type == RequestType.ERASURE)
        .where(RequestRow.status.in_(sorted(machine.OPEN)))
    )
    return dict(session.execute(query).all())
