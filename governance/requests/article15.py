"""What Article 15(1) GDPR asks to be told beside the data themselves, from the data map. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.stores.mapping import StoreDocument

RIGHTS = (
    "to have wrong data corrected (Article 16)",
    "to have data erased (Article 17)",
    "to have their use restricted (Article 18)",
    "to receive them in a machine-readable form (Article 20)",
    "to object, at any time and without reasons where it is direct marketing (Article 21)",
    "to withdraw a consent for the future (Article 7(3))",
    "to complain to a supervisory authority (Article 77)",
)
OWN_PURPOSES = ("consent_management", "suppression", "accountability")
OWN_RETENTION = (
    "Until erasure is asked for or the data are no longer needed for their purpose. After an erasure a keyed "
    "hash of the address is kept, so that the objection outlives the data."
)
STORE_RETENTION = "As long as the purposes named here need it; the controller answers for the period."
EEA = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"}
    | {"IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)
"""Between these a transfer needs no safeguard (GDPR, Chapter V)."""
PROFILING = (
    "Before each contact the service decides by published rules whether it is allowed: by country, consent, "
    "objection, source and time. A rule yields yes or no with its reasons; no score is computed, and no "
    "decision with legal effect is taken without a person."
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the letters (a) to (h) are filled from; `sources` say where the data came from."""

    controller: str
    stores: Sequence[StoreDocument]
    sources: Sequence[Mapping[str, Any]] = ()


def article_15(told: Told) -> dict[str, Any]:
    """The document, one member for each letter of Article 15(1), and 15(2)."""
    return {
        "controller": told.controller,
        "purposes": sorted({purpose for each in told.stores for purpose in each.purposes} | {*OWN_PURPOSES}),
        "categories": _categories(told.stores),
        "recipients": [_recipient(each) for each in told.stores],
        "retention": {"leadwarden": OWN_RETENTION}
        | {each.store: retention(each, each.purposes) for each in told.stores},
        "rights": list(RIGHTS),
        "complaint": "You may complain to the supervisory authority of where you live or work.",
        "source": [dict(source) for source in told.sources],
        "profiling": {"takes_place": True, "logic": PROFILING},
        "transfers": sorted(_countries(told.stores) - EEA),
    }


def retention(store: StoreDocument, purposes: Sequence[str]) -> str:
    """How long a store keeps what it holds for these purposes: as declared, and what is said of the rest."""
    said = [
        f"{purpose.replace('_', ' ')}: {store.retention[purpose].in_words}"
        for purpose in purposes
        if purpose in store.retention
    ]
    tables = [
        f"{table.name}: {table.retention.in_words}"
        for table in store.tables.values()
        if table.retention is not None
    ]
    if not said and not tables:
        return STORE_RETENTION
    everything = bool(purposes) and len(said) == len(purposes)
    return "; ".join([*said, *tables]) + ("." if everything else f". The rest: {STORE_RETENTION}")


def _countries(stores: Sequence[StoreDocument]) -> set[str]:
    """Where the recipients are."""
    return {each.recipient.country for each in stores if each.recipient and each.recipient.country}


def _categories(stores: Sequence[StoreDocument]) -> dict[str, list[str]]:
    """Which categories of data each store holds."""
    return {
        each.store: sorted(
            {
                column.category.value
                for table in each.tables.values()
                for column in table.columns.values()
                if column.category is not None
            }
        )
        for each in stores
    }


def _recipient(store: StoreDocument) -> dict[str, Any]:
    """Who receives what is in a store, by name (CJEU C-154/21, Österreichische Post)."""
    if store.recipient is None:
        return {"store": store.store, "name": store.store}
    found = {"store": store.store, "name": store.recipient.name, "role": store.recipient.role}
    return found if store.recipient.country is None else {**found, "country": store.recipient.country}
