"""Links and leads for the tests of the pages, and what the pages leave behind."""

import re
from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient

from api.context import Service
from consent.events import EventKind
from consent.ledger import history
from governance.link_tokens import LinkKind, token_of

ADDRESS = "jane.doe@example.com"
SHARED = "info@example.com"
NOBODY = "7a52ab05-2e94-4b47-a1a5-74be0f8a2c11"
ASKED = {"type": "access", "email": ADDRESS, "place": "gdpr", "form": "6f9619ff-8b86-4011-b42d-00cf4fc964ff"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def take_in(client: FlaskClient, headers: dict[str, str], *addresses: str, **more: Any) -> str:
    """A lead with these e-mail addresses; its id."""
    identifiers = [{"type": "email", "value": each} for each in addresses or (ADDRESS,)]
    source = {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T10:00:00Z"}
    body = {"identifiers": identifiers, "country": "DE", "source": source, **more}
    taken = client.post("/v1/leads", json=body, headers=headers)
    assert taken.status_code == 201
    return str(taken.get_json()["lead_id"])


def page_of(service: Service, lead_id: str) -> str:
    """The path of the lead's preference page."""
    return f"/p/{token_of(service.keyring, LinkKind.PREFERENCES, lead_id)}"


def way_out_of(service: Service, lead_id: str) -> str:
    """The path of the lead's one-click unsubscribe."""
    return f"/u/{token_of(service.keyring, LinkKind.UNSUBSCRIBE, lead_id)}"


def pages(service: Service, lead_id: str) -> Iterator[str]:
    """Every page that can be opened."""
    yield from ("/privacy", page_of(service, lead_id), way_out_of(service, lead_id), "/p/forged")


def events_of(service: Service, lead_id: str) -> list[tuple[str, Any]]:
    """The lead's consents and objections: what was said, over which channels; those of an instant sorted."""
    wanted = {EventKind.CONSENT, EventKind.OBJECTION}
    with service.main.read() as session:
        told = [one.event for one in history(session, lead_id) if one.event.kind in wanted]
    said = [
        (
            event.occurred_at,
            str(event.details.get("status") or event.details["kind"]),
            event.details["channels"],
        )
        for event in told
    ]
    return [(word, channels) for _, word, channels in sorted(said)]


def reasons(client: FlaskClient, writer: dict[str, str], lead_id: str, **question: str) -> list[str]:
    """The reasons of the next decision about marketing by e-mail."""
    asked = {"lead": {"lead_id": lead_id}, "channel": "email", "purpose": "direct_marketing", **question}
    answer = client.post("/v1/decisions", json=asked, headers=writer)
    assert answer.status_code == 200
    found: list[str] = answer.get_json()["reasons"]
    return found


def checked(text: str) -> list[str]:
    """The ids of the radios and boxes that are ticked."""
    boxes = re.findall(r"<input([^>]*type=\"(?:radio|checkbox)\"[^>]*)>", text)
    return [re.findall(r'id="([^"]*)"', box)[0] for box in boxes if re.search(r"\bchecked\b", box)]
