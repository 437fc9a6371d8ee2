"""The calls on legal holds: each is sealed under a key of its own, committed before it."""

from collections.abc import Mapping
from typing import Any

from api.casework import mint
from api.context import Service
from audit.log import Appended
from governance import holds
from governance.errors import FactInvalidError
from governance.holds import Hold
from governance.identity import parse_reference
from governance.resolve import sole
from governance.stores import register
from governance.vault.tables import KeyKind


def place(
    service: Service,
    name: str,
    body: Mapping[str, Any],
    *,
    actor: str,
) -> tuple[bool, Appended]:
    """`holds.place` of what a checked `HoldBody` says; tells whether there was no hold of that name.

    Raises:
        FactInvalidError: the name is too long, or none.
        IdentityInvalidError, LeadUnknownError, IdentityAmbiguousError: it names nobody, or several.
        UnknownStoreError: there is no such store.
    """
    if not 0 < len(name) <= holds.LONGEST_NAME:
        raise FactInvalidError({"key": [f"Between 1 and {holds.LONGEST_NAME} characters."]})
    now, checked = service.clock(), holds.checked_query(body.get("query", {}))
    lead, store = body.get("lead"), body.get("store")
    with service.main.read() as session:
        lead_id = None if lead is None else sole(session, service.keyring, parse_reference(lead))
        if store is not None:
            register.get(session, store)
    key = mint(service, holds.new_hold_id(now), KeyKind.CASE, now)
    hold = Hold(name, lead_id, store, checked)
    return service.main.write(
        lambda session: holds.place(
            session, key, hold, reason=body["reason"], until=body.get("until"), now=now, actor=actor
        )
    )


def lift(service: Service, name: str, *, actor: str) -> Appended:
    """See `holds.lift`."""
    now = service.clock()
    return service.main.write(lambda session: holds.lift(session, name, now=now, actor=actor))
