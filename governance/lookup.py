"""Looking a person up, first step: who asks for whom and why stands in the trail before anything is opened.

The caller commits this step, then opens the lead (`custody.open_lead`), which checks its state again: between
the two the person may have been erased.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.log import Appended, append
from governance import canaries, openings
from governance.custody import names_of
from governance.errors import IdentityAmbiguousError, LeadUnknownError
from governance.identity import Reference
from governance.openings import Opener, Refused
from governance.resolve import sole
from governance.vault.keyring import Keyring


class Miss(StrEnum):
    """Why nobody is looked up."""

    UNKNOWN = "lead_unknown"
    AMBIGUOUS = "identity_ambiguous"


@dataclass(frozen=True, slots=True)
class Announced:
    """A look-up that may go on, once this is committed."""

    lead_id: str
    appended: Appended


def announce(
    session: Session, keyring: Keyring, reference: Reference, *, purpose: str, now: datetime, opener: Opener
) -> Announced | Miss | Refused:
    """Resolve the reference and say so in the trail; of a miss, not who was asked for.

    Nobody is resolved for an opener who has opened enough: see `openings`. `purpose` is a few plain words,
    checked at the door: it stands in the trail in the open.
    """
    refused = openings.admit(session, opener, people=1, now=now)
    if refused is not None:
        return refused
    actor = opener.id
    try:
        lead_id = sole(session, keyring, reference)
    except (LeadUnknownError, IdentityAmbiguousError) as error:
        miss = Miss(error.code)
        facts = {"purpose": purpose, "code": miss.value}
        append(session, Action.LEAD_LOOKUP_MISSED, actor=actor, now=now, facts=facts)
        return miss
    opening = {"purpose": purpose, "fields": names_of(session, lead_id)}
    entry = append(session, Action.LEAD_LOOKED_UP, actor=actor, now=now, lead_id=lead_id, facts=opening)
    canaries.watch(session, [lead_id], by=Action.LEAD_LOOKED_UP, actor=actor, now=now)
    return Announced(lead_id, entry)
