"""Taking a request in: sealed under its own key, its clocks started; an objection takes effect at once."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from audit.actions import Action as Told
from governance.errors import RequestExistsError
from governance.requests import case_file, effects, machine, records, subjects
from governance.requests.subjects import Subject
from governance.requests.tables import RequestLeadRow, RequestRow
from governance.requests.vocabulary import Regime, RequestType, Submitter
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request as it came in; its deadlines are set by `clocks`."""

    id: str
    type: RequestType
    regime: Regime
    received_at: datetime
    time_zone: str
    submitted_by: Submitter
    note: str | None = field(default=None, repr=False)


def take_in(
    session: Session,
    keyring: Keyring,
    key: DataKey,
    new: NewRequest,
    subject: Subject,
    *,
    now: datetime,
    actor: str,
) -> RequestRow:
    """Writes the request; its key was minted before, in the key store's own commit.

    Raises:
        RequestExistsError: the id is taken.
    """
    if session.get(RequestRow, new.id) is not None:
        raise RequestExistsError("a request with this id exists")
    case = machine.opened(new.type)
    row = RequestRow(
        id=new.id,
        type=new.type,
        regime=new.regime,
        status=case.status,
        submitted_by=new.submitted_by,
        received_at=new.received_at,
        time_zone=new.time_zone,
        created_at=now,
        identities=case_file.seal_identities(key, new.id, 1, subject.identities),
        note=None if new.note is None else case_file.seal_text(key, new.id, "note", new.note),
    )
    session.add(row)
    session.add_all(RequestLeadRow(request_id=new.id, lead_id=lead) for lead in subject.leads)
    told = records.tell(
        session,
        new.id,
        Told.REQUEST_CREATED,
        actor=actor,
        now=now,
        facts={"type": new.type, "regime": new.regime, "submitted_by": new.submitted_by},
    )
    kinds = effects.OBJECTIONS.get(new.type, ())
    effects.object_now(
        session,
        keyring,
        kinds,
        subject.leads,
        subjects.objecting(subject),
        received_at=min(new.received_at, now),
        entry_id=told.entry_id,
        now=now,
    )
    return row
