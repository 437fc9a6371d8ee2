"""Marketo Engage's REST API, as its documentation describes it.

Sources: experienceleague.adobe.com, "Marketo Developer": "Authentication", "Leads" (300 a page, POST
with _method=GET for long filters, "Delete"), "Error Codes": errors come with status 200; 601 and
602 are of the token, 606 and 615 of the rate, 1004 says that a lead is not there.
"""

from collections.abc import Mapping
from typing import Any

from werkzeug import Request, Response

from tests.fakes.serving import Fake, Handler, answer

CLIENT_ID, CLIENT_SECRET = "marketo-client", "marketo-secret"
MOST_ROWS = 300
FIELDS = "id,updatedAt,createdAt,firstName,lastName,email"


class Marketo(Fake):
    """One instance; `page` is how many leads a page has here, so that few are enough for two pages."""

    token_path = "/identity/oauth/token"

    def __init__(self) -> None:
        super().__init__()
        self.leads: dict[int, dict[str, Any]] = {}
        self.token = "cdf01657-fake:ab"
        self.page = MOST_ROWS

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """Tokens and leads."""
        return {
            ("POST", self.token_path): self.give_token,
            ("POST", "/rest/v1/leads.json"): self.by_filter,
            ("GET", "/rest/v1/leads.json"): self.by_filter,
            ("GET", "/rest/v1/lead/<int:lead_id>.json"): self.read,
            ("POST", "/rest/v1/leads/delete.json"): self.delete,
        }

    def refused(self, request: Request) -> Response | None:
        """An expired token is told in the body of a success."""
        if request.path == self.token_path:
            return None
        if request.headers.get("Authorization") == f"Bearer {self.token}":
            return None
        return trouble("602", "Access token expired")

    def unknown(self, code: int) -> Response:
        """As Marketo says it."""
        del code
        return trouble("610", "Requested resource not found")

    def add(self, **fields: Any) -> int:
        """A lead; its id."""
        lead_id = 318581 + len(self.leads)
        self.leads[lead_id] = {"id": lead_id, "createdAt": "2026-05-01T16:47:30Z", **fields}
        return lead_id

    def give_token(self, request: Request) -> Response:
        """Client credentials, of a custom service."""
        if (request.form.get("client_id"), request.form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return answer({"error": "unauthorized", "error_description": "No client with requested id"}, 401)
        return answer(
            {"access_token": self.token, "token_type": "bearer", "expires_in": 3599, "scope": "api"}
        )

    def by_filter(self, request: Request) -> Response:
        """Leads of which a field has one of the values."""
        if request.method == "POST" and request.args.get("_method") != "GET":
            return self._synced(request)
        asked = request.form if request.method == "POST" else request.args
        values = [value.lower() for value in asked["filterValues"].split(",")]
        fitting = [
            lead for lead in self.leads.values() if str(lead.get(asked["filterType"], "")).lower() in values
        ]
        first = int(asked.get("nextPageToken") or 0)
        size = min(self.page, int(asked.get("batchSize") or MOST_ROWS))
        body: dict[str, Any] = {
            "requestId": "e42b#14272d07d78",
            "result": [_shown(lead, asked.get("fields")) for lead in fitting[first : first + size]],
            "success": True,
        }
        if first + size < len(fitting):
            body["nextPageToken"] = str(first + size)
        return answer(body)

    def _synced(self, request: Request) -> Response:
        """POST without _method=GET is "Sync Leads"."""
        asked = request.get_json(silent=True) or {}
        if asked.get("action") != "updateOnly" or asked.get("lookupField") != "id":
            return trouble("609", "Invalid JSON")
        result: list[dict[str, Any]] = []
        for one in asked["input"]:
            if one["id"] in self.leads:
                self.leads[one["id"]] |= one
                result.append({"id": one["id"], "status": "updated"})
            else:
                result.append(
                    {"status": "skipped", "reasons": [{"code": "1004", "message": "Lead not found"}]}
                )
        return answer({"requestId": "e42b#1", "success": True, "result": result})

    def read(self, request: Request, lead_id: int) -> Response:
        """One lead."""
        if lead_id not in self.leads:
            return trouble("1004", f"Lead '{lead_id}' not found")
        shown = _shown(self.leads[lead_id], request.args.get("fields"))
        return answer({"requestId": "10226#14d3049e51b", "success": True, "result": [shown]})

    def delete(self, request: Request) -> Response:
        """Each lead by itself: deleted or skipped."""
        result: list[dict[str, Any]] = []
        for one in request.get_json()["input"]:
            if self.leads.pop(int(one["id"]), None) is not None:
                result.append({"id": one["id"], "status": "deleted"})
            else:
                reasons = [{"code": "1004", "message": "Lead not found"}]
                result.append({"id": one["id"], "status": "skipped", "reasons": reasons})
        return answer({"requestId": "7f0b#1509", "success": True, "result": result})


def trouble(code: str, message: str) -> Response:
    """An error of the response level."""
    return answer({"requestId": "77bc#14d", "success": False, "errors": [{"code": code, "message": message}]})


def _shown(lead: Mapping[str, Any], fields: str | None) -> dict[str, Any]:
    return {name: lead.get(name) for name in dict.fromkeys(["id", *(fields or FIELDS).split(",")])}
