"""A small CRM with an interface of no vendor's: contacts, their notes, and a mark that keeps people out."""

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

from werkzeug import Request, Response

from tests.fakes.serving import Fake, Handler, answer

TOKEN = "plain-token"
Row = dict[str, Any]


class PlainCrm(Fake):
    """Contacts have a list of addresses; a page holds two rows; `deaf` takes deletions and does nothing.

    `meanwhile` is what somebody writes on a contact in the very moment in which it is deleted, note by note.
    """

    def __init__(self) -> None:
        super().__init__()
        self.contacts: dict[int, Row] = {}
        self.notes: dict[int, Row] = {}
        self.page = 2
        self.deaf = False
        self.heeds_contact = True
        self.meanwhile: list[str] = []
        self._note_ids = count(1)

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """Search by POST, the rest by key."""
        return {
            ("POST", "/api/contacts/search"): self.search,
            ("POST", "/api/notes/search"): self.search_notes,
            ("GET", "/api/contacts/<int:row_id>/notes"): self.notes_of,
            ("GET", "/api/contacts/<int:row_id>"): lambda _, row_id: self._one(self.contacts, row_id),
            ("GET", "/api/notes/<int:row_id>"): lambda _, row_id: self._one(self.notes, row_id),
            ("PATCH", "/api/contacts/<int:row_id>"): lambda asked, row_id: self._change(
                self.contacts, asked, row_id
            ),
            ("PATCH", "/api/notes/<int:row_id>"): lambda asked, row_id: self._change(
                self.notes, asked, row_id
            ),
            ("DELETE", "/api/contacts/<int:row_id>"): lambda _, row_id: self._delete(self.contacts, row_id),
            ("DELETE", "/api/notes/<int:row_id>"): lambda _, row_id: self._delete(self.notes, row_id),
        }

    def refused(self, request: Request) -> Response | None:
        """A token is needed."""
        known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return None if known else answer({"code": "unauthorised"}, 401)

    def add(self, name: str, phone: str | None, *emails: str, notes: tuple[str, ...] = ()) -> int:
        """A contact with notes; its id."""
        row_id = 1 + max(self.contacts, default=0)
        first, _, last = name.partition(" ")
        self.contacts[row_id] = {
            "id": row_id,
            "emails": list(emails),
            "phone": phone,
            "name": {"first": first, "last": last},
            "score": 7,
        }
        for text in notes:
            self._note(row_id, text)
        return row_id

    def _note(self, row_id: int, text: str) -> None:
        note_id = next(self._note_ids)
        self.notes[note_id] = {"id": note_id, "contact": row_id, "text": text}

    def search(self, request: Request) -> Response:
        """By address, or by the digits at a number's end."""
        asked = request.get_json()
        wanted = asked["value"].lower()
        if asked["field"] == "email":
            fitting = [
                row for row in self.contacts.values() if wanted in [e.lower() for e in row["emails"] or ()]
            ]
        else:
            fitting = [row for row in self.contacts.values() if _digits(row).endswith(wanted[-6:])]
        return self._page(fitting, asked)

    def search_notes(self, request: Request) -> Response:
        """Those of one contact."""
        asked = request.get_json()
        heeds = self.heeds_contact
        fitting = [row for row in self.notes.values() if not heeds or row["contact"] == asked["contact"]]
        return self._page(fitting, asked)

    def notes_of(self, _request: Request, row_id: int) -> Response:
        """Those of one contact, below its own path; gone with it."""
        if row_id not in self.contacts:
            return answer({"code": "gone"}, 404)
        return answer({"items": [row for row in self.notes.values() if row["contact"] == row_id]})

    def _change(self, rows: dict[int, Row], request: Request, row_id: int) -> Response:
        """Puts what is sent in the place of what was."""
        if row_id not in rows:
            return answer({"code": "gone"}, 404)
        if not self.deaf:
            held, sent = rows[row_id], request.get_json()
            if "name" in sent:
                held["name"] = held["name"] | sent.pop("name")
            held |= sent
        return answer(rows[row_id])

    def holds(self, text: str) -> bool:
        """Whether a text stands anywhere."""
        return text.lower() in json.dumps([self.contacts, self.notes]).lower()

    def _page(self, rows: list[Row], asked: Mapping[str, Any]) -> Response:
        first = int(asked.get("after") or 0)
        body: Row = {"items": rows[first : first + self.page], "total": len(rows)}
        if first + self.page < len(rows):
            body["next"] = first + self.page
        return answer(body)

    def _one(self, rows: dict[int, Row], row_id: int) -> Response:
        row = rows.get(row_id)
        return answer({"code": "gone"}, 404) if row is None else answer(row)

    def _delete(self, rows: dict[int, Row], row_id: int) -> Response:
        if row_id not in rows:
            return answer({"code": "gone"}, 404)
        if rows is self.contacts and self.meanwhile:
            self._note(row_id, self.meanwhile.pop())
        if not self.deaf:
            del rows[row_id]
        return answer(None, 204)


def _digits(row: Row) -> str:
    """The digits of a contact's number."""
    return "".join(filter(str.isdigit, row["phone"] or ""))


def document(base: str, **changes: Any) -> dict[str, Any]:
    """How the CRM at `base` is asked; `changes` replace fields of the `http` section."""
    page = {"kind": "cursor", "next": "next", "into": "body.after"}
    searching = {
        "method": "POST",
        "path": "/api/contacts/search",
        "rows": "items",
        "total": "total",
        "page": page,
    }
    one = {"path": "/api/contacts/{row.id}", "gone": [404]}
    note = {"path": "/api/notes/{row.id}", "gone": [404]}
    http = {
        "base": base,
        "hosts": [base.partition("://")[2]],
        "auth": {"kind": "bearer", "secret": "env:LEADWARDEN_STORE_PLAIN"},
        "tables": {
            "contacts": {
                "key": "id",
                "find": [
                    {"by": "email", "body": {"field": "email", "value": "{value}"}} | searching,
                    {"by": "phone", "body": {"field": "phone", "value": "{value.digits}"}, "exact": False}
                    | searching,
                ],
                "read": one,
                "erase": [one | {"method": "DELETE"}],
            },
            "notes": {
                "key": "id",
                "find": [
                    {"by": "contacts", "body": {"contact": "{row.id}"}}
                    | searching
                    | {"path": "/api/notes/search"}
                ],
                "read": note,
                "erase": [note | {"method": "DELETE"}],
            },
        },
    }
    return {
        "store": "crm",
        "kind": "http",
        "active": True,
        "purposes": ["direct_marketing"],
        "recipient": {"name": "Plain CRM Ltd", "role": "processor", "country": "DE"},
        "http": http | changes,
        "tables": {
            "contacts": {
                "identity": {"emails": "email", "phone": "phone"},
                "columns": {
                    "emails": {"category": "contact_details"},
                    "phone": {"category": "contact_details"},
                    "name.first": {"category": "contact_details"},
                    "name.last": {"category": "contact_details"},
                    "score": {"category": "inferred"},
                },
                "erase": "delete",
            },
            "notes": {
                "belongs_to": {"contact": "contacts.id"},
                "columns": {"text": {"category": "free_text"}},
                "erase": "cascade",
            },
        },
    }
