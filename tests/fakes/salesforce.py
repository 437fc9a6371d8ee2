"""Salesforce's REST API, as its documentation describes it.

Sources: developer.salesforce.com, "REST API Developer Guide": "Query", "Composite", "Parameterized Search",
"sObject Rows", "Status Codes and Error Responses"; "OAuth 2.0 Client Credentials Flow". Deleted records go to
the Recycle Bin, from where they can be had back for 15 days.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from werkzeug import Request, Response

from tests.fakes.serving import Fake, Handler, answer

CLIENT_ID, CLIENT_SECRET = "3MVG9fake", "fake-secret"
DATA = "/services/data/<version>"
PREFIXES = {"Contact": "003", "Lead": "00Q", "Task": "00T"}
QUERY = re.compile(r"SELECT (?P<fields>[\w, ]+) FROM (?P<object>\w+) WHERE (?P<where>.+)", re.IGNORECASE)
CONDITION = re.compile(r"(\w+) = '((?:[^'\\]|\\.)*)'")
Row = dict[str, Any]


class Salesforce(Fake):
    """One org. `bin` is its Recycle Bin; `token` is the one that it takes now."""

    token_path = "/services/oauth2/token"

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, Row]] = {name: {} for name in PREFIXES}
        self.bin: dict[str, Row] = {}
        self.token = "00Dfake!1"
        self.tokens_given = 0

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """The resources that a connector needs."""
        row = f"{DATA}/sobjects/<kind>/<row_id>"
        return {
            ("POST", self.token_path): self.give_token,
            ("GET", f"{DATA}/query/"): self.query,
            ("POST", f"{DATA}/composite/"): self.composite,
            ("POST", f"{DATA}/parameterizedSearch/"): self.search,
            ("POST", f"{DATA}/sobjects/<kind>/"): self.create,
            ("GET", row): self.read,
            ("PATCH", row): self.update,
            ("DELETE", row): self.delete,
        }

    def refused(self, request: Request) -> Response | None:
        """A live session is needed for all but the token."""
        if request.path == self.token_path:
            return None
        if request.headers.get("Authorization") == f"Bearer {self.token}":
            return None
        return wrong(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def unknown(self, code: int) -> Response:
        """As the REST API says it."""
        return wrong(code, "NOT_FOUND", "The requested resource does not exist")

    def add(self, kind: str, **fields: Any) -> str:
        """A record; its id of 18 characters."""
        row_id = f"{PREFIXES[kind]}Fk{len(self.records[kind]) + len(self.bin) + 1:013d}"
        self.records[kind][row_id] = {"Id": row_id, **fields}
        return row_id

    def give_token(self, request: Request) -> Response:
        """The client credentials flow."""
        asked = request.form
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return answer({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        if asked.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type", "error_description": "not supported"}, 400)
        self.tokens_given += 1
        return answer({"access_token": self.token, "instance_url": self.base, "token_type": "Bearer"})

    def query(self, request: Request, version: str) -> Response:
        """SOQL in the address."""
        return self._selected(request.args["q"], version)

    def composite(self, request: Request, version: str) -> Response:
        """Several requests in one; the answers stand beside each other."""
        done = []
        for one in request.get_json()["compositeRequest"]:
            path, _, query = one["url"].partition("?q=")
            if one["method"] != "GET" or not path.rstrip("/").endswith("/query"):
                return wrong(400, "INVALID_INPUT", "only queries are faked")
            inner = self._selected(unquote_plus(query), version)
            done.append(
                {
                    "body": inner.get_json(),
                    "httpHeaders": {},
                    "httpStatusCode": inner.status_code,
                    "referenceId": one["referenceId"],
                }
            )
        return answer({"compositeResponse": done})

    def search(self, request: Request, version: str) -> Response:
        """Digits anywhere in phone fields, words in the others."""
        asked = request.get_json()
        wanted = re.sub(r"\D", "", asked["q"]) if asked.get("in") == "PHONE" else asked["q"].lower()
        found = []
        for scope in asked["sobjects"]:
            for row in self.records[scope["name"]].values():
                held = [str(value) for name, value in row.items() if "Phone" in name and value]
                if any(re.sub(r"\D", "", one).endswith(wanted) for one in held):
                    found.append(_shown(scope["name"], row, scope["fields"], version))
        return answer({"searchRecords": found})

    def create(self, request: Request, version: str, kind: str) -> Response:
        """Makes a record."""
        del version
        return answer({"id": self.add(kind, **request.get_json()), "success": True, "errors": []}, 201)

    def read(self, request: Request, version: str, kind: str, row_id: str) -> Response:
        """One record, with the fields asked for."""
        if row_id in self.bin:
            return wrong(404, "ENTITY_IS_DELETED", "entity is deleted")
        row = self.records.get(kind, {}).get(row_id)
        if row is None:
            return self.unknown(404)
        fields = request.args.get("fields")
        return answer(_shown(kind, row, fields.split(",") if fields else [*row], version))

    def update(self, request: Request, version: str, kind: str, row_id: str) -> Response:
        """Changes a record, unless it is a lead that became a contact."""
        del version
        row = self.records.get(kind, {}).get(row_id)
        if row is None:
            return self.unknown(404)
        if row.get("IsConverted"):
            return wrong(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        if request.get_json().get("LastName", "x") in {None, ""}:
            return wrong(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]")
        row.update(request.get_json())
        return answer(None, 204)

    def delete(self, _request: Request, version: str, kind: str, row_id: str) -> Response:
        """Into the Recycle Bin, with the activities that hang on nobody else."""
        del version
        if row_id in self.bin:
            return wrong(404, "ENTITY_IS_DELETED", "entity is deleted")
        row = self.records.get(kind, {}).pop(row_id, None)
        if row is None:
            return self.unknown(404)
        self.bin[row_id] = row
        return answer(None, 204)

    def _selected(self, text: str, version: str) -> Response:
        parsed = QUERY.fullmatch(text)
        if parsed is None or parsed["object"] not in self.records:
            return wrong(400, "MALFORMED_QUERY", "unexpected token")
        wanted = [
            (name, re.sub(r"\\(.)", r"\1", value)) for name, value in CONDITION.findall(parsed["where"])
        ]
        rest = CONDITION.sub("", parsed["where"]).replace("OR", "").strip()
        if rest or not wanted:
            return wrong(400, "MALFORMED_QUERY", "unexpected token")
        fields = [name.strip() for name in parsed["fields"].split(",")]
        records = [
            _shown(parsed["object"], row, fields, version)
            for row in self.records[parsed["object"]].values()
            if any(str(row.get(name) or "").lower() == value.lower() for name, value in wanted)
        ]
        return answer({"totalSize": len(records), "done": True, "records": records})


def wrong(status: int, code: str, message: str) -> Response:
    """Errors as Salesforce writes them: a list."""
    return answer([{"message": message, "errorCode": code}], status)


def _shown(kind: str, row: Row, fields: list[str], version: str) -> Row:
    attributes = {"type": kind, "url": f"/services/data/{version}/sobjects/{kind}/{row['Id']}"}
    return {"attributes": attributes} | {name: row.get(name) for name in fields}
