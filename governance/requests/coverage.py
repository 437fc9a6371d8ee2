"""Whether showing one address shows who a whole request is about.

Whoever shows an address of their own, and names the phone of another, has shown nothing of the other.
"""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from governance.identity import ById, Reference
from governance.resolve import resolve_many
from governance.vault.keyring import Keyring


def covers(
    session: Session, keyring: Keyring, shown: Reference, asked: Sequence[Reference], leads: Collection[str]
) -> bool:
    """Whether `shown` names one person at most, and everything that was asked for is that person's.

    Where nobody is known, that can be said of the shown address alone. `leads` are those of the request.
    """
    others = [each for each in asked if not _is_same(each, shown)]
    people, *rest = resolve_many(session, keyring, [shown, *others])
    if len(people) > 1 or not set(leads) <= set(people) or not _identifies(shown):
        return False
    return not others or (bool(people) and all(each == people for each in rest))


def _identifies(reference: Reference) -> bool:
    """A role address is read by several people."""
    return isinstance(reference, ById) or reference.identifying


def _is_same(one: Reference, other: Reference) -> bool:
    if isinstance(one, ById) or isinstance(other, ById):
        return one == other
    return (one.kind, one.key) == (other.kind, other.key)
