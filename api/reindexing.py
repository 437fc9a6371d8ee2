"""New keys of the blind indexes, while look-ups go on. Killed, each is simply called again."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sqlalchemy import select

from api.context import Service
from api.rotation import refresh
from audit.actions import Action
from audit.canonical import JSON
from audit.log import append
from consent import suppressions
from governance.own_openings import announce_reindexing
from governance.reindexing import drop_outdated, write_lacking
from governance.suppressing import nest_outdated
from governance.tables import LeadRow
from governance.vault import index
from governance.vault.keys import load
from governance.vault.sealing import DataKey
from governance.vault.tables import IndexPurpose, IndexState

LEADS_A_WRITE = 200


def reindex(service: Service, actor: str, settle: Callable[[], None]) -> int:
    """Puts every identifier under a new key and destroys the old one; how many rows were written.

    `settle` returns when every process of the service has refreshed its keyring: see `index.SETTLED_AFTER`.

    1. The new key is made known: from here on new identifiers are written under both.
    2. Every lead's identifiers are written under the new one too.
    3. The old key is destroyed; its rows find nobody any more, and are deleted.
    """
    refresh(service)
    if service.keyring.index_keys(IndexPurpose.LOOKUP)[-1].state is not IndexState.COMING:
        _begin(service, IndexPurpose.LOOKUP)
    settle()
    written = sum(
        service.main.write(
            partial(
                write_lacking,
                keyring=service.keyring,
                keys=keys,
                told=_announce(service, keys, "written", actor),
            )
        )
        for keys in _keys_of_leads(service)
    )
    service.keys.write(lambda keys: index.finish_reindex(keys, IndexPurpose.LOOKUP))
    refresh(service)
    for keys in _keys_of_leads(service):
        told = _announce(service, keys, "dropped", actor)
        service.main.write(partial(drop_outdated, keyring=service.keyring, keys=keys, told=told))
    service.keys.scrub()
    _tell(service, actor, {"role": "lookup", "step": "destroyed"})
    return written


def _announce(service: Service, keys: Sequence[DataKey], step: str, actor: str) -> str:
    """The entry of a chunk, committed before any of its leads is opened."""
    now = service.clock()
    return service.main.write(
        lambda session: announce_reindexing(session, len(keys), step=step, now=now, actor=actor)
    )


def renew_suppressions(service: Service, actor: str, settle: Callable[[], None]) -> None:
    """Puts every suppression under a new key, around the old ones.

    1. The new key is made known: from here on hashes under it match too.
    2. It becomes the one to write under; what stands is hashed once more, whatever its generation.
    3. Once every process knows that, what was written under the old one meanwhile follows.

    What an earlier call left unfinished is finished, and nothing new is begun.
    """
    refresh(service)
    under_way = service.keyring.index_keys(IndexPurpose.SUPPRESSION)[-1].state is IndexState.COMING
    if not under_way and not _any_outdated(service):
        _begin(service, IndexPurpose.SUPPRESSION)
        under_way = True
    if under_way:
        settle()
        service.keys.write(lambda keys: index.finish_reindex(keys, IndexPurpose.SUPPRESSION))
        refresh(service)
        _nest_all(service)
    settle()
    _nest_all(service)
    service.main.scrub()
    _tell(service, actor, {"role": "suppression", "step": "renewed"})


def _begin(service: Service, purpose: IndexPurpose) -> None:
    now = service.clock()
    service.keys.write(lambda keys: index.begin_reindex(keys, service.keyring, purpose, now=now))
    refresh(service)


def _any_outdated(service: Service) -> bool:
    with service.main.read() as session:
        return suppressions.any_outdated(session, index.current_generation(service.keyring))


def _nest_all(service: Service) -> None:
    after: str | None = ""
    while after is not None:
        after = service.main.write(partial(nest_outdated, keyring=service.keyring, after=after))


def _tell(service: Service, actor: str, facts: dict[str, JSON]) -> None:
    now = service.clock()
    service.main.write(
        lambda session: append(session, Action.VAULT_ROTATED, actor=actor, now=now, facts=facts)
    )


def _keys_of_leads(service: Service) -> Iterator[list[DataKey]]:
    page: Sequence[str] = ("",)
    while page:
        statement = select(LeadRow.id).where(LeadRow.id > page[-1]).order_by(LeadRow.id)
        with service.main.read() as session:
            page = session.scalars(statement.limit(LEADS_A_WRITE)).all()
        with service.keys.read() as keys:
            found = load(keys, service.keyring, page)
        yield list(found.values())
