"""HubSpot's contacts, as its documentation describes them.

Sources: developers.hubspot.com, "CRM API | Contacts", "CRM API | Search" (5 filter groups, 200 a page),
"Permanently delete a contact (GDPR-compliant)", "API usage guidelines" (429 TEN_SECONDLY_ROLLING).
"""

from collections.abc import Mapping
from typing import Any

from werkzeug import Request, Response

from tests.fakes.serving import Fake, Handler, answer

TOKEN = "pat-eu1-fake"
CONTACTS = "/crm/v3/objects/contacts"
SHOWN = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
MOST_GROUPS, MOST_ROWS = 5, 200
WHEN = "2026-11-01T08:00:00.000Z"


class HubSpot(Fake):
    """One account. `stale` searches still show what was deleted: the index is a moment behind the records."""

    def __init__(self) -> None:
        super().__init__()
        self.contacts: dict[str, dict[str, str | None]] = {}
        self.archived: set[str] = set()
        self.blocked: set[str] = set()
        self.stale = 0
        self.lies = False
        self._index: dict[str, dict[str, str | None]] = {}

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """The contacts' part of the CRM API."""
        return {
            ("POST", CONTACTS): self.create,
            ("POST", f"{CONTACTS}/search"): self.search,
            ("POST", f"{CONTACTS}/gdpr-delete"): self.purge,
            ("GET", f"{CONTACTS}/<contact_id>"): self.read,
            ("PATCH", f"{CONTACTS}/<contact_id>"): self.update,
            ("DELETE", f"{CONTACTS}/<contact_id>"): self.archive,
        }

    def refused(self, request: Request) -> Response | None:
        """A private app's token is needed."""
        if request.headers.get("Authorization") == f"Bearer {TOKEN}":
            return None
        return wrong(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")

    def unknown(self, code: int) -> Response:
        """As the gateway says it."""
        return wrong(code, "OBJECT_NOT_FOUND", "resource not found")

    def add(self, **properties: str) -> str:
        """A contact; its id."""
        contact_id = str(101 + len(self.contacts) + len(self.archived))
        kept: dict[str, str | None] = {
            "createdate": WHEN,
            "lastmodifieddate": WHEN,
            "hs_object_id": contact_id,
        }
        self.contacts[contact_id] = {**kept, **properties}
        self._index[contact_id] = self.contacts[contact_id]
        return contact_id

    def create(self, request: Request) -> Response:
        """Makes a contact, but not of an address that was erased."""
        properties = request.get_json()["properties"]
        email = properties.get("email", "").lower()
        if email in self.blocked:
            return wrong(400, "VALIDATION_ERROR", "This email address has been permanently deleted.")
        for contact_id, held in self.contacts.items():
            if email and held.get("email") == email:
                return wrong(409, "CONFLICT", f"Contact already exists. Existing ID: {contact_id}")
        return answer(self._shown(self.add(**properties | {"email": email}), ()), 201)

    def search(self, request: Request) -> Response:
        """Filters within a group are all met, one group is enough."""
        asked = request.get_json()
        groups, limit = asked.get("filterGroups", []), int(asked.get("limit", 10))
        if len(groups) > MOST_GROUPS or limit > MOST_ROWS:
            return wrong(400, "VALIDATION_ERROR", "too many filter groups, or too high a limit")
        index = self._index if self.stale else self.contacts
        self.stale = max(0, self.stale - 1)
        fitting = [
            contact_id
            for contact_id, held in index.items()
            if any(all(_meets(held, one) for one in group["filters"]) for group in groups)
        ]
        first = int(asked.get("after") or 0)
        page = fitting[first : first + limit]
        results = [self._shown(contact_id, asked.get("properties") or ()) for contact_id in page]
        body: dict[str, Any] = {"total": len(fitting), "results": results}
        if first + limit < len(fitting):
            body["paging"] = {"next": {"after": str(first + limit), "link": "?after="}}
        return answer(body)

    def read(self, request: Request, contact_id: str) -> Response:
        """One contact, with the properties asked for."""
        if contact_id not in self.contacts:
            return self.unknown(404)
        asked = request.args.get("properties", "")
        return answer(self._shown(contact_id, asked.split(",") if asked else ()))

    def update(self, request: Request, contact_id: str) -> Response:
        """Changes properties; a body with anything else is refused."""
        if contact_id not in self.contacts:
            return self.unknown(404)
        asked = request.get_json()
        if set(asked) != {"properties"}:
            return wrong(400, "VALIDATION_ERROR", "Invalid input JSON")
        self.contacts[contact_id].update(asked["properties"])
        return answer(self._shown(contact_id, ()))

    def archive(self, _request: Request, contact_id: str) -> Response:
        """Into the recycling bin: hidden, and there for 90 days."""
        if contact_id in self.contacts:
            self.archived.add(contact_id)
            del self.contacts[contact_id]
        return answer(None, 204)

    def purge(self, request: Request) -> Response:
        """For good; an address that nobody has is blocked, so that it can not come in."""
        asked = request.get_json()
        named = str(asked["objectId"])
        if asked.get("idProperty") == "email":
            found = [key for key, held in self.contacts.items() if held.get("email") == named.lower()]
            self.blocked.add(named.lower())
        else:
            found = [named] if named in self.contacts else []
            if not found:
                return self.unknown(404)
        for contact_id in [] if self.lies else found:
            self.blocked.add(str(self.contacts[contact_id].get("email") or "").lower())
            del self.contacts[contact_id]
        return answer(None, 204)

    def _shown(self, contact_id: str, properties: Any) -> dict[str, Any]:
        held = self._index[contact_id]
        names = dict.fromkeys([*SHOWN, *properties])
        return {
            "id": contact_id,
            "properties": {name: held.get(name) for name in names},
            "createdAt": WHEN,
            "updatedAt": WHEN,
            "archived": False,
        }


def wrong(status: int, category: str, message: str) -> Response:
    """An error as HubSpot writes it."""
    body = {"status": "error", "message": message, "correlationId": "aeb5f871", "category": category}
    return answer(body, status)


def rate_limited() -> Response:
    """What the burst limit answers."""
    body = {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "c033cdaa",
        "policyName": "TEN_SECONDLY_ROLLING",
    }
    return answer(body, 429)


def _meets(held: Mapping[str, str | None], one: Mapping[str, Any]) -> bool:
    value = (held.get(one["propertyName"]) or "").lower()
    if one["operator"] == "EQ":
        return bool(value) and value == str(one["value"]).lower()
    if one["operator"] == "CONTAINS_TOKEN":
        wanted = str(one["value"]).lower()
        tokens = value.replace(";", " ").split()
        if wanted.startswith("*"):
            return any(token.endswith(wanted[1:]) for token in [*tokens, value])
        return wanted in tokens
    return False
