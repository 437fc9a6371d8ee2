"""Who a request is about: references to identities, leads and the law that applies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from consent import ledger
from consent.vocabulary import AddressType, IdentifierKind
from governance import custody
from governance.errors import IdentityAmbiguousError, LeadUnknownError
from governance.identity import ById, Identifier, Reference, classify
from governance.requests.regimes import regime_of_places
from governance.requests.vocabulary import Regime
from governance.resolve import resolve_many
from governance.stores.protocol import Identity
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey


@dataclass(frozen=True, slots=True)
class Subject:
    """The person of a request, as far as the references tell.

    `leadless` are those of `identities` that no one of `leads` has: what is said of them can stand by
    address only.
    """

    identities: tuple[Identity, ...] = field(repr=False)
    leads: tuple[str, ...]
    regime: Regime
    leadless: frozenset[Identity] = field(default=frozenset(), repr=False)


def subject_of(
    session: Session, keyring: Keyring, references: Sequence[Reference], *, shared: bool = False
) -> Subject:
    """The person whom all references name together; unknown persons are subjects too, of the stores alone.

    `shared` takes an identifier that fits several leads for what it is: nobody's alone, and no lead's.

    Raises:
        LeadUnknownError: a lead id that no lead has.
        IdentityAmbiguousError: a shared identifier fits several leads, and no other reference says which.
    """
    fitting = list(zip(references, resolve_many(session, keyring, references), strict=True))
    leads = {lead for _, fits in fitting if len(fits) == 1 for lead in fits}
    for reference, fits in fitting:
        if isinstance(reference, ById) and not fits:
            raise LeadUnknownError("the reference fits no lead")
        if len(fits) > 1 and not shared and not leads & set(fits):
            raise IdentityAmbiguousError(f"the reference fits {len(fits)} leads")
    named = [
        (identity_of(reference, shared=len(fits) > 1), fits)
        for reference, fits in fitting
        if isinstance(reference, Identifier)
    ]
    leadless = frozenset(identity for identity, fits in named if leads.isdisjoint(fits))
    facts = ledger.facts_of(session, sorted(leads))
    regime = regime_from(facts.values())
    return Subject(
        tuple(dict.fromkeys(identity for identity, _ in named)), tuple(sorted(leads)), regime, leadless
    )


def regime_from(facts: Iterable[Mapping[str, Any]]) -> Regime:
    """Whose law applies to somebody of whose leads these facts are known."""
    return regime_of_places(_place(document.get("jurisdiction")) for document in facts)


def own_identifiers(
    session: Session, keys: Mapping[str, DataKey], told: Mapping[str, str]
) -> tuple[Identifier, ...]:
    """What the service itself knows leads by, opened with their keys; each once.

    `told` names the entry that says so of each lead.
    """
    opened = [
        identifier
        for lead, entry_id in told.items()
        if lead in keys
        for _, identifiers in custody.identifiers_of(session, [keys[lead]], entry_id)
        for identifier in identifiers
    ]
    return tuple(dict.fromkeys(opened))


def identities_of(
    session: Session, keyring: Keyring, identifiers: Sequence[Identifier]
) -> tuple[Identity, ...]:
    """Identifiers as lead stores know them; one that several leads have is shared."""
    fitting = zip(identifiers, resolve_many(session, keyring, identifiers), strict=True)
    return tuple(identity_of(identifier, shared=len(fits) > 1) for identifier, fits in fitting)


def identity_of(identifier: Identifier, *, shared: bool = False) -> Identity:
    """An identifier as lead stores know it."""
    kind = identifier.kind
    return Identity(kind, identifier.text, identifier.system, shared=shared)


def identifier_of(identity: Identity) -> Identifier:
    """An identity as this service knows identifiers.

    No store says whether a phone is mobile, so a phone identifies nobody here, and keeps nobody out.
    """
    if identity.kind is IdentifierKind.PHONE:
        return Identifier(IdentifierKind.PHONE, identity.value, identifying=False)
    if identity.kind is IdentifierKind.EXTERNAL:
        return Identifier(IdentifierKind.EXTERNAL, identity.value, identity.system)
    role = classify(identity.value) is AddressType.ROLE
    return Identifier(IdentifierKind.EMAIL, identity.value, identifying=not role)


def known_by(own: Sequence[Identifier], identities: Sequence[Identity]) -> list[Identifier]:
    """The identifiers of a person, each once; of its own the service knows whether they identify."""
    every = (*own, *(identifier_of(identity) for identity in identities))
    return list({(each.kind, each.key): each for each in reversed(every)}.values())


def objecting(subject: Subject) -> list[Identifier]:
    """Under which addresses an objection of the subject is kept beside the ledger of its leads.

    Those that identify, for whoever is taken in by them later; and every leadless one, shared or
    not, for there the objection would have no effect otherwise. A role address of a known lead is left
    out: the lead's ledger stops it, and its colleagues have not objected.
    """
    every = ((identity, identifier_of(identity)) for identity in subject.identities)
    return [each for identity, each in every if each.identifying or identity in subject.leadless]


def joined(known: Iterable[Identity], more: Iterable[Identity]) -> tuple[Identity, ...]:
    """Both, each once, in their order."""
    return tuple(dict.fromkeys((*known, *more)))


def _place(jurisdiction: str | None) -> tuple[str | None, str | None]:
    """Country and region of a jurisdiction (`DE`, `US-CA`)."""
    if jurisdiction is None:
        return None, None
    return jurisdiction[:2], jurisdiction if "-" in jurisdiction else None
