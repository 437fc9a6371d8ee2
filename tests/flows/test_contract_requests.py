"""The contract of privacy requests: the table of states, the clocks, the steps, what is handed out."""

import csv
import io
import json
import uuid
import zipfile
from typing import Any

import pytest

from tests.flows.clients import ahead, lead_of, problem, wait_for
from tests.flows.living import Living, Reply
from tests.flows.people import consent_of, line, question_of, request_of

TYPES = (
    *("access", "erasure", "rectification", "restriction", "objection", "portability"),
    *("opt_out_sale_sharing", "limit_sensitive", "complaint"),
)
AT_ONCE = {"objection", "opt_out_sale_sharing", "limit_sensitive", "complaint"}
RESOURCE = {"id", "type", "regime", "status", "received_at", "deadlines", "steps"}
STEP = {"store", "action", "status", "found", "changed", "remaining", "attempts"}
GROUNDS = (
    *("identity_not_verified", "manifestly_unfounded", "excessive", "legal_claims"),
    *("legal_obligation", "outside_jurisdiction", "no_match", "suspected_fraud", "other"),
)
VERIFIED = {"method": "code", "result": "verified"}
FAILED = {"method": "code", "result": "failed"}
REFUSAL = {"ground": "excessive", "explanation": "asked daily"}
UNKNOWN = "/v1/privacy-requests/0b8c0f5e-5b0e-4a52-9c0d-0d3f3a1f7e55"


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_taken(contracted: Living, kind: str) -> None:
    """201, the resource, and the state in which the type begins."""
    reply = contracted.call("POST", "/v1/privacy-requests", request_of(f"{kind}@types.example", type=kind))

    assert reply.status == 201
    assert set(reply.body) >= RESOURCE
    assert reply.body["status"] == ("awaiting_review" if kind in AT_ONCE else "awaiting_verification")
    assert {"respond_by", "safe_by"} <= set(reply.body["deadlines"])
    shown = contracted.ask("GET", f"/v1/privacy-requests/{reply.body['id']}")
    assert shown == {name: reply.body[name] for name in shown}


@pytest.mark.parametrize("regime", ["gdpr", "uk_gdpr", "ccpa", "us_state", "casl", "lgpd"])
def test_every_regime_is_taken(contracted: Living, regime: str) -> None:
    """And has its clocks; California acknowledges."""
    body = request_of(f"{regime}@regimes.example", regime=regime, type="access")

    answer = contracted.ask("POST", "/v1/privacy-requests", body)
    assert answer["regime"] == regime
    assert ("acknowledge_by" in answer["deadlines"]) == (regime == "ccpa")
    if regime in {"gdpr", "uk_gdpr"}:
        assert "extension_notice_by" in answer["deadlines"]


@pytest.mark.parametrize(
    ("place", "regime"),
    [
        ({"country": "DE"}, "gdpr"),
        ({"country": "GB"}, "uk_gdpr"),
        ({"country": "US", "region": "US-CA"}, "ccpa"),
        ({"country": "US", "region": "US-VA"}, "us_state"),
        ({"country": "CA"}, "casl"),
        ({"country": "BR"}, "lgpd"),
        ({"country": "JP"}, "gdpr"),
        (None, "gdpr"),
    ],
)
def test_the_regime_is_derived_from_the_lead(
    contracted: Living, place: dict[str, str] | None, regime: str
) -> None:
    """From country and region; an unknown person is asked about under the GDPR."""
    email = f"{uuid.uuid4().hex}@derived.example"
    if place is not None:
        lead_of(contracted, email, **place)

    assert contracted.ask("POST", "/v1/privacy-requests", request_of(email))["regime"] == regime


def test_every_field_is_taken_and_the_caller_may_mint_the_id(contracted: Living) -> None:
    """The same id again does not make a second request."""
    minted = str(uuid.uuid4())
    body = request_of(
        "minted@firm.example",
        id=minted,
        regime="gdpr",
        type="access",
        received_at="2026-11-02T10:00:00+01:00",
        time_zone="Europe/Berlin",
        submitted_by="authorised_agent",
        note="by letter",
    )
    body["identities"].append({"phone": "+4915123450099"})
    reply = contracted.call("POST", "/v1/privacy-requests", body)

    assert (reply.status, reply.body["id"]) == (201, minted)
    assert reply.body["deadlines"]["respond_by"] == "2026-12-02"
    assert reply.body["received_at"].startswith("2026-11-02T")
    again = contracted.call("POST", "/v1/privacy-requests", body)
    assert again.status in {200, 201, 409}
    ids = [each["id"] for each in contracted.ask("GET", "/v1/privacy-requests?limit=500")["items"]]
    assert ids.count(minted) == 1
    assert b"by letter" not in reply.raw


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "oblivion"},
        {"regime": "hipaa"},
        {"identities": []},
        {"identities": [{"email": "a@b.example", "phone": "+4930901820"}]},
        {"id": "7"},
        {"time_zone": "Mars"},
        {"submitted_by": "neighbour"},
        {"received_at": "2026-11-02"},
        {"received_at": ahead(days=2)},
    ],
)
def test_wrong_requests_are_422(contracted: Living, wrong: dict[str, Any]) -> None:
    """Closed sets, references of one key, moments with an offset that are not to come."""
    problem(contracted.call("POST", "/v1/privacy-requests", request_of("w@firm.example", **wrong)), 422)


def test_the_third_failed_verification_refuses(contracted: Living) -> None:
    """The first two leave it where it is."""
    path = _asked(contracted, "thrice@firm.example")

    states = [_do(contracted, path, "verify", FAILED).body["status"] for _ in range(3)]
    assert states == ["awaiting_verification", "awaiting_verification", "refused"]
    assert contracted.ask("GET", path)["reason"]
    problem(_do(contracted, path, "verify", VERIFIED), 409)


@pytest.mark.parametrize("method", ["code", "login", "document_seen", "agent_permission", "known_channel"])
def test_every_method_verifies(contracted: Living, method: str) -> None:
    """Then a reviewer looks at it."""
    path = _asked(contracted, f"{method}@verify.example")
    verified = _do(contracted, path, "verify", {"method": method, "result": "verified"})

    assert (verified.status, verified.body["status"]) == (200, "awaiting_review")


def test_what_a_state_does_not_allow_is_409(contracted: Living) -> None:
    """No approval before verification, nothing but reading after the end."""
    path = _asked(contracted, "illegal@firm.example")
    for call, body in (("approve", {}), ("retry", {}), ("resume", {"reason": "identity"})):
        problem(_do(contracted, path, call, body), 409)
    problem(_do(contracted, path, "steps/leadwarden/complete", {}), 409)
    _do(contracted, path, "verify", VERIFIED)
    problem(_do(contracted, path, "verify", VERIFIED), 409)
    assert _do(contracted, path, "cancel", {}).body["status"] == "cancelled"
    for call, body in (
        ("verify", VERIFIED),
        ("approve", {}),
        ("refuse", REFUSAL),
        ("cancel", {}),
        ("pause", {"reason": "identity"}),
        ("extend", {"reason": "many"}),
        ("retry", {}),
    ):
        problem(_do(contracted, path, call, body), 409)
    problem(contracted.call("GET", f"{path}/certificate"), 404)


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_ground_refuses(contracted: Living, ground: str) -> None:
    """From a closed list, with an explanation that is not repeated."""
    path = _asked(contracted, f"{ground}@refused.example")
    reply = _do(contracted, path, "refuse", {"ground": ground, "explanation": "so said Ottilie"})

    assert (reply.body["status"], reply.body["reason"]) == ("refused", ground)
    assert b"Ottilie" not in reply.raw


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("verify", {"method": "hunch", "result": "verified"}),
        ("verify", {"method": "code", "result": "maybe"}),
        ("verify", {}),
        ("refuse", {"ground": "mood", "explanation": "x"}),
        ("refuse", {"ground": "other"}),
        ("extend", {}),
        ("pause", {"reason": "holiday"}),
        ("resume", {"reason": "holiday"}),
        ("approve", {"surplus": 1}),
        ("cancel", {"surplus": 1}),
        ("steps/crm/decide", {"candidates": [{"id": "x"}]}),
    ],
)
def test_wrong_bodies_are_422(contracted: Living, call: str, wrong: dict[str, Any]) -> None:
    """Each sub-resource has its fields; an unknown request is 404."""
    path = _asked(contracted, "bodies@firm.example")

    problem(_do(contracted, path, call, wrong), 422)
    sound = {
        "verify": VERIFIED,
        "refuse": REFUSAL,
        "extend": {"reason": "x"},
        "pause": {"reason": "identity"},
    }
    if call in sound:
        problem(_do(contracted, UNKNOWN, call, sound[call]), 404)


def test_pauses_and_extensions_move_the_clocks_only(contracted: Living) -> None:
    """The state stays; an extension adds two months, once."""
    path = _asked(contracted, "clocks@firm.example", received_at="2026-11-02T10:00:00+01:00", regime="gdpr")
    before = contracted.ask("GET", path)
    paused = _do(contracted, path, "pause", {"reason": "identity"})
    assert (paused.status, paused.body["status"]) == (200, before["status"])
    problem(_do(contracted, path, "pause", {"reason": "identity"}), 409)
    assert _do(contracted, path, "resume", {"reason": "identity"}).body["status"] == before["status"]
    extended = _do(contracted, path, "extend", {"reason": "many systems"}).body
    assert extended["status"] == before["status"]
    assert extended["deadlines"]["respond_by"][:7] == "2027-02"
    problem(_do(contracted, path, "extend", {"reason": "again"}), 409)


def test_an_objection_takes_effect_at_once(contracted: Living) -> None:
    """Before any review."""
    for kind, question in (("objection", {}), ("opt_out_sale_sharing", {"purpose": "sharing"})):
        email = f"{kind}@atonce.example"
        lead_of(contracted, email)
        contracted.ask("POST", "/v1/consents", consent_of(email, purposes=["direct_marketing", "sharing"]))
        contracted.ask("POST", "/v1/privacy-requests", request_of(email, type=kind))
        answer = contracted.ask("POST", "/v1/decisions", question_of(email) | question)
        assert answer["effect"] == "deny"
        assert answer["reasons"][0] in {"OBJECTION_DIRECT_MARKETING", "SALE_SHARING_OPT_OUT"}


def test_an_access_request_ends_with_a_package(contracted: Living) -> None:
    """A zip: a page to read, data for machines, a CSV a store, the answer under article 15."""
    email = "package@firm.example"
    lead_of(contracted, email, profile={"first_name": "Philippa"})
    contracted.ask("POST", "/v1/consents", consent_of(email))
    path = _asked(contracted, email, type="access")
    done = _carried_out(contracted, path)

    assert done["status"] == "completed"
    assert set(done["steps"][0]) >= STEP
    assert done["steps"][0]["store"] == "leadwarden"
    reply = contracted.call("GET", f"{path}/package")
    assert (reply.status, reply.kind) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(reply.raw)) as package:
        names = set(package.namelist())
        assert {"index.html", "data.json", "article-15.json"} <= names
        assert [name for name in names if name.endswith(".csv") and "leadwarden" in name]
        assert b"Philippa" in package.read("data.json")
        assert b"Philippa" in package.read("index.html")
        json.loads(package.read("data.json"))
        for name in names:
            if name.endswith(".csv"):
                assert list(csv.reader(io.StringIO(package.read(name).decode())))
        told = json.loads(package.read("article-15.json"))
    assert {"purposes", "categories", "recipients", "retention", "rights"} <= set(told)
    assert [name for name in told if name.startswith("source")]
    assert [name for name in told if "profiling" in name]


def test_an_erasure_ends_with_a_certificate(contracted: Living) -> None:
    """What was found, changed and remained; the look-back; the proofs; and the person is gone."""
    email = "certificate@firm.example"
    lead_id = lead_of(contracted, email)
    path = _asked(contracted, email)
    done = _carried_out(contracted, path)

    assert done["status"] == "completed"
    [step] = done["steps"]
    assert (step["status"], step["remaining"], step["found"]) == ("succeeded", 0, step["changed"])
    assert done["certificate"]
    certificate = contracted.ask("GET", f"{path}/certificate")
    assert "leadwarden" in json.dumps(certificate)
    assert email not in json.dumps(certificate)
    lookup = {"lead": {"lead_id": lead_id}, "purpose": "check"}
    problem(contracted.call("POST", "/v1/leads/lookup", lookup), 404, "lead_unknown")
    answer = contracted.ask("POST", "/v1/decisions", question_of(email))
    assert answer["reasons"][0] == "SUPPRESSED_AFTER_ERASURE"
    asked = contracted.ask("GET", f"/v1/audit/entries?lead_id={lead_id}")
    assert asked["erased"] is True


def test_a_hold_keeps_an_erasure_out_of_completed(contracted: Living) -> None:
    """201, 200 when replaced; lifted by DELETE; what it stops is exempt or waits."""
    email = "held@firm.example"
    lead_of(contracted, email)
    hold = {"lead": {"email": email}, "reason": "claim 7", "until": ahead(days=30)}
    placed = contracted.call("PUT", "/v1/legal-holds/claim-7", hold)
    assert placed.status == 201
    assert contracted.call("PUT", "/v1/legal-holds/claim-7", hold).status == 200
    assert b"claim 7" not in placed.raw
    done = _carried_out(contracted, _asked(contracted, email))
    assert done["status"] in {"completed_with_exemptions", "needs_attention"}
    assert done["steps"][0]["status"] in {"exempt", "waiting_for_person"}

    assert contracted.call("DELETE", "/v1/legal-holds/claim-7").status == 200
    problem(contracted.call("DELETE", "/v1/legal-holds/claim-7"), 404)
    for wrong in (
        {"reason": "x"},
        {"lead": {"email": email}},
        {"lead": {"email": email}, "store": "crm", "query": {}, "reason": "x"},
        hold | {"surplus": 1},
        hold | {"until": "soon"},
    ):
        problem(contracted.call("PUT", "/v1/legal-holds/wrong", wrong), 422)


@pytest.mark.parametrize("kind", ["rectification", "restriction", "portability", *sorted(AT_ONCE)])
def test_the_other_types_can_be_carried_out(contracted: Living, kind: str) -> None:
    """Approved, they end, or wait for what a person must do by hand."""
    email = f"{kind}@ends.example"
    lead_of(contracted, email)
    path = _asked(contracted, email, type=kind)
    done = _carried_out(contracted, path, is_verified=kind in AT_ONCE)

    if done["status"] == "needs_attention":
        [step] = [one for one in done["steps"] if one["status"] != "succeeded"]
        assert step["status"] == "waiting_for_person"
        assert _do(contracted, path, f"steps/{step['store']}/complete", {}).status == 200
        done = wait_for(lambda: contracted.ask("GET", path), lambda one: one["status"] != "in_progress")
    assert done["status"] == "completed"
    if kind == "restriction":
        answer = contracted.ask("POST", "/v1/decisions", question_of(email))
        assert answer["reasons"][0] == "PROCESSING_RESTRICTED"


def test_all_that_one_person_has_is_one_request(contracted: Living) -> None:
    """Two identities, two leads, one request."""
    for email in ("first@two.example", "second@two.example"):
        contracted.ask("POST", "/v1/leads", line(email))
    body = request_of("first@two.example")
    body["identities"].append({"email": "second@two.example"})
    asked = contracted.ask("POST", "/v1/privacy-requests", body)
    assert _carried_out(contracted, f"/v1/privacy-requests/{asked['id']}")["status"] == "completed"
    for email in ("first@two.example", "second@two.example"):
        lookup = {"lead": {"email": email}, "purpose": "check"}
        problem(contracted.call("POST", "/v1/leads/lookup", lookup), 404)


def _asked(service: Living, email: str, **more: Any) -> str:
    asked = service.ask("POST", "/v1/privacy-requests", request_of(email, **more))
    return f"/v1/privacy-requests/{asked['id']}"


def _do(service: Living, path: str, call: str, body: Any) -> Reply:
    return service.call("POST", f"{path}/{call}", body)


def _carried_out(service: Living, path: str, *, is_verified: bool = False) -> Any:
    if not is_verified:
        assert _do(service, path, "verify", VERIFIED).status == 200
    approved = _do(service, path, "approve", {})
    assert approved.status == 200
    assert approved.body["status"] in {
        "in_progress",
        "needs_attention",
    }  # some types wait for a person at once
    return wait_for(lambda: service.ask("GET", path), lambda one: one["status"] != "in_progress")
