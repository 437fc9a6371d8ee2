"""The whole life of privacy requests, over HTTP, with a real CRM behind them."""

import base64
import csv
import hashlib
import io
import json
import uuid
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient

from api.app import create_app
from api.background import request_steps, sequencer
from api.context import Service
from api.demo import crm
from api.demo.crm import Built
from api.settings import Settings
from audit.merkle import leaf_hash
from audit.proof import Proof
from tests.conftest import Clock, KeyOf
from tests.governance.requests.desk import a_known_lead

OFFICER = ("requests:create", "requests:read", "requests:review", "stores:manage", "decisions:create")


@pytest.fixture
def crm_path(tmp_path: Path) -> Path:
    """Where the CRM lies."""
    return tmp_path / "crm.db"


@pytest.fixture(autouse=True)
def built(crm_path: Path) -> Built:
    """A CRM of sixty made-up people, and one of them."""
    return crm.build(crm_path, leads=60)


@pytest.fixture
def service(service: Service, crm_path: Path) -> Service:
    """A service that knows where the CRM is."""
    secrets = {"LEADWARDEN_STORE_CRM": f"sqlite:///{crm_path}"}
    return replace(service, settings=replace(service.settings, store_secrets=secrets))


@pytest.fixture
def client(service: Service) -> FlaskClient:
    """A client of that service."""
    return create_app(service).test_client()


@pytest.fixture
def officer(client: FlaskClient, key_of: KeyOf) -> dict[str, str]:
    """A compliance officer's key, who has put the CRM's mapping."""
    headers = key_of(*OFFICER)
    document = yaml.safe_load(crm.MAPPING.read_text("utf-8"))
    assert client.put("/v1/stores/crm", json=document, headers=headers).status_code == 201
    return headers


class Desk:
    """What an officer does, one call at a time."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    def ask(self, email: str, kind: str = "erasure", **more: Any) -> dict[str, Any]:
        """A new request."""
        body = {"type": kind, "identities": [{"email": email}], **more}
        answer = self.client.post("/v1/privacy-requests", json=body, headers=self.headers)
        assert answer.status_code == 201, answer.json
        return dict(answer.json or {})

    def call(self, request_id: str, call: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
        """A sub-resource, which answers `status`."""
        path = f"/v1/privacy-requests/{request_id}/{call}"
        answer = self.client.post(path, json=body or {}, headers=self.headers)
        assert answer.status_code == status, answer.json
        return answer.json

    def show(self, request_id: str) -> Any:
        """The request."""
        return self.client.get(f"/v1/privacy-requests/{request_id}", headers=self.headers).json

    def approve(self, email: str, kind: str = "erasure") -> str:
        """The id of a request that was verified and approved."""
        request_id = str(self.ask(email, kind)["id"])
        self.call(request_id, "verify", {"method": "code", "result": "verified"})
        self.call(request_id, "approve")
        return request_id


@pytest.fixture
def desk(client: FlaskClient, officer: dict[str, str]) -> Desk:
    """An officer at work."""
    return Desk(client, officer)


def test_an_erasure_from_request_to_certificate(
    service: Service, desk: Desk, client: FlaskClient, built: Built, crm_path: Path
) -> None:
    """Created, verified, approved, carried out in a real CRM, read back, shredded, certified, proved."""
    a_known_lead(service, built.email, country="DE", profile={"first_name": built.first_name})
    created = desk.ask(built.email)
    assert (created["status"], created["regime"], created["steps"]) == ("awaiting_verification", "gdpr", [])
    request_id = created["id"]
    verified = desk.call(request_id, "verify", {"method": "document_seen", "result": "verified"})
    assert verified["status"] == "awaiting_review"
    approved = desk.call(request_id, "approve")
    assert [(step["store"], step["status"]) for step in approved["steps"]] == [
        ("crm", "queued"),
        ("leadwarden", "queued"),
    ]

    request_steps.step(service, service.clock())

    done = desk.show(request_id)
    assert done["status"] == "completed"
    for step in done["steps"]:
        assert step["found"] > 0
        assert (step["changed"], step["remaining"]) == (step["found"], 0)
    assert crm.count_mentions(crm_path, (built.email, built.phone)) == 0
    sequencer.step(service, service.clock())
    path = f"/v1/privacy-requests/{request_id}/certificate"
    certificate = client.get(path, headers=desk.headers).json
    assert certificate is not None
    assert (certificate["status"], certificate["exemptions"]) == ("completed", [])
    assert certificate["look_back_until"] > certificate["completed_at"]
    _check_signature(service, certificate)
    _check_proofs(service, certificate)


def _check_signature(service: Service, certificate: dict[str, Any]) -> None:
    """The JWS is the service's, over what the certificate says."""
    header, payload, signature = certificate["jws"].split(".")
    public = _decoded(service.receipt_signer.public_jwk()["x"])
    Ed25519PublicKey.from_public_bytes(public).verify(_decoded(signature), f"{header}.{payload}".encode())
    assert json.loads(_decoded(payload))["steps"] == certificate["steps"]


def _check_proofs(service: Service, certificate: dict[str, Any]) -> None:
    """Every entry that the certificate names is in the signed tree, with the leaf hash that it names."""
    named = {entry["entry_id"]: entry["leaf_hash"] for entry in certificate["entries"]}
    assert set(named) == {proof["entry_id"] for proof in certificate["proofs"]}
    for each in certificate["proofs"]:
        proof = Proof.parse(each["tlog_proof"])
        proof.verify([service.log_signer.key])
        assert leaf_hash(proof.entry).hex() == named[each["entry_id"]]


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_nobody_is_contacted_between_approval_and_erasure_nor_after(
    service: Service, desk: Desk, client: FlaskClient, built: Built
) -> None:
    """Restricted at once; afterwards the suppression answers, and the person is not taken in again."""
    a_known_lead(service, built.email, country="DE")
    question = {"lead": {"email": built.email}, "channel": "email", "purpose": "direct_marketing"}
    request_id = desk.approve(built.email)

    before = client.post("/v1/decisions", json=question, headers=desk.headers).json
    request_steps.step(service, service.clock())
    after = client.post("/v1/decisions", json=question, headers=desk.headers).json

    assert desk.show(request_id)["status"] == "completed"
    assert before is not None
    assert after is not None
    assert before["effect"] == after["effect"] == "deny"
    assert after["reasons"][0] == "SUPPRESSED_AFTER_ERASURE"
    assert "lead_id" not in after


def test_after_an_erasure_no_database_holds_a_word_of_the_person(
    service: Service, desk: Desk, built: Built, settings: Settings
) -> None:
    """Main database, key store and their write-ahead files, raw, UTF-16, base64, hex or hashed."""
    a_known_lead(service, built.email, profile={"first_name": built.first_name, "name": built.last_name})
    desk.ask("someone.else@example.com", "access", note=f"calls herself {built.last_name}")
    desk.approve(built.email)
    request_steps.step(service, service.clock())

    kept = b"".join(path.read_bytes() for path in sorted(settings.home.rglob("*")) if path.is_file())
    for word in (built.email, built.last_name, "someone.else@example.com"):
        for form in _forms(word):
            assert form not in kept


def _forms(word: str) -> list[bytes]:
    raw = word.encode()
    return [
        raw,
        word.encode("utf-16-le"),
        base64.b64encode(raw).rstrip(b"=")[:-1],
        raw.hex().encode(),
        hashlib.sha256(raw).digest(),
        hashlib.sha256(raw).hexdigest().encode(),
    ]


def test_an_access_request_ends_in_a_package(
    service: Service, desk: Desk, client: FlaskClient, key_of: KeyOf, built: Built
) -> None:
    """To read, for machines, a table a store, and what Article 15 asks to be told."""
    a_known_lead(service, built.email, profile={"nickname": "<b>Bo</b>"})
    request_id = desk.approve(built.email, "access")
    path = f"/v1/privacy-requests/{request_id}/package"
    exporter = key_of("requests:export")
    assert client.get(path, headers=exporter).status_code == 404

    request_steps.step(service, service.clock())

    assert desk.show(request_id)["status"] == "completed"
    assert client.get(path, headers=desk.headers).status_code == 403
    answer = client.get(path, headers=exporter)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert sorted(files) == ["article-15.json", "crm.csv", "data.json", "index.html", "leadwarden.csv"]
    data = json.loads(files["data.json"])["stores"]
    assert {row["table"] for row in data["crm"]} >= {"contacts", "contact_points", "notes"}
    assert built.email in files["index.html"]
    assert "&lt;b&gt;Bo" in files["index.html"]
    assert "<b>Bo" not in files["index.html"]
    values = [line["value"] for line in csv.DictReader(io.StringIO(files["crm.csv"]))]
    assert built.last_name in values
    about = json.loads(files["article-15.json"])
    assert about["recipients"] == [
        {"store": "crm", "name": "Example CRM Ltd", "role": "processor", "country": "DE"}
    ]
    assert about["source"][0]["kind"] == "event"


def test_an_access_request_changes_nothing(
    service: Service, desk: Desk, built: Built, crm_path: Path
) -> None:
    """Reading is not erasing."""
    before = crm_path.read_bytes()
    request_id = desk.approve(built.email, "access")
    request_steps.step(service, service.clock())

    assert desk.show(request_id)["status"] == "completed"
    assert crm_path.read_bytes() == before


def test_a_package_is_told_to_the_trail_before_it_is_opened(
    service: Service, desk: Desk, client: FlaskClient, key_of: KeyOf, built: Built
) -> None:
    """Each fetch is an entry."""
    request_id = desk.approve(built.email, "access")
    request_steps.step(service, service.clock())
    exporter = key_of("requests:export")
    for _ in range(2):
        client.get(f"/v1/privacy-requests/{request_id}/package", headers=exporter)

    sequencer.step(service, service.clock())
    auditor = key_of("audit:read")
    found = client.get("/v1/audit/entries?action=request.package_opened", headers=auditor).json
    assert found is not None
    assert len(found["items"]) == 2


def test_a_portable_copy_leaves_out_what_was_inferred(
    service: Service, desk: Desk, client: FlaskClient, key_of: KeyOf, built: Built
) -> None:
    """The lead score is the controller's opinion, not what the person provided."""
    a_known_lead(service, built.email)
    request_id = desk.approve(built.email, "portability")
    request_steps.step(service, service.clock())

    answer = client.get(f"/v1/privacy-requests/{request_id}/package", headers=key_of("requests:export"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        data = json.loads(archive.read("data.json"))["stores"]
    [contact] = [row for row in data["crm"] if row["table"] == "contacts"]
    assert contact["columns"]["email"] == built.email
    assert "lead_score" not in contact["columns"]


@pytest.mark.parametrize("kind", ["objection", "opt_out_sale_sharing", "limit_sensitive", "complaint"])
def test_an_objection_waits_for_review_alone(desk: Desk, kind: str) -> None:
    """It asks for no data and needs no proof."""
    assert desk.ask("bo@example.com", kind)["status"] == "awaiting_review"


def test_an_objection_takes_effect_at_once(service: Service, desk: Desk, client: FlaskClient) -> None:
    """The very next decision sees it, before anybody reviewed it, for known and unknown people."""
    a_known_lead(service, "bo@example.com", country="DE")
    for email in ("bo@example.com", "nobody@example.org"):
        desk.ask(email, "objection")
        question = {"lead": {"email": email}, "channel": "email", "purpose": "direct_marketing"}
        answer = client.post("/v1/decisions", json=question, headers=desk.headers).json
        assert answer is not None
        assert (answer["effect"], answer["reasons"][0]) == ("deny", "OBJECTION_DIRECT_MARKETING")


def test_an_approved_objection_is_completed(service: Service, desk: Desk) -> None:
    """Review closes it; there is nothing left to do."""
    request_id = desk.ask("bo@example.com", "objection")["id"]
    desk.call(request_id, "approve")
    request_steps.step(service, service.clock())

    assert desk.show(request_id)["status"] == "completed"


def test_a_restriction_is_in_force_on_approval_and_waits_for_the_stores(
    service: Service, desk: Desk, client: FlaskClient, built: Built
) -> None:
    """Here it is automatic; a CRM without a column for it needs a person."""
    a_known_lead(service, built.email, country="DE")
    request_id = desk.approve(built.email, "restriction")
    question = {"lead": {"email": built.email}, "channel": "email", "purpose": "direct_marketing"}
    answer = client.post("/v1/decisions", json=question, headers=desk.headers).json
    assert answer is not None
    assert answer["reasons"][0] == "PROCESSING_RESTRICTED"
    request_steps.step(service, service.clock())
    assert desk.show(request_id)["status"] == "needs_attention"

    desk.call(request_id, "steps/crm/complete")
    request_steps.step(service, service.clock())

    assert desk.show(request_id)["status"] == "completed"


def test_the_third_failed_verification_refuses(desk: Desk) -> None:
    """Attempts are limited, and the reason is named."""
    request_id = desk.ask("bo@example.com")["id"]
    failed = {"method": "code", "result": "failed"}
    statuses = [desk.call(request_id, "verify", failed)["status"] for _ in range(3)]

    assert statuses == ["awaiting_verification", "awaiting_verification", "refused"]
    assert desk.show(request_id)["reason"] == "identity_not_verified"
    desk.call(request_id, "verify", failed, status=409)


def test_review_is_never_skipped(desk: Desk) -> None:
    """Neither approval before verification nor a retry of what was refused."""
    request_id = desk.ask("bo@example.com")["id"]
    desk.call(request_id, "approve", status=409)
    desk.call(request_id, "refuse", {"ground": "excessive", "explanation": "again"})
    desk.call(request_id, "retry", status=409)
    desk.call(request_id, "steps/crm/complete", status=409)

    assert desk.show(request_id)["status"] == "refused"


def test_a_request_has_the_id_that_its_caller_minted(desk: Desk, client: FlaskClient) -> None:
    """And no other request gets it."""
    minted = str(uuid.uuid4())
    assert desk.ask("bo@example.com", id=minted)["id"] == minted
    body = {"id": minted, "type": "access", "identities": [{"email": "bo@example.com"}]}
    answer = client.post("/v1/privacy-requests", json=body, headers=desk.headers)
    assert (answer.status_code, (answer.json or {})["code"]) == (409, "request_exists")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "erasure"}, "identities"),
        ({"type": "magic", "identities": [{"email": "a@example.com"}]}, "type"),
        ({"type": "erasure", "identities": []}, "identities"),
        ({"type": "erasure", "identities": [{"email": "a@example.com"}], "regime": "x"}, "regime"),
        ({"type": "erasure", "identities": [{"email": "a@example.com"}], "time_zone": "Mars"}, "time_zone"),
        (
            {
                "type": "erasure",
                "identities": [{"email": "a@example.com"}],
                "received_at": "2027-01-01T00:00:00Z",
            },
            "received_at",
        ),
    ],
)
def test_a_body_that_is_not_as_described_names_the_field(
    client: FlaskClient, officer: dict[str, str], body: dict[str, Any], field: str
) -> None:
    """And says nothing of the person."""
    answer = client.post("/v1/privacy-requests", json=body, headers=officer)

    assert answer.status_code == 422
    assert field in (answer.json or {})["errors"]
    assert b"a@example.com" not in answer.data


def test_an_identity_that_is_none_is_refused(client: FlaskClient, officer: dict[str, str]) -> None:
    """A line break in an address is no address; the problem does not repeat it."""
    body = {"type": "erasure", "identities": [{"email": "anna\n@example.com"}]}
    answer = client.post("/v1/privacy-requests", json=body, headers=officer)

    assert answer.status_code == 422
    assert b"anna" not in answer.data


def test_unknown_requests_stores_and_holds_are_404(desk: Desk, client: FlaskClient) -> None:
    """Whatever is asked of them."""
    desk.call(str(uuid.uuid4()), "approve", status=404)
    request_id = desk.ask("bo@example.com")["id"]
    answer = client.get(f"/v1/privacy-requests/{request_id}/certificate", headers=desk.headers)
    assert answer.status_code == 404
    assert client.delete("/v1/legal-holds/none", headers=desk.headers).status_code == 404


def test_requests_are_listed_newest_first_by_pages(desk: Desk, clock: Clock, client: FlaskClient) -> None:
    """Each once, also across pages, and by status."""
    ids = []
    for number in range(5):
        ids.append(desk.ask(f"p{number}@example.com")["id"])
        clock.now += timedelta(seconds=number % 2)
    desk.call(ids[0], "cancel")
    seen: list[str] = []
    cursor = ""
    while True:
        answer = client.get(f"/v1/privacy-requests?limit=2{cursor}", headers=desk.headers).json
        assert answer is not None
        seen += [each["id"] for each in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert sorted(seen) == sorted(ids)
    assert seen[-1] in ids[:2]  # received in the same moment
    answer = client.get("/v1/privacy-requests?status=cancelled", headers=desk.headers).json
    assert answer is not None
    assert [each["id"] for each in answer["items"]] == [ids[0]]


def test_a_hold_on_the_lead_keeps_everything_and_is_named(
    service: Service, desk: Desk, client: FlaskClient, built: Built, crm_path: Path
) -> None:
    """Exempt, not erased, not blurred; and after it is lifted a new request erases."""
    a_known_lead(service, built.email)
    body = {"lead": {"email": built.email}, "reason": "claim 17/26"}
    placed = client.put("/v1/legal-holds/claim-17", json=body, headers=desk.headers)
    assert placed.status_code == 201
    request_id = desk.approve(built.email)
    request_steps.step(service, service.clock())

    held = desk.show(request_id)
    assert held["status"] == "completed_with_exemptions"
    assert {step["status"] for step in held["steps"]} == {"exempt"}
    assert {step["reason"] for step in held["steps"]} == {"legal_hold:claim-17"}
    assert crm.count_mentions(crm_path, (built.email,)) > 0

    assert client.delete("/v1/legal-holds/claim-17", headers=desk.headers).status_code == 200
    again = desk.approve(built.email)
    request_steps.step(service, service.clock())
    assert desk.show(again)["status"] == "completed"
    assert crm.count_mentions(crm_path, (built.email,)) == 0


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, "exempt"),
        ({"table": "contacts"}, "exempt"),
        ({"table": "contacts", "key": [999_999]}, "succeeded"),
        ({"email": "other@example.com"}, "succeeded"),
    ],
)
def test_a_hold_on_a_store_keeps_what_its_query_names(
    service: Service, desk: Desk, built: Built, query: dict[str, Any], status: str
) -> None:
    """The whole store, a table, a row, or a person."""
    body = {"store": "crm", "query": query, "reason": "audit"}
    placed = desk.client.put("/v1/legal-holds/audit", json=body, headers=desk.headers)
    assert placed.status_code == 201
    request_id = desk.approve(built.email)
    request_steps.step(service, service.clock())

    assert desk.show(request_id)["steps"][0]["status"] == status


def test_the_same_call_twice_makes_one_request(client: FlaskClient, officer: dict[str, str]) -> None:
    """An idempotency key replays the answer."""
    body = {"type": "access", "identities": [{"email": "bo@example.com"}]}
    headers = {**officer, "Idempotency-Key": "k1"}
    first = client.post("/v1/privacy-requests", json=body, headers=headers).json
    again = client.post("/v1/privacy-requests", json=body, headers=headers).json

    assert first == again


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("requests:read", "POST", ""),
        ("requests:create", "GET", ""),
        ("requests:read", "POST", "/x/approve"),
        ("requests:review", "GET", "/x/package"),
        ("requests:export", "GET", "/x/certificate"),
    ],
)
def test_each_call_needs_its_own_scope(
    client: FlaskClient, key_of: KeyOf, scope: str, method: str, path: str
) -> None:
    """A neighbour's scope is not enough."""
    answer = client.open(f"/v1/privacy-requests{path}", method=method, json={}, headers=key_of(scope))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "received_at", ["0001-01-01T00:00:00-14:00", "1800-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00"]
)
def test_a_receipt_from_which_no_clock_can_be_counted_is_422(
    client: FlaskClient, officer: dict[str, str], received_at: str
) -> None:
    """Too long ago, or still to come."""
    body = {"type": "erasure", "identities": [{"email": "a@example.com"}], "received_at": received_at}
    answer = client.post("/v1/privacy-requests", json=body, headers=officer)

    assert answer.status_code == 422
    assert "received_at" in (answer.json or {})["errors"]
