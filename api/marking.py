"""After a commit that sealed a field anew: the key store remembers its version, and none before it opens.

A crash in the moment between the two commits leaves that one change without its mark until the owner is
marked again: by the next change, or by `mark_all` with the next epoch.
"""

from collections.abc import Mapping, Sequence

from api.context import Service
from audit.actions import Action
from audit.log import append
from governance.freshness import rewritten_leads, rewritten_requests, versions_of
from governance.vault import marks
from governance.vault.keys import chunks
from governance.vault.marks import Marks

OWNERS_A_PAGE = 500


def mark(service: Service, owners: Sequence[str]) -> None:
    """Takes what these owners' cells have reached in the main database for the newest that there was."""
    for some in chunks(owners):
        with service.main.read() as session:
            seen = versions_of(session, some)
        if seen:
            _raise(service, seen)


def mark_all(service: Service) -> None:
    """`mark` for everybody of whom something was sealed anew."""
    for rewritten in (rewritten_leads, rewritten_requests):
        page = [""]
        while page:
            with service.main.read() as session:
                page = rewritten(session, after=page[-1], limit=OWNERS_A_PAGE)
            mark(service, page)


def older(service: Service) -> dict[str, Marks]:
    """Owners of whom the main database holds something in an older version than there was: what it holds.

    It was put back by hand, or the main database is an older backup.
    """
    with service.keys.read() as keys:
        marked = list(marks.marked(keys))
    found: dict[str, Marks] = {}
    for owners in marked:
        with service.main.read() as session:
            held = versions_of(session, list(owners), above=0)
        found |= {owner: seen for owner, seen in held.items() if marks.older_places(owners[owner], seen)}
    return found


def accept(service: Service, older_ones: Mapping[str, Marks], actor: str) -> None:
    """Lets what is older open again: a person says that this main database is the right one."""
    now = service.clock()
    service.keys.write(lambda keys: marks.accept(keys, older_ones))
    facts = {"accepted": len(older_ones)}
    service.main.write(
        lambda session: append(session, Action.VAULT_RECONCILED, actor=actor, now=now, facts=facts)
    )


def _raise(service: Service, seen: Mapping[str, Marks]) -> None:
    service.keys.write(lambda keys: marks.raise_marks(keys, seen))
