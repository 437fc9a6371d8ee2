"""Who is the person? Decides over what was found, by evidence; pure.

Rules, in this order:
  1. A row that a human called the same person is theirs; one called somebody else never is.
  2. An identity that belongs to one person by nature (a named address, an external id) makes each row that
     holds it theirs, and each of those rows' identities known.
  3. What may be shared (a number, a role address) makes a row theirs only where nobody else holds it and
     nothing speaks against: then it was not shared.
  4. Where several people hold it, those with another name and an address of their own are plainly others; all
     the rest (the same name, no name, no address) are candidates for a human.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from governance.stores.comparison import identifies, same
from governance.stores.protocol import CandidateReason, Identity, RowRef, Sought


@dataclass(frozen=True, slots=True)
class Profile:
    """What a row that may stand for a person says: its identities, those below it, and its names.

    `copies` are those of its identities that say nothing of the person: of a mail from one to another both
    addresses stand in the row, and neither is the other's.
    """

    identities: tuple[Identity, ...] = field(default=(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    copies: frozenset[Identity] = field(default=frozenset(), repr=False)

    def holds(self, identity: Identity) -> bool:
        """Whether the identity is one of this profile's."""
        return any(same(identity, own) for own in self.identities)

    @property
    def is_somebody(self) -> bool:
        """Whether there is a person here at all, not only a record hung on a number."""
        return bool(self.names) or self.is_marked

    @property
    def is_marked(self) -> bool:
        """Whether an identity here belongs to one person by nature."""
        return any(identifies(own) for own in self.identities)


@dataclass(frozen=True, slots=True)
class Question:
    """What is known before looking: identities, names, and what humans decided."""

    identities: tuple[Identity, ...] = field(repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    same: frozenset[RowRef] = frozenset()
    others: frozenset[RowRef] = frozenset()

    @classmethod
    def of(cls, sought: Sought) -> "Question":
        """The question that a search for one person asks."""
        return cls(sought.identities, sought.known.names, frozenset(sought.same), frozenset(sought.others))


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row for a human to decide, why, and by which identity it was come upon."""

    row: RowRef
    reason: CandidateReason
    via: Identity


@dataclass(frozen=True, slots=True)
class Verdict:
    """Rows of the person, identities now known, those that several people share, and the doubts."""

    accepted: frozenset[RowRef] = frozenset()
    known: tuple[Identity, ...] = ()
    shared: tuple[Identity, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def judge(question: Question, profiles: Mapping[RowRef, Profile]) -> Verdict:
    """Applies the rules to everything come upon so far, to a fixed point."""
    open_profiles = {row: profile for row, profile in profiles.items() if row not in question.others}
    accepted = {row for row in open_profiles if row in question.same}
    while True:
        known = _known(question, accepted, open_profiles)
        grown = _by_nature(known, open_profiles) | accepted
        grown |= _by_circumstance(question, known, grown, open_profiles) if grown == accepted else set()
        if grown == accepted:
            break
        accepted = grown
    shared = tuple(i for i in known if not identifies(i) and _people(i, accepted, profiles) > 1)
    doubts = _doubts(question, known, accepted, open_profiles)
    return Verdict(frozenset(accepted), known, shared, doubts)


def _known(
    question: Question, accepted: Iterable[RowRef], profiles: Mapping[RowRef, Profile]
) -> tuple[Identity, ...]:
    known = list(question.identities)
    for row in sorted(accepted):
        profile = profiles[row]
        telling = [own for own in profile.identities if own not in profile.copies]
        known.extend(own for own in telling if not any(same(own, other) for other in known))
    return tuple(known)


def _by_nature(known: Iterable[Identity], profiles: Mapping[RowRef, Profile]) -> set[RowRef]:
    """Rule 2."""
    certain = [identity for identity in known if identifies(identity)]
    return {row for row, profile in profiles.items() if any(profile.holds(i) for i in certain)}


def _by_circumstance(
    question: Question, known: Iterable[Identity], accepted: set[RowRef], profiles: Mapping[RowRef, Profile]
) -> set[RowRef]:
    """Rule 3."""
    found = set(accepted)
    for identity in known:
        if identifies(identity) or identity.shared:
            continue
        holders = {row for row, profile in profiles.items() if profile.holds(identity)}
        if _people(identity, accepted, profiles) <= 1 and not any(
            _speaks_against(question, known, accepted, profiles, row) for row in holders - accepted
        ):
            found |= holders
    return found


def _people(identity: Identity, accepted: Iterable[RowRef], profiles: Mapping[RowRef, Profile]) -> int:
    """How many people hold an identity; the rows accepted so far are one person."""
    if identity.shared:
        return 2
    holders = {row for row, profile in profiles.items() if profile.holds(identity)}
    others = sum(1 for row in holders.difference(accepted) if profiles[row].is_somebody)
    return others + (1 if holders.intersection(accepted) else 0)


def _speaks_against(
    question: Question,
    known: Iterable[Identity],
    accepted: Iterable[RowRef],
    profiles: Mapping[RowRef, Profile],
    row: RowRef,
) -> bool:
    """Whether a row bears another name, or marks of its own while others are known of the person."""
    profile = profiles[row]
    marks = any(identifies(identity) for identity in known)
    if marks and profile.is_marked:
        return True
    words = _words(question, accepted, profiles)
    return bool(words and profile.names) and not _agrees(profile, words)


def _words(question: Question, accepted: Iterable[RowRef], profiles: Mapping[RowRef, Profile]) -> set[str]:
    """Every word of every name known of the person."""
    names = question.names.union(*(profiles[row].names for row in accepted))
    return {word for name in names for word in words_of(name)}


def words_of(name: str) -> frozenset[str]:
    """A name as its words, whatever their order, case and punctuation: `Tan, Felix` is `felix tan`."""
    return frozenset(re.findall(r"\w+", name.casefold()))


def _agrees(profile: Profile, words: set[str]) -> bool:
    """Whether a name of this profile is made of the words known."""
    return any(words_of(name) and words_of(name) <= words for name in profile.names)


def _doubts(
    question: Question,
    known: Iterable[Identity],
    accepted: set[RowRef],
    profiles: Mapping[RowRef, Profile],
) -> tuple[Doubt, ...]:
    """Rule 4: everybody else behind a shared identity, but for those who are plainly others."""
    words = _words(question, accepted, profiles)
    doubts: list[Doubt] = []
    for row in sorted(set(profiles) - accepted):
        profile = profiles[row]
        via = next((identity for identity in known if profile.holds(identity)), None)
        near = _agrees(profile, words)
        plainly_other = profile.is_marked and bool(words and profile.names) and not near
        if via is not None and not plainly_other:
            reason = CandidateReason.NEAR_MATCH if near else CandidateReason.SHARED_IDENTITY
            doubts.append(Doubt(row, reason, via))
    return tuple(doubts)
