"""The record of processing activities (GDPR art. 30(1)): an activity a purpose, from the data map. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any

from jinja2 import Environment

from governance.registers.data_map import System, plain, whereabouts
from governance.requests.vocabulary import OWN_STORE

SUBJECTS = ("leads: people at companies who may become customers",)
SECURITY = (
    "fields sealed with AES-256-GCM under a key of each person's own; keys kept apart from the data",
    "every opening announced in an append-only log before it happens, counted and limited",
    "rights by scope; nobody grants what they lack",
    "erasures read back in every system, and certified",
)
OTHERS_SECURITY = ("described by the owners of the systems", "erasures carried out there are read back")
"""What is done (art. 30(1)(g)): by this service, and where other systems alone hold the data."""


def register(
    controller: str, found: Sequence[System], *, contact: str | None, now: datetime
) -> dict[str, Any]:
    """The whole record, JSON-able: one activity a purpose, with the systems that serve it."""
    purposes = sorted({purpose for system in found for purpose in system.purposes})
    return {
        "controller": controller,
        "contact": contact,
        "made_at": now.isoformat(),
        "law": "GDPR art. 30(1)",
        "activities": [_activity(purpose, found) for purpose in purposes],
        "without_purpose": [system.name for system in found if not system.purposes],
    }


def _activity(purpose: str, found: Sequence[System]) -> dict[str, Any]:
    """What is done for one purpose: letters (b) to (g)."""
    systems = [system for system in found if purpose in system.purposes]
    names = [system.name for system in systems]
    return {
        "purpose": purpose,
        "systems": names,
        "subjects": list(SUBJECTS),
        "categories": sorted({kind for system in systems for kind in system.categories}),
        "recipients": [_recipient(system) for system in systems if system.recipient is not None],
        "transfers": _transfers(systems),
        "erasure": {system.name: system.retention[purpose] for system in systems},
        "security": list(SECURITY if OWN_STORE in names else OTHERS_SECURITY),
    }


def _transfers(found: Sequence[System]) -> list[str]:
    """The countries outside the European Economic Area that data go to."""
    return sorted({system.recipient.country or "" for system in found if system.recipient and system.outside})


def _recipient(system: System) -> dict[str, Any]:
    assert system.recipient is not None  # noqa: S101 - the caller looked
    where = whereabouts(system.recipient, outside=system.outside)
    return {"system": system.name, "name": system.recipient.name, "where": where}


def as_markdown(record: Mapping[str, Any]) -> str:
    """The record to read, or to keep in a repository."""
    return _rendered("article30.md", record, escaped=False)


def as_html(record: Mapping[str, Any]) -> str:
    """The record as a page of its own, to read and to print."""
    return _rendered("article30.html", record, escaped=True)


def _rendered(name: str, record: Mapping[str, Any], *, escaped: bool) -> str:
    environment = Environment(
        autoescape=escaped,  # noqa: S701 - off for Markdown alone
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = plain
    source = resources.files(__package__).joinpath(f"templates/{name}").read_text("utf-8")
    return environment.from_string(source).render(record=record)
