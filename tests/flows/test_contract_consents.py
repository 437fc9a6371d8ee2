"""The contract of consents and objections."""

from typing import Any

import pytest

from tests.flows.clients import ahead, key_with, lead_of, problem
from tests.flows.living import Living
from tests.flows.people import consent_of, line, objection_of, question_of

METHODS = {
    "web_form": "web_form",
    "double_opt_in": "double_opt_in",
    "signed_form": "signed_web_form",
    "oral_note": "oral_note",
    "imported": None,
    "api": None,
}
STATUSES = ("given", "refused", "withdrawn", "renewed")


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_201_with_its_entry(contracted: Living, status: str) -> None:
    """`consent_id`, `status`, `lead_id` and the entry of the log."""
    lead_id = lead_of(contracted, f"{status}@firm.example")

    reply = contracted.call("POST", "/v1/consents", consent_of(f"{status}@firm.example", status=status))

    assert (reply.status, reply.body["status"], reply.body["lead_id"]) == (201, status, lead_id)
    entry = contracted.ask("GET", f"/v1/audit/entries/{reply.body['audit']['entry_id']}")
    assert entry["entry_id"] == reply.body["audit"]["entry_id"]
    shown = contracted.ask("GET", f"/v1/consents/{reply.body['consent_id']}")
    assert (shown["consent_id"], shown["status"]) == (reply.body["consent_id"], status)


def test_every_field_is_taken(contracted: Living) -> None:
    """Expiry, initiative, evidence of any shape; evidence is sealed."""
    lead_of(contracted, "full@firm.example")
    body = consent_of(
        "full@firm.example",
        expires_at=ahead(days=30),
        initiative="subject",
        evidence={
            "ip": "192.0.2.77",
            "user_agent": "Sealed/1",
            "url": "https://f.example/x",
            "form_id": "f",
            "x": {"y": [1]},
        },
    )
    body["notice"] = {"version": "1", "text": "Write to me", "language": "en-GB"}
    reply = contracted.call("POST", "/v1/consents", body)

    assert reply.status == 201
    receipt = contracted.call("GET", f"/v1/consents/{reply.body['consent_id']}/receipt")
    assert b"192.0.2.77" not in receipt.raw
    assert b"Sealed/1" not in receipt.raw


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "revoked"},
        {"method": "telepathy"},
        {"purposes": []},
        {"purposes": ["everything"]},
        {"channels": []},
        {"channels": ["smoke"]},
        {"channels": "all"},
        {"purposes": "all"},
        {"notice": {}},
        {"notice": {"version": "1", "surplus": 1}},
        {"occurred_at": "2026-03-01"},
        {"initiative": "robot"},
        {"evidence": "none"},
        {"source_key": ""},
    ],
)
def test_wrong_consents_are_422(contracted: Living, wrong: dict[str, Any]) -> None:
    """Closed sets are closed; `all` may stand in a withdrawal only."""
    lead_of(contracted, "wrong.consent@firm.example")

    problem(contracted.call("POST", "/v1/consents", consent_of("wrong.consent@firm.example", **wrong)), 422)


@pytest.mark.parametrize(
    "field", ["lead", "status", "purposes", "channels", "source_key", "method", "notice", "occurred_at"]
)
def test_what_is_not_optional_is_asked_for(contracted: Living, field: str) -> None:
    """All but `expires_at`, `initiative` and `evidence`."""
    body = consent_of("missing@firm.example")
    del body[field]

    assert field in problem(contracted.call("POST", "/v1/consents", body), 422)["errors"]


@pytest.mark.parametrize("method", METHODS)
def test_methods_are_the_proofs_of_facts(contracted: Living, method: str) -> None:
    """`signed_form` is `signed_web_form`; `imported` and `api` prove nothing; the rest keep their name."""
    email = f"{method}@proof.example"
    lead_of(contracted, email)
    contracted.ask("POST", "/v1/consents", consent_of(email, method=method, evidence={"ip": "192.0.2.7"}))

    decided = contracted.ask("POST", "/v1/decisions", question_of(email))
    shown = contracted.ask("GET", f"/v1/decisions/{decided['decision_id']}")
    assert [each["proof"] for each in shown["facts"]["consents"]] == [METHODS[method]]
    if METHODS[method] is None:
        assert "CONSENT_NOT_DEMONSTRABLE" in decided["reasons"]


@pytest.mark.parametrize("method", ["imported", "api"])
def test_evidence_that_shows_a_named_form_proves(contracted: Living, method: str) -> None:
    """An import of what a form took."""
    email = f"{method}.form@proof.example"
    lead_of(contracted, email)
    evidence = {"form_id": "newsletter-7", "url": "https://firm.example/form"}
    contracted.ask("POST", "/v1/consents", consent_of(email, method=method, evidence=evidence))

    decided = contracted.ask("POST", "/v1/decisions", question_of(email))
    shown = contracted.ask("GET", f"/v1/decisions/{decided['decision_id']}")
    assert [each["proof"] for each in shown["facts"]["consents"]] == ["web_form"]


def test_a_withdrawal_of_all_stops_every_channel(contracted: Living) -> None:
    """And a later consent by the person's own act lifts it again."""
    email = "withdrawn.all@firm.example"
    lead_of(contracted, email)
    contracted.ask("POST", "/v1/consents", consent_of(email, channels=["email", "sms"]))
    assert _effect(contracted, email) == "allow"
    withdrawal = consent_of(
        email, status="withdrawn", channels="all", purposes="all", occurred_at="2026-04-01T00:00:00Z"
    )
    contracted.ask("POST", "/v1/consents", withdrawal)

    assert _effect(contracted, email) == "deny"
    contracted.ask("POST", "/v1/consents", consent_of(email, status="renewed", occurred_at=ahead(days=-1)))
    assert _effect(contracted, email) == "allow"


@pytest.mark.parametrize("alls", [["all"], "all"])
def test_all_may_stand_in_a_list_or_alone(contracted: Living, alls: Any) -> None:
    """In a withdrawal."""
    email = f"all.{type(alls).__name__}@firm.example"
    lead_of(contracted, email)
    body = consent_of(email, status="withdrawn", channels=alls, purposes=alls)

    assert contracted.call("POST", "/v1/consents", body).status == 201


@pytest.mark.parametrize("status", STATUSES)
def test_an_unknown_lead(contracted: Living, status: str) -> None:
    """Given and renewed are 404; refused and withdrawn are kept as an objection."""
    email = f"{status}@unknown.example"
    reply = contracted.call("POST", "/v1/consents", consent_of(email, status=status))

    if status in {"given", "renewed"}:
        problem(reply, 404, "lead_unknown")
        return
    assert (reply.status, reply.body["status"]) == (201, status)
    assert _decided(contracted, email)["effect"] == "deny"
    assert _decided(contracted, email)["reasons"][0] != "LEAD_UNKNOWN"
    lead_of(contracted, email)
    assert _decided(contracted, email)["reasons"][0] in {"CONSENT_WITHDRAWN", "OBJECTION_DIRECT_MARKETING"}


def test_the_history_is_newest_first_and_complete(contracted: Living) -> None:
    """Nothing is updated in place."""
    email = "history@firm.example"
    lead_id = lead_of(contracted, email)
    ids = [
        contracted.ask("POST", "/v1/consents", consent_of(email, status=status, occurred_at=at))["consent_id"]
        for status, at in (
            ("given", "2026-03-01T00:00:00Z"),
            ("withdrawn", "2026-05-01T00:00:00Z"),
            ("renewed", "2026-04-01T00:00:00Z"),
        )
    ]

    items = contracted.ask("GET", f"/v1/leads/{lead_id}/consents")["items"]
    assert [item["consent_id"] for item in items] in ([ids[1], ids[2], ids[0]], list(reversed(ids)))


def test_a_receipt_is_a_record_of_ts_27560(contracted: Living) -> None:
    """Its four parts: header, processing, parties, events."""
    lead_of(contracted, "ts27560@firm.example")
    made = contracted.ask("POST", "/v1/consents", consent_of("ts27560@firm.example"))

    record = contracted.ask("GET", f"/v1/consents/{made['consent_id']}/receipt")
    assert set(record) >= {
        "schema_version",
        "record_id",
        "pii_principal_id",
        "pii_processing",
        "party_identification",
        "events",
    }
    assert "ts27560@firm.example" not in str(record)


@pytest.mark.parametrize(
    ("kind", "question", "code"),
    [
        ("direct_marketing", {}, "OBJECTION_DIRECT_MARKETING"),
        ("unsubscribe", {}, "UNSUBSCRIBED"),
        ("do_not_call", {"channel": "phone_live"}, "INTERNAL_DNC"),
        ("do_not_sell_or_share", {"purpose": "sharing"}, "SALE_SHARING_OPT_OUT"),
        ("profiling", {"purpose": "profiling"}, "OBJECTION_PROFILING"),
    ],
)
def test_objections_take_effect_in_the_very_next_decision(
    contracted: Living, kind: str, question: dict[str, Any], code: str
) -> None:
    """Of a lead and of a person whom nobody knows; a lead who comes later brings it along."""
    for email, is_known in ((f"{kind}@known.example", True), (f"{kind}@stranger.example", False)):
        if is_known:
            lead_of(contracted, email)
            contracted.ask("POST", "/v1/consents", consent_of(email))
        reply = contracted.call("POST", "/v1/objections", objection_of(email, kind=kind))
        assert reply.status == 201
        answer = contracted.ask("POST", "/v1/decisions", question_of(email) | question)
        assert (answer["effect"], answer["reasons"][0]) == ("deny", code)
        assert (answer.get("lead_id") is not None) == is_known
    contracted.ask("POST", "/v1/leads", line(f"{kind}@stranger.example"))
    answer = contracted.ask("POST", "/v1/decisions", question_of(f"{kind}@stranger.example") | question)
    assert (answer["effect"], answer["reasons"][0]) == ("deny", code)


def test_an_objection_covers_the_channels_that_it_names(contracted: Living) -> None:
    """And no others."""
    email = "sms.only@firm.example"
    lead_of(contracted, email)
    contracted.ask("POST", "/v1/consents", consent_of(email))
    contracted.ask(
        "POST",
        "/v1/objections",
        objection_of(email, kind="unsubscribe", channels=["sms"], purposes=["direct_marketing"]),
    )

    assert _effect(contracted, email) == "allow"
    assert _decided(contracted, email, channel="sms")["reasons"][0] == "UNSUBSCRIBED"


@pytest.mark.parametrize(
    "wrong", [{"kind": "shouting"}, {"via": ""}, {"received_at": "now"}, {"channels": ["smoke"]}]
)
def test_wrong_objections_are_422(contracted: Living, wrong: dict[str, Any]) -> None:
    """As everywhere."""
    problem(contracted.call("POST", "/v1/objections", objection_of("w@firm.example", **wrong)), 422)


def test_a_writer_of_consents_reads_none(contracted: Living) -> None:
    """Scopes are apart."""
    lead_of(contracted, "apart@firm.example")
    key = key_with(contracted, "consents:write")
    made = contracted.ask("POST", "/v1/consents", consent_of("apart@firm.example"), key=key)

    problem(contracted.call("GET", f"/v1/consents/{made['consent_id']}/receipt", key=key), 403)


def test_an_objection_by_phone_reaches_the_mail_address_too(contracted: Living) -> None:
    """Said of the lead, however they are referred to."""
    body = line("by.phone@firm.example", number_type="mobile")
    body["identifiers"].append({"type": "phone", "value": "+4915123450077"})
    contracted.ask("POST", "/v1/leads", body)
    contracted.ask("POST", "/v1/consents", consent_of("by.phone@firm.example"))
    assert _effect(contracted, "by.phone@firm.example") == "allow"
    contracted.ask("POST", "/v1/objections", objection_of("", lead={"phone": "+4915123450077"}))

    assert _effect(contracted, "by.phone@firm.example") == "deny"


def _decided(service: Living, email: str, **question: Any) -> Any:
    return service.ask("POST", "/v1/decisions", question_of(email) | question)


def _effect(service: Living, email: str) -> Any:
    return _decided(service, email)["effect"]
