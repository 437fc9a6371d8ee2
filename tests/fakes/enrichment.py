"""A provider of enrichment and intent data, as such work: look-up by POST, privacy requests that take time.

No vendor's own: the shape is what the description `enrichment` assumes, to be edited for a real one.
"""

from collections.abc import Mapping
from typing import Any

from werkzeug import Request, Response

from tests.fakes.serving import Fake, Handler, answer

KEY = "enrich-key"


class Enrichment(Fake):
    """One provider; `patience` is how often a request is still `processing`, `outcome` how it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.people: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, dict[str, str]] = {}
        self.suppressed: set[str] = set()
        self.patience = 1
        self.outcome = "completed"

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """People, their erasure, and the list of those never to be sold again."""
        return {
            ("POST", "/v1/people/search"): self.search,
            ("GET", "/v1/people/<person_id>"): self.read,
            ("POST", "/v1/privacy/requests"): self.begin,
            ("GET", "/v1/privacy/requests/<request_id>"): self.state,
            ("POST", "/v1/privacy/suppressions"): self.suppress,
        }

    def refused(self, request: Request) -> Response | None:
        """A key in a header of the provider's own."""
        if request.headers.get("X-Api-Key") == KEY:
            return None
        return answer({"error": {"code": "forbidden"}}, 403)

    def add(self, **fields: Any) -> str:
        """A person; their id."""
        person_id = f"p{len(self.people) + 1}"
        self.people[person_id] = {"person_id": person_id, **fields}
        return person_id

    def search(self, request: Request) -> Response:
        """By one address, page by page."""
        asked = request.get_json()
        fitting = [one for one in self.people.values() if asked["email"] in one.get("emails", [])]
        first = int(asked.get("offset", 0))
        page = fitting[first : first + int(asked.get("limit", 2))]
        return answer({"people": page, "count": len(fitting)})

    def read(self, _request: Request, person_id: str) -> Response:
        """One person."""
        person = self.people.get(person_id)
        return answer({"error": {"code": "not_found"}}, 404) if person is None else answer({"person": person})

    def begin(self, request: Request) -> Response:
        """Takes a request on: 202, and a name to ask by."""
        request_id = f"r{len(self.requests) + 1}"
        self.requests[request_id] = {"person": request.get_json()["person_id"], "state": "processing"}
        return answer({"request": {"id": request_id, "status": "processing"}}, 202)

    def state(self, _request: Request, request_id: str) -> Response:
        """How far a request is; it is done after some time."""
        held = self.requests.get(request_id)
        if held is None:
            return answer({"error": {"code": "not_found"}}, 404)
        if self.patience > 0:
            self.patience -= 1
        else:
            held["state"] = self.outcome
            if self.outcome == "completed":
                self.people.pop(held["person"], None)
        return answer({"request": {"id": request_id, "status": held["state"]}})

    def suppress(self, request: Request) -> Response:
        """Keeps a hash, so that the address is never taken in again."""
        self.suppressed.add(request.get_json()["email_sha256"])
        return answer(None, 204)
