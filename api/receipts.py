"""The `audit` block of an answer: the entry that covers what was done, and the log's promise to hold it.

An answer that is stored for repeated calls is stored with its receipt, and they get the same one: it is then
signed within the transaction. It leaves with the answer, which is sent only once that is committed.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from api.context import Service
from audit.log import Appended
from audit.merkle import leaf_hash
from audit.query import entry
from audit.receipt import issue


def audited(service: Service, appended: Appended, now: datetime) -> dict[str, str]:
    """The block of an entry just appended; the promise counts from `now`."""
    receipt = issue(service.log_signer, appended.entry_id, appended.leaf_hash, now)
    return {"entry_id": appended.entry_id, "receipt": receipt}


def audited_before(service: Service, session: Session, entry_id: str) -> dict[str, str]:
    """The block of an entry of before, as it was given out then; nothing is promised of one that is gone."""
    found = entry(session, entry_id)
    if found is None:
        return {"entry_id": entry_id}
    made_at = datetime.fromisoformat(found.document()["at"])
    return audited(service, Appended(entry_id, leaf_hash(found.body)), made_at)
