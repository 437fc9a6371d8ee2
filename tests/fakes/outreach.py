"""Outreach's API, as its documentation describes it: JSON:API 1.0 with prospects.

Sources: developers.outreach.io, "Making requests" (the media type is required, else 415; 50 a page;
links.next), "OAuth", "Error responses", "Rate limiting" (429 with Retry-After).
"""

import json
from collections.abc import Mapping
from typing import Any

from werkzeug import Request, Response

from tests.fakes.serving import Fake, Handler, answer

MEDIA = "application/vnd.api+json"
CLIENT_ID, CLIENT_SECRET, REFRESH = "outreach-client", "outreach-secret", "outreach-refresh"


class Outreach(Fake):
    """One organisation; `page` is how many prospects a page has here."""

    token_path = "/oauth/token"

    def __init__(self) -> None:
        super().__init__()
        self.prospects: dict[int, dict[str, Any]] = {}
        self.token = "outreach-token-1"
        self.page = 50
        self.heeds_filters = True

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """Tokens and prospects."""
        return {
            ("POST", self.token_path): self.give_token,
            ("GET", "/api/v2/prospects"): self.list_,
            ("GET", "/api/v2/prospects/<int:prospect_id>"): self.read,
            ("PATCH", "/api/v2/prospects/<int:prospect_id>"): self.update,
            ("DELETE", "/api/v2/prospects/<int:prospect_id>"): self.delete,
        }

    def refused(self, request: Request) -> Response | None:
        """The token, then the media type."""
        if request.path == self.token_path:
            return None
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return wrong(401, "unauthorizedRequest", "Unauthorized Request")
        if request.headers.get("Content-Type") != MEDIA:
            return wrong(415, "unsupportedMediaType", "Unsupported Media Type")
        return None

    def unknown(self, code: int) -> Response:
        """As JSON:API says it."""
        return wrong(code, "resourceNotFound", "Resource Not Found")

    def add(self, **attributes: Any) -> int:
        """A prospect; its id."""
        prospect_id = 1 + len(self.prospects)
        self.prospects[prospect_id] = attributes
        return prospect_id

    def give_token(self, request: Request) -> Response:
        """A refresh token is turned into an access token."""
        asked = request.form
        if (asked.get("grant_type"), asked.get("refresh_token")) != ("refresh_token", REFRESH):
            return answer({"error": "invalid_grant"}, 400)
        body = {
            "access_token": self.token,
            "token_type": "Bearer",
            "expires_in": 7200,
            "refresh_token": REFRESH,
        }
        return answer(body)

    def list_(self, request: Request) -> Response:
        """Prospects, filtered by an address where asked."""
        wanted = request.args.get("filter[emails]", "").lower()
        fitting = [
            key
            for key, held in self.prospects.items()
            if not wanted
            or not self.heeds_filters
            or wanted in [one.lower() for one in held.get("emails", [])]
        ]
        first = int(request.args.get("page[after]", 0))
        size = min(self.page, int(request.args.get("page[size]", 50)))
        body: dict[str, Any] = {"data": [self._shown(key) for key in fitting[first : first + size]]}
        if first + size < len(fitting):
            kept = f"filter%5Bemails%5D={wanted}&page%5Bafter%5D={first + size}"
            body["links"] = {"next": f"{self.base}/api/v2/prospects?{kept}"}
        return typed(body)

    def read(self, _request: Request, prospect_id: int) -> Response:
        """One prospect."""
        if prospect_id not in self.prospects:
            return self.unknown(404)
        return typed({"data": self._shown(prospect_id)})

    def update(self, request: Request, prospect_id: int) -> Response:
        """Changes attributes; the resource names itself, as JSON:API wants it."""
        sent = json.loads(request.get_data())["data"]
        if (sent.get("type"), sent.get("id")) != ("prospect", prospect_id):
            return wrong(409, "conflict", "Type or id do not match")
        self.prospects[prospect_id] |= sent["attributes"]
        return typed({"data": self._shown(prospect_id)})

    def delete(self, _request: Request, prospect_id: int) -> Response:
        """For good."""
        if self.prospects.pop(prospect_id, None) is None:
            return self.unknown(404)
        return typed(None, 204)

    def _shown(self, prospect_id: int) -> dict[str, Any]:
        return {"type": "prospect", "id": prospect_id, "attributes": self.prospects[prospect_id]}


def typed(body: Any, status: int = 200, **headers: str) -> Response:
    """An answer of the media type."""
    response = answer(body, status, **headers)
    response.content_type = MEDIA
    return response


def wrong(status: int, code: str, title: str, **headers: str) -> Response:
    """Errors as JSON:API writes them."""
    return typed({"errors": [{"id": code, "title": title, "detail": title}]}, status, **headers)
