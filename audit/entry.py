"""One entry of the trail: what a caller says, and the exact bytes that are stored, hashed and exported.

    {"action":"lead.looked_up","actor":"…","at":"2026-11-24T10:00:00.000000Z",
     "facts":{"fields":["email"],"purpose":"direct_marketing"},"id":"…","lead":"…64 hex…","v":1}

The bytes are RFC 8785 JSON, built once here and never again: a verifier hashes what it is given.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from audit.actions import ACTIONS
from audit.canonical import JSON, canonical_text, to_bytes
from audit.commitment import LEAD, OBJECT, commit
from audit.errors import EntryRefusedError

VERSION = 1
MAX_ENTRY_BYTES = 65_535  # C2SP tlog-tiles: an entry's length is a uint16
SERVICE = "leadwarden"  # the actor of what the service does by itself
NO_FACTS: Mapping[str, JSON] = {}
ACTOR = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, before it has bytes. `actor` is an id; `facts` hold neither personal data nor ids."""

    action: str
    actor: str
    now: datetime
    lead_id: str | None = field(default=None, repr=False)
    object_id: str | None = field(default=None, repr=False)
    facts: Mapping[str, JSON] = field(default_factory=dict)


def entry_bytes(entry: Entry, entry_id: str, salt: bytes) -> bytes:
    """The entry's one spelling; keys stand in RFC 8785 order.

    Raises:
        EntryRefusedError: an action that `actions.py` does not list, an actor that is no id, facts that
            canonical JSON refuses, or more than 65,535 bytes.
    """
    if entry.action not in ACTIONS:
        raise EntryRefusedError(f"unknown action {entry.action!r}")
    if ACTOR.fullmatch(entry.actor) is None:
        raise EntryRefusedError("an actor is an id of at most 64 letters and digits")
    facts = canonical_text(dict(entry.facts)) if entry.facts else "{}"
    lead = f',"lead":"{commit(LEAD, salt, entry.lead_id)}"' if entry.lead_id else ""
    thing = f',"object":"{commit(OBJECT, salt, entry.object_id)}"' if entry.object_id else ""
    body = to_bytes(
        f'{{"action":"{entry.action}","actor":"{entry.actor}","at":"{stamp(entry.now)}","facts":{facts},'
        f'"id":"{entry_id}"{lead}{thing},"v":{VERSION}}}'
    )
    if len(body) > MAX_ENTRY_BYTES:
        raise EntryRefusedError(f"an entry of {len(body)} bytes; at most {MAX_ENTRY_BYTES} are allowed")
    return body


def stamp(now: datetime) -> str:
    """RFC 3339 in UTC with six decimals: one spelling an instant.

    Raises:
        EntryRefusedError: `now` carries no offset.
    """
    if now.tzinfo is not UTC:
        if now.tzinfo is None:
            raise EntryRefusedError("an instant needs an offset")
        now = now.astimezone(UTC)
    return now.isoformat(timespec="microseconds")[:-6] + "Z"


def parse_entry(body: bytes) -> dict[str, Any]:
    """The entry as a dictionary, for reading; never for hashing.

    Raises:
        EntryRefusedError: the bytes are no JSON object.
    """
    try:
        document = json.loads(body)
    except ValueError:
        raise EntryRefusedError("an entry is not JSON") from None
    if not isinstance(document, dict):
        raise EntryRefusedError("an entry is not a JSON object")
    return document
