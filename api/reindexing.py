"""A new look-up key for every identifier, while look-ups go on. Killed, it is simply called again."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sqlalchemy import select

from api.context import Service
from api.rotation import refresh
from audit.actions import Action
from audit.log import append
from governance.reindexing import drop_outdated, write_lacking
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
        _begin(service)
    settle()
    written = sum(
        service.main.write(partial(write_lacking, keyring=service.keyring, keys=keys))
        for keys in _keys_of_leads(service)
    )
    service.keys.write(lambda keys: index.finish_reindex(keys, IndexPurpose.LOOKUP))
    refresh(service)
    for keys in _keys_of_leads(service):
        service.main.write(partial(drop_outdated, keyring=service.keyring, keys=keys))
    service.keys.scrub()
    now = service.clock()
    facts = {"role": "lookup", "step": "destroyed"}
    service.main.write(
        lambda session: append(session, Action.VAULT_ROTATED, actor=actor, now=now, facts=facts)
    )
    return written


def _begin(service: Service) -> None:
    now = service.clock()
    service.keys.write(lambda keys: index.begin_reindex(keys, service.keyring, IndexPurpose.LOOKUP, now=now))
    refresh(service)


def _keys_of_leads(service: Service) -> Iterator[list[DataKey]]:
    page: Sequence[str] = ("",)
    while page:
        statement = select(LeadRow.id).where(LeadRow.id > page[-1]).order_by(LeadRow.id)
        with service.main.read() as session:
            page = session.scalars(statement.limit(LEADS_A_WRITE)).all()
        with service.keys.read() as keys:
            found = load(keys, service.keyring, page)
        yield list(found.values())
