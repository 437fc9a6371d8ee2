"""From claims to tasks: everything that store work needs, read in a handful of statements and opened."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from governance.holds import Hold
from governance.requests import case_file, corrections, searches
from governance.requests.jobs import Task
from governance.requests.leases import Claim
from governance.requests.tables import CandidateRow, FoundRow, RequestLeadRow, RequestRow, StepRow
from governance.requests.vocabulary import Action, RequestType
from governance.stores.protocol import Found, RowRef
from governance.vault.sealing import DataKey


def load(
    session: Session, keys: Mapping[str, DataKey], holds: Sequence[Hold], claims: Sequence[Claim]
) -> tuple[Task, ...]:
    """The tasks of the claims, whose requests' keys are in `keys`."""
    request_ids = sorted({claim.request_id for claim in claims})
    requests = {
        row.id: row for row in session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids)))
    }
    known = {
        (step.request_id, step.store): step.known
        for step in session.scalars(select(StepRow).where(StepRow.request_id.in_(request_ids)))
    }
    found = _found(session, keys, request_ids)
    judged = _judged(session, keys, request_ids)
    doubtful = _doubtful(session, request_ids)
    leads = _leads(session, request_ids)
    tasks = []
    for claim in claims:
        row = requests[claim.request_id]
        identities = case_file.open_identities(
            keys[row.id], row.id, row.sealed_version, row.identities or b""
        )
        number, own = found[row.id].get(claim.store, (0, Found()))
        task = Task(
            claim,
            identities,
            known=known[row.id, claim.store],
            round=number,
            found=own,
            doubtful=(row.id, claim.store) in doubtful,
            names=searches.names_of(each for _, each in found[row.id].values()),
            same=tuple(judged[row.id, claim.store][True]),
            others=tuple(judged[row.id, claim.store][False]),
            portable=row.type == RequestType.PORTABILITY,
            corrections=corrections.opened(keys[row.id], row),
            lifting=row.lifted_at is not None,
            holds=tuple(hold for hold in holds if _concerns(hold, claim, leads[row.id])),
        )
        tasks.append(task)
    return tuple(tasks)


def _concerns(hold: Hold, claim: Claim, leads: set[str]) -> bool:
    """A hold stops erasing, and nothing else."""
    return claim.action is Action.ERASE and hold.concerns(leads, claim.store)


def _found(
    session: Session, keys: Mapping[str, DataKey], request_ids: Sequence[str]
) -> dict[str, dict[str, tuple[int, Found]]]:
    """The newest search of each store, a request."""
    newest = (
        select(FoundRow.request_id, FoundRow.store, func.max(FoundRow.round))
        .where(FoundRow.request_id.in_(request_ids))
        .group_by(FoundRow.request_id, FoundRow.store)
    )
    place = tuple_(FoundRow.request_id, FoundRow.store, FoundRow.round)
    opened: dict[str, dict[str, tuple[int, Found]]] = defaultdict(dict)
    for row in session.scalars(select(FoundRow).where(place.in_(newest))):
        found = case_file.open_found(keys[row.request_id], row.request_id, row.store, row.round, row.sealed)
        opened[row.request_id][row.store] = (row.round, found)
    return opened


def _judged(
    session: Session, keys: Mapping[str, DataKey], request_ids: Sequence[str]
) -> dict[tuple[str, str], dict[bool, list[RowRef]]]:
    """The candidates that a person has judged: the same person, or somebody else."""
    query = select(CandidateRow).where(
        CandidateRow.request_id.in_(request_ids), CandidateRow.same_person.is_not(None)
    )
    judged: dict[tuple[str, str], dict[bool, list[RowRef]]] = defaultdict(lambda: defaultdict(list))
    for row in session.scalars(query):
        ref, _ = case_file.open_candidate(keys[row.request_id], row.request_id, row.store, row.sealed)
        judged[row.request_id, row.store][bool(row.same_person)].append(ref)
    return judged


def _doubtful(session: Session, request_ids: Sequence[str]) -> set[tuple[str, str]]:
    """The requests and stores of which candidates wait for a person."""
    query = select(CandidateRow.request_id, CandidateRow.store).where(
        CandidateRow.request_id.in_(request_ids), CandidateRow.same_person.is_(None)
    )
    return {(request_id, store) for request_id, store in session.execute(query)}


def _leads(session: Session, request_ids: Sequence[str]) -> dict[str, set[str]]:
    leads: dict[str, set[str]] = defaultdict(set)
    for row in session.scalars(select(RequestLeadRow).where(RequestLeadRow.request_id.in_(request_ids))):
        leads[row.request_id].add(row.lead_id)
    return leads
