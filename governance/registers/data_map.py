"""Where personal data are: systems, kinds of data, purposes and recipients, as the stores' data say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from governance.requests.article15 import EEA, OWN_PURPOSES, OWN_RETENTION, retention
from governance.requests.vocabulary import OWN_STORE
from governance.stores.mapping import Recipient, StoreDocument

KINDS = {"sql": "database", "http": "web service", "file": "files", "manual": "by hand"}
"""What a system is, in words."""
OWN_KINDS = ("contact_details", "firmographic", "consent_proof")


@dataclass(frozen=True, slots=True)
class System:
    """One system of the map.

    `retention` says by purpose how long it keeps data, `outside` that its recipient is outside the European
    Economic Area.
    """

    name: str
    kind: str
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    recipient: Recipient | None = None
    retention: Mapping[str, str] = field(default_factory=dict)

    @property
    def outside(self) -> bool:
        """Whether data leave the European Economic Area into it."""
        return self.recipient is not None and self.recipient.country not in {None, *EEA}


def systems(stores: Sequence[StoreDocument]) -> tuple[System, ...]:
    """Every active system, the service's own first."""
    own = System(
        OWN_STORE, "service", OWN_PURPOSES, OWN_KINDS, None, dict.fromkeys(OWN_PURPOSES, OWN_RETENTION)
    )
    return (own, *(_system(store) for store in sorted(stores, key=lambda each: each.store)))


def _system(store: StoreDocument) -> System:
    kinds = {
        column.category.value
        for table in store.tables.values()
        for column in table.columns.values()
        if column.category is not None
    }
    return System(
        store.store,
        KINDS[store.kind.value],
        tuple(sorted(store.purposes)),
        tuple(sorted(kinds)),
        store.recipient,
        {purpose: retention(store, [purpose]) for purpose in store.purposes},
    )


def in_words(found: Sequence[System]) -> list[str]:
    """The map as sentences: what a picture says, for whoever does not see it."""
    return [_sentence(system) for system in found]


def plain(words: Sequence[str]) -> str:
    """Words of the vocabulary as people read them."""
    return ", ".join(word.replace("_", " ") for word in words)


def whereabouts(recipient: Recipient, *, outside: bool) -> str:
    """A recipient's role and place."""
    place = f", {recipient.country}" if recipient.country else ""
    return f"{recipient.role}{place}{', outside the EEA' if outside else ''}"


def _sentence(system: System) -> str:
    kinds = plain(system.categories) or "kinds of data that are not described"
    purposes = plain(system.purposes) or "no purpose that is described"
    text = f"{system.name} ({system.kind}) holds {kinds}, for {purposes}."
    if system.recipient is None:
        return text
    where = whereabouts(system.recipient, outside=system.outside)
    return f"{text} They are received by {system.recipient.name}, {where}."
