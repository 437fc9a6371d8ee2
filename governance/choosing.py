"""Writing down what a person says by the links that we sent: preferences, and the one click that ends it."""

from datetime import datetime

from sqlalchemy.orm import Session

from consent.ledger import facts_of
from consent.vocabulary import Channel, SuppressionKind
from governance.contact import NewConsent, NewObjection, object_to, record_consent
from governance.custody import require_open
from governance.identity import ById
from governance.preferences import Choices, Facts, Wording, acts, is_unsubscribed
from governance.vault.keyring import Keyring

ONE_CLICK = "one_click"
"""`via` of an objection by RFC 8058."""


def facts_for(session: Session, lead_id: str) -> Facts:
    """What is on record of a lead that is still in use.

    Raises:
        LeadUnknownError, LeadLockedError: it is erased, is being erased, or never was.
    """
    require_open(session, lead_id)
    return facts_of(session, [lead_id]).get(lead_id, {})


def choose(
    session: Session,
    keyring: Keyring,
    lead_id: str,
    choices: Choices,
    wording: Wording,
    *,
    now: datetime,
    actor: str,
) -> int:
    """Write down the choices that are new; how many entries that took.

    Raises:
        LeadUnknownError, LeadLockedError: see `facts_for`.
    """
    facts, lead = facts_for(session, lead_id), ById(lead_id)
    written = list(acts(facts, choices, wording, now))
    for act in written:
        if isinstance(act, NewConsent):
            record_consent(session, keyring, None, lead, act, now=now, actor=actor)
        else:
            object_to(session, keyring, lead, act, now=now, actor=actor)
    return len(written)


def unsubscribe(session: Session, keyring: Keyring, lead_id: str, *, now: datetime, actor: str) -> bool:
    """No more marketing by e-mail from the next decision on; says whether that was new.

    Raises:
        LeadUnknownError, LeadLockedError: see `facts_for`.
    """
    if is_unsubscribed(facts_for(session, lead_id), Channel.EMAIL, now):
        return False
    objection = NewObjection(SuppressionKind.UNSUBSCRIBE, now, ONE_CLICK, (Channel.EMAIL.value,))
    object_to(session, keyring, ById(lead_id), objection, now=now, actor=actor)
    return True
