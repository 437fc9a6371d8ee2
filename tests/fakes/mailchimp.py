"""Mailchimp's Marketing API, as its documentation describes it.

Sources: mailchimp.com/developer, "Marketing API": "Search members", "List members" (the hash is the MD5 of
the lower-case address), "Delete list member" (permanent: can not be imported again) against "Archive list
member", "Errors" (RFC 7807), "Fundamentals" (10 connections, 429).
"""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from werkzeug import Request, Response

from tests.fakes.serving import Fake, Handler, answer

API_KEY = "0123456789abcdef-us1"
MEMBERS = "/3.0/lists/<list_id>/members"
Member = dict[str, Any]


class Mailchimp(Fake):
    """One account with its audiences; `gone` are the addresses that can not come back in."""

    def __init__(self) -> None:
        super().__init__()
        self.audiences: dict[str, dict[str, Member]] = {"a1": {}, "b2": {}}
        self.gone: set[tuple[str, str]] = set()

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """What a connector needs, and what it must not use."""
        return {
            ("GET", "/3.0/search-members"): self.search,
            ("POST", MEMBERS): self.create,
            ("GET", f"{MEMBERS}/<subscriber>"): self.read,
            ("PATCH", f"{MEMBERS}/<subscriber>"): self.update,
            ("DELETE", f"{MEMBERS}/<subscriber>"): self.archive,
            ("POST", f"{MEMBERS}/<subscriber>/actions/delete-permanent"): self.purge,
        }

    def refused(self, request: Request) -> Response | None:
        """Basic authentication with any user, the key as the password."""
        kind, _, pair = request.headers.get("Authorization", "").partition(" ")
        if kind == "Basic" and b64decode(pair).decode().partition(":")[2] == API_KEY:
            return None
        return wrong(
            401,
            "API Key Invalid",
            "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
        )

    def unknown(self, code: int) -> Response:
        """As the Marketing API says it."""
        return wrong(code, "Resource Not Found", "The requested resource could not be found.")

    def add(self, list_id: str, address: str, status: str = "subscribed", **merged: str) -> str:
        """A member; its hash."""
        hashed = hash_of(address)
        self.audiences[list_id][hashed] = {
            "id": hashed,
            "list_id": list_id,
            "email_address": address,
            "full_name": f"{merged.get('FNAME', '')} {merged.get('LNAME', '')}".strip(),
            "status": status,
            "merge_fields": merged,
            "stats": {"avg_open_rate": 0.5, "avg_click_rate": 0.25},
            "ip_signup": "",
            "tags": [],
        }
        return hashed

    def search(self, request: Request) -> Response:
        """Members of all audiences whose address is the query; archived ones are no members."""
        wanted, only = request.args["query"].lower(), request.args.get("list_id")
        exact = [
            member
            for list_id, members in self.audiences.items()
            for member in members.values()
            if only in {None, list_id}
            and member["email_address"].lower() == wanted
            and member["status"] != "archived"
        ]
        near = {"members": [], "total_items": 0}
        return answer({"exact_matches": {"members": exact, "total_items": len(exact)}, "full_search": near})

    def create(self, request: Request, list_id: str) -> Response:
        """Adds a member, but none that was deleted for good."""
        asked = request.get_json()
        if (list_id, hash_of(asked["email_address"])) in self.gone:
            return wrong(
                400,
                "Forgotten Email Not Subscribed",
                "The contact was permanently deleted and cannot be re-imported.",
            )
        hashed = self.add(list_id, asked["email_address"], asked["status"], **asked.get("merge_fields", {}))
        return answer(self.audiences[list_id][hashed])

    def read(self, _request: Request, list_id: str, subscriber: str) -> Response:
        """One member, also an archived one."""
        member = self.audiences.get(list_id, {}).get(subscriber)
        return self.unknown(404) if member is None else answer(member)

    def update(self, request: Request, list_id: str, subscriber: str) -> Response:
        """Changes a member; another address is another hash."""
        member = self.audiences.get(list_id, {}).pop(subscriber, None)
        if member is None:
            return self.unknown(404)
        asked = request.get_json()
        member["merge_fields"] |= asked.get("merge_fields", {})
        member["email_address"] = asked.get("email_address", member["email_address"])
        member["id"] = hash_of(member["email_address"])
        self.audiences[list_id][member["id"]] = member
        return answer(member)

    def archive(self, _request: Request, list_id: str, subscriber: str) -> Response:
        """Out of sight, and kept."""
        member = self.audiences.get(list_id, {}).get(subscriber)
        if member is None:
            return self.unknown(404)
        member["status"] = "archived"
        return answer(None, 204)

    def purge(self, _request: Request, list_id: str, subscriber: str) -> Response:
        """For good."""
        if self.audiences.get(list_id, {}).pop(subscriber, None) is None:
            return self.unknown(404)
        self.gone.add((list_id, subscriber))
        return answer(None, 204)


def hash_of(address: str) -> str:
    """The subscriber hash."""
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()


def wrong(status: int, title: str, detail: str) -> Response:
    """A problem document."""
    body = {
        "type": "https://mailchimp.com/developer/marketing/docs/errors/",
        "title": title,
        "status": status,
    }
    response = answer(body | {"detail": detail, "instance": "f1c2"}, status)
    response.content_type = "application/problem+json; charset=utf-8"
    return response
