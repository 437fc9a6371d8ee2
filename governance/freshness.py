"""Which record versions the main database holds of what was sealed anew: for the marks of the vault.

Two kinds of cells are sealed anew in place: a lead's profile fields, and the identities of a request, which
grow with every search. Everything else is sealed once, in a row of its own.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.fields import FIRST_VERSION, field_place
from governance.requests.case_file import identities_place
from governance.requests.tables import RequestRow
from governance.tables import FieldRow


def versions_of(
    session: Session, owners: Sequence[str], *, above: int = FIRST_VERSION
) -> dict[str, dict[str, int]]:
    """The versions above this one, by owner and place; at most a few hundred owners at a time."""
    field, request = FieldRow, RequestRow
    fields = select(field.lead_id, field.name, field.record_version).where(
        field.lead_id.in_(owners), field.record_version > above
    )
    requests = select(request.id, request.sealed_version).where(
        request.id.in_(owners), request.sealed_version > above
    )
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for lead_id, name, version in session.execute(fields):
        found[lead_id][field_place(name)] = version
    for request_id, version in session.execute(requests):
        found[request_id][identities_place(request_id)] = version
    return dict(found)


def rewritten_leads(session: Session, *, after: str, limit: int) -> list[str]:
    """The next leads, in order, of whom a field was sealed anew."""
    row = FieldRow
    statement = select(row.lead_id).where(row.record_version > FIRST_VERSION, row.lead_id > after)
    return list(session.scalars(statement.distinct().order_by(row.lead_id).limit(limit)))


def rewritten_requests(session: Session, *, after: str, limit: int) -> list[str]:
    """The next requests, in order, whose identities were sealed anew."""
    row = RequestRow
    statement = select(row.id).where(row.sealed_version > FIRST_VERSION, row.id > after)
    return list(session.scalars(statement.order_by(row.id).limit(limit)))
