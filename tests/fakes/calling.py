"""A provider that takes an erasure on and calls when it is over, as privacy interfaces do.

Sources: the OpenDSR specification (github.com/opengdpr/OpenDSR, sections 7.1 and 8.5): the asker makes the
id, and `status_callback_urls` are called at each change. That a request which comes again by its id is the
same is what a unique id is for, not the specification's word. OpenDSR signs with a certificate; the signature
here is an HMAC-SHA-256 over time and body, as webhooks mostly have it.
"""

import base64
import hashlib
import hmac
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from werkzeug import Request, Response

from tests.fakes.enrichment import Enrichment
from tests.fakes.serving import Handler, answer
from tests.governance.stores.http.vendors import described

SECRET = "call-me-back"
PATH = "/v1/opendsr_requests"


class Calling(Enrichment):
    """`work` are the requests by the asker's id; nothing happens to them until `finish`."""

    def __init__(self) -> None:
        super().__init__()
        self.work: dict[str, dict[str, Any]] = {}
        self.begun = 0
        self.unsaid = 0
        self.polled = 0
        self.confused = 0

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """Those of the base, and the privacy requests."""
        return {
            **super().routes(),
            ("POST", PATH): self.take_on,
            ("GET", f"{PATH}/<request_id>"): self.status,
        }

    def take_on(self, request: Request) -> Response:
        """201; once more, the same. `unsaid` answers are lost on their way."""
        asked = request.get_json()
        name = asked["subject_request_id"]
        if name not in self.work:
            self.begun += 1
            self.work[name] = {
                "person": asked["person_id"],
                "urls": asked["status_callback_urls"],
                "status": "pending",
            }
        if self.unsaid:
            self.unsaid -= 1
            return answer({"error": {"code": "gateway"}}, 502)
        return answer({"subject_request_id": name, "controller_id": "us"}, 201)

    def status(self, _request: Request, request_id: str) -> Response:
        """How far a request is; `confused` is the status with which it is refused to say."""
        self.polled += 1
        if self.confused:
            return answer({}, self.confused)
        held = self.work.get(request_id)
        if held is None:
            return answer({"error": {"code": "not_found"}}, 404)
        return answer({"subject_request_id": request_id, "request_status": held["status"]})

    def finish(self, status: str = "completed", *, erases: bool = True, secret: str = SECRET) -> list[int]:
        """Carries everything out, calls about each request, and says how it was answered."""
        answered = []
        for name, held in self.work.items():
            held["status"] = status
            if status == "completed" and erases:
                self.people.pop(held["person"], None)
            body = json.dumps({"subject_request_id": name, "request_status": status}).encode()
            answered += [self.call(url, body, secret) for url in held["urls"]]
        return answered

    def call(self, url: str, body: bytes, secret: str = SECRET) -> int:
        """One call over HTTP; the status of its answer."""
        parts, told_at = urlsplit(url), "1757462400"
        digest = hmac.new(secret.encode(), f"{told_at}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "X-Webhook-Timestamp": told_at,
            "X-Webhook-Signature": "v1," + base64.b64encode(digest).decode(),
        }
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            connection.request("POST", parts.path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()


def document(base: str, *, polls: bool = True) -> dict[str, Any]:
    """How the provider at `base` is asked; without `polls` nothing but its call says that work is over."""
    made = described("enrichment", base)
    people = made["http"]["tables"]["people"]
    people["erase"] = [
        {
            "method": "POST",
            "path": PATH,
            "body": {
                "subject_request_id": "{ours}",
                "subject_request_type": "erasure",
                "status_callback_urls": ["{callback}"],
                "person_id": "{row.person_id}",
            },
            "ok": [201],
        }
    ]
    signature = {
        "header": "X-Webhook-Signature",
        "secret": "env:LEADWARDEN_STORE_SIGNATURE",
        "text": "{header.X-Webhook-Timestamp}.{body}",
        "encoding": "base64",
        "prefix": "v1,",
    }
    people["job"] = {
        "done": ["completed"],
        "failed": ["cancelled"],
        "within": 3600,
        "callback": {"state": "request_status", "signature": signature},
    }
    if polls:
        people["job"] |= {
            "id": "subject_request_id",
            "poll": {"path": f"{PATH}/{{job}}"},
            "state": "request_status",
            "every": 600,
        }
    return made
