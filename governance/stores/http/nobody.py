"""Whom a store is asked for when only its answering is of interest. Pure."""

from consent.vocabulary import IdentifierKind
from governance.stores.http.description import Find
from governance.stores.protocol import Identity

NOBODY = {
    IdentifierKind.EMAIL: "nobody@leadwarden.invalid",
    IdentifierKind.PHONE: "+4930000000000",
    IdentifierKind.EXTERNAL: "0",
}
"""`.invalid` is nobody's (RFC 2606)."""


def nobody(find: Find, store: str) -> Identity | None:
    """Nobody, by what `find` looks for; None where it looks for what belongs to a row."""
    if find.by is None:
        return None
    system = (find.system or store).casefold() if find.by is IdentifierKind.EXTERNAL else None
    return Identity(find.by, NOBODY[find.by], system)
