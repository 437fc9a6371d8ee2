"""The contract of decisions: the question, the answer, its receipt, batches, what is shown later."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from tests.flows.clients import ahead, key_with, lead_of, problem, wait_for
from tests.flows.living import NDJSON, Living, ndjson
from tests.flows.people import GIVEN, consent_of, objection_of, question_of

ANSWER = {
    "decision_id",
    "effect",
    "reasons",
    "rules",
    "obligations",
    "valid_until",
    "needs_review",
    "rulebook",
    "audit",
    "receipt",
}
CHANNELS = (
    *("email", "phone_live", "phone_automated", "sms", "post", "social_message"),
    *("messaging_app", "retargeting_ads", "fax", "in_app"),
)
PURPOSES = ("direct_marketing", "reply_to_request", "research", "profiling", "enrichment", "sharing")
EMAIL = "asked@decisions.example"
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # the contract's word for it


@pytest.fixture(scope="module", autouse=True)
def lead_id(contracted: Living) -> str:
    """A lead that consented to mail."""
    made = lead_of(contracted, EMAIL)
    contracted.ask("POST", "/v1/consents", consent_of(EMAIL))
    return made


@pytest.mark.parametrize("email", [EMAIL, "nobody@decisions.example"])
def test_an_answer_has_the_fields_of_the_contract(contracted: Living, email: str, lead_id: str) -> None:
    """Allowed and denied alike; times have offsets; the answer holds for 15 minutes at most."""
    reply = contracted.call("POST", "/v1/decisions", question_of(email))

    assert reply.status == 200
    body = reply.body
    assert set(body) >= ANSWER
    assert set(body) <= ANSWER | {"lead_id", "retry_not_before"}
    assert body["effect"] == ("allow" if email == EMAIL else "deny")
    assert body["reasons"][0] == ("CONSENT_VALID" if email == EMAIL else "LEAD_UNKNOWN")
    assert body.get("lead_id") == (lead_id if email == EMAIL else None)
    assert all(set(rule) >= {"id", "version", "citation"} for rule in body["rules"])
    assert (type(body["obligations"]), body["needs_review"]) == (list, False)
    until = datetime.fromisoformat(body["valid_until"])
    assert until.utcoffset() is not None
    assert datetime.now(UTC) < until <= datetime.now(UTC) + timedelta(minutes=15)
    assert set(body["audit"]) >= {"entry_id"}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_channel_and_purpose_is_answered(contracted: Living, channel: str, purpose: str) -> None:
    """A "no" is an answer."""
    answer = contracted.ask("POST", "/v1/decisions", question_of(EMAIL, channel=channel, purpose=purpose))

    assert answer["effect"] in {"allow", "deny"}
    assert answer["reasons"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "smoke"},
        {"purpose": "fun"},
        {"at": ahead(hours=-1)},
        {"at": "tomorrow"},
        {"at": "2099-01-01T00:00:00"},
        {"time_zone": "Mars/Olympus"},
        {"content": {"promotional": "yes"}},
        {"content": {"surplus": True}},
        {"context": {"surplus": True}},
        {"context": {"mass_sending": "true"}},
        {"now": GIVEN},
        {"facts": {}},
    ],
)
def test_wrong_questions_are_422(contracted: Living, wrong: dict[str, Any]) -> None:
    """A bad question; `at` may not lie behind."""
    problem(contracted.call("POST", "/v1/decisions", question_of(EMAIL, **wrong)), 422)


def test_every_optional_field_is_taken(contracted: Living) -> None:
    """Content and context, each key of them; content that is `false` denies."""
    content = {
        "promotional": True,
        "unsubscribe": True,
        "postal_address": True,
        "accurate_header": True,
        "topic": "machines",
    }
    context = dict.fromkeys(
        ("notice_in_first_message", "mass_sending", "b2b_message", "role_relevant"), False
    )
    full = question_of(EMAIL, content=content, context=context, time_zone="Europe/Berlin", at=ahead(hours=1))

    assert contracted.ask("POST", "/v1/decisions", full)["effect"] == "allow"
    lacking = full | {"content": content | {"unsubscribe": False}}
    answer = contracted.ask("POST", "/v1/decisions", lacking)
    assert (answer["effect"], answer["reasons"][0]) == ("deny", "MANDATORY_CONTENT_MISSING")


def test_at_and_time_zone_move_hours_only(contracted: Living) -> None:
    """A call at night is denied, with the moment from which it may be made; a zone can only forbid."""
    email = "hours@decisions.example"
    lead_of(contracted, email, country="US", region="US-NY", recipient_kind="consumer")
    contracted.ask("POST", "/v1/consents", consent_of(email, channels=["phone_live"], method="signed_form"))
    day = (datetime.now(UTC) + timedelta(days=2)).date()

    def ask(hour: str, **more: str) -> Any:
        at = f"{day}T{hour}-05:00"
        return contracted.ask(
            "POST", "/v1/decisions", question_of(email, channel="phone_live", at=at, **more)
        )

    noon, night = ask("12:00:00"), ask("03:00:00")
    assert noon["effect"] == "allow", noon
    assert (night["effect"], night["reasons"][0]) == ("deny", "OUTSIDE_PERMITTED_HOURS")
    assert datetime.fromisoformat(night["retry_not_before"]).utcoffset() is not None
    assert not night["retry_not_before"].endswith("Z")
    assert ask("12:00:00", time_zone="Asia/Tokyo")["reasons"][0] == "OUTSIDE_PERMITTED_HOURS"
    assert ask("03:00:00", time_zone="Asia/Tokyo")["effect"] == "deny"


def test_an_unresolved_reference_is_tried_against_the_suppressions(contracted: Living) -> None:
    """The objection's code, and no lead."""
    contracted.ask("POST", "/v1/objections", objection_of("away@decisions.example", kind="unsubscribe"))
    answer = contracted.ask("POST", "/v1/decisions", question_of("away@decisions.example"))

    assert (answer["effect"], answer["reasons"][0], answer.get("lead_id")) == ("deny", "UNSUBSCRIBED", None)


@pytest.mark.parametrize("email", [EMAIL, "nobody@decisions.example"])
def test_a_receipt_verifies_with_the_published_keys(contracted: Living, email: str) -> None:
    """A compact JWS over the answer, EdDSA, bound to the asking key, expiring at `valid_until`."""
    key = key_with(contracted, "decisions:create")
    answer = contracted.ask("POST", "/v1/decisions", question_of(email), key=key)
    keys = KeySet.import_key_set(contracted.ask("GET", "/.well-known/jwks.json", key=None))

    verified = jws.deserialize_compact(answer["receipt"], keys, algorithms=["EdDSA", "Ed25519"])
    claims = json.loads(verified.payload)
    assert verified.headers()["alg"] == "EdDSA"
    assert claims["exp"] == int(datetime.fromisoformat(answer["valid_until"]).timestamp())
    assert key.split("_")[1] in json.dumps(claims)
    for name in ANSWER - {"receipt", "audit"}:
        assert claims[name] == answer[name], name
    assert answer["audit"]["entry_id"] in json.dumps(claims)


def test_a_batch_answers_in_the_order_asked(contracted: Living, lead_id: str) -> None:
    """One result each; a bad reference does not spoil its neighbours; no receipts."""
    leads = [
        {"email": "nobody@decisions.example"},
        {"lead_id": lead_id},
        {"email": "x", "phone": "y"},
        {"email": EMAIL},
    ]
    body = {"channel": "email", "purpose": "direct_marketing", "leads": leads}

    answer = contracted.ask("POST", "/v1/decisions/batch", body)
    assert answer["summary"] == {"allow": 2, "deny": 1, "errors": 1}
    assert [each.get("effect") for each in answer["results"][:2]] == ["deny", "allow"]
    assert answer["results"][3]["effect"] == "allow"
    assert "decision_id" not in answer["results"][2]
    for each in (answer["results"][0], answer["results"][1], answer["results"][3]):
        assert set(each) >= ANSWER - {"receipt"}
        assert "receipt" not in each


def test_every_answer_of_a_batch_is_provable_by_itself(contracted: Living) -> None:
    """`GET /v1/decisions/{id}` has its receipt and its proof."""
    body = {"channel": "email", "purpose": "direct_marketing", "leads": [{"email": EMAIL}] * 3}
    results = contracted.ask("POST", "/v1/decisions/batch", body)["results"]
    assert len({each["decision_id"] for each in results}) == 3
    keys = KeySet.import_key_set(contracted.ask("GET", "/.well-known/jwks.json", key=None))
    for each in results:
        shown = contracted.ask("GET", f"/v1/decisions/{each['decision_id']}")
        claims = json.loads(
            jws.deserialize_compact(shown["receipt"], keys, algorithms=["EdDSA", "Ed25519"]).payload
        )
        assert claims["decision_id"] == each["decision_id"]


@pytest.mark.parametrize("leads", [[], [{"email": EMAIL}] * 10_001, {"email": EMAIL}])
def test_a_batch_has_its_bounds(contracted: Living, leads: Any) -> None:
    """1 to 10,000 leads."""
    body = {"channel": "email", "purpose": "direct_marketing", "leads": leads}
    reply = contracted.call("POST", "/v1/decisions/batch", body)

    assert reply.status in {413, 422}
    problem(reply, reply.status)


def test_a_stream_of_questions(contracted: Living) -> None:
    """NDJSON of the single question: a result a line, a summary last."""
    lines = [
        *ndjson([question_of(EMAIL), question_of(EMAIL, channel="sms")]),
        b"{broken\n",
        *ndjson([question_of(EMAIL, surplus=1), question_of(EMAIL)]),
    ]
    reply = contracted.call("POST", "/v1/decisions/batch", lines, kind=NDJSON)

    assert (reply.status, reply.kind) == (200, NDJSON)
    *results, last = reply.lines
    assert last["summary"] == {"allow": 2, "deny": 1, "errors": 2}
    assert ["decision_id" in each for each in results] == [True, True, False, False, True]
    assert all("receipt" not in each for each in results)


def test_a_decision_is_shown_with_all_that_it_rests_on(contracted: Living, lead_id: str) -> None:
    """Question, facts, every rule tried, what is missing for a yes, answer, receipt, proof."""
    asked = contracted.ask("POST", "/v1/decisions", question_of(EMAIL, channel="sms"))
    shown = wait_for(
        lambda: contracted.ask("GET", f"/v1/decisions/{asked['decision_id']}"),
        lambda each: bool(each.get("proof")),
    )
    text = json.dumps(shown)
    assert {"question", "facts", "receipt", "proof"} <= set(shown)
    assert shown["receipt"] == asked["receipt"]
    tried = shown["explanation"]["tried"]
    assert all({"result", "reasons", "facts", "missing"} <= set(each) for each in tried)
    assert [each for each in tried if each["missing"]]
    assert EMAIL not in text
    problem(contracted.call("GET", "/v1/decisions/0b8c0f5e-5b0e-4a52-9c0d-0d3f3a1f7e55"), 404)


def test_an_outcome_is_noted(contracted: Living) -> None:
    """`sent` or `not_sent`, with its moment."""
    asked = contracted.ask("POST", "/v1/decisions", question_of(EMAIL))
    path = f"/v1/decisions/{asked['decision_id']}/outcome"

    contracted.ask("POST", path, {"outcome": "sent", "at": ahead(seconds=0)})
    problem(contracted.call("POST", path, {"outcome": "lost", "at": GIVEN}), 422)
    problem(contracted.call("POST", path, {"outcome": "sent"}), 422)
    problem(contracted.call("POST", path, {"outcome": "sent", "at": GIVEN, "surplus": 1}), 422)
    unknown = "/v1/decisions/0b8c0f5e-5b0e-4a52-9c0d-0d3f3a1f7e55/outcome"
    problem(contracted.call("POST", unknown, {"outcome": "sent", "at": ahead(seconds=0)}), 404)
