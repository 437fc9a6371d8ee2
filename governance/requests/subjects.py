"""Who a request is about: references to identities, leads and the law that applies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from consent import ledger
from governance.errors import IdentityAmbiguousError, LeadUnknownError
from governance.fields import open_identifier
from governance.identity import ById, Identifier, Reference
from governance.requests.regimes import regime_of_places
from governance.requests.vocabulary import Regime
from governance.resolve import resolve_many
from governance.stores.protocol import Identity, IdentityKind
from governance.tables import IdentifierRow
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey


@dataclass(frozen=True, slots=True)
class Subject:
    """The person of a request, as far as the references tell."""

    identities: tuple[Identity, ...] = field(repr=False)
    leads: tuple[str, ...]
    regime: Regime


def subject_of(session: Session, keyring: Keyring, references: Sequence[Reference]) -> Subject:
    """The person whom all references name together; unknown persons are subjects too, of the stores alone.

    Raises:
        LeadUnknownError: a lead id that no lead has.
        IdentityAmbiguousError: a shared identifier fits several leads, and no other reference says which.
    """
    fitting = list(zip(references, resolve_many(session, keyring, references), strict=True))
    leads = {lead for _, fits in fitting if len(fits) == 1 for lead in fits}
    for reference, fits in fitting:
        if isinstance(reference, ById) and not fits:
            raise LeadUnknownError("the reference fits no lead")
        if len(fits) > 1 and not leads & set(fits):
            raise IdentityAmbiguousError(f"the reference fits {len(fits)} leads")
    identities = tuple(
        dict.fromkeys(identity_of(each) for each in references if isinstance(each, Identifier))
    )
    facts = ledger.facts_of(session, sorted(leads))
    regime = regime_of_places(_place(document.get("jurisdiction")) for document in facts.values())
    return Subject(identities, tuple(sorted(leads)), regime)


def identities_of(
    session: Session, keys: Mapping[str, DataKey], leads: Sequence[str]
) -> tuple[Identity, ...]:
    """The identifiers that the service itself holds of the leads, opened with their keys; each once."""
    rows = session.scalars(select(IdentifierRow).where(IdentifierRow.lead_id.in_(leads)))
    opened = (
        open_identifier(keys[row.lead_id], row.id, row.kind, row.sealed, shared=row.shared)
        for row in rows
        if row.lead_id in keys
    )
    return tuple(dict.fromkeys(identity_of(identifier) for identifier in opened))


def identity_of(identifier: Identifier) -> Identity:
    """An identifier as lead stores know it."""
    return Identity(
        IdentityKind(identifier.kind.value),
        identifier.text,
        identifier.system,
        shared=not identifier.identifying,
    )


def joined(known: Iterable[Identity], more: Iterable[Identity]) -> tuple[Identity, ...]:
    """Both, each once, in their order."""
    return tuple(dict.fromkeys((*known, *more)))


def _place(jurisdiction: str | None) -> tuple[str | None, str | None]:
    """Country and region of a jurisdiction (`DE`, `US-CA`)."""
    if jurisdiction is None:
        return None, None
    return jurisdiction[:2], jurisdiction if "-" in jurisdiction else None
