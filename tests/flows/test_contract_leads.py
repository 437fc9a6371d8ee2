"""The contract of leads: intake, merging, imports, look-ups, changes."""

from typing import Any

import pytest

from tests.flows.clients import key_with, lead_of, problem, wait_for
from tests.flows.living import CSV, NDJSON, Living, ndjson
from tests.flows.people import SINCE, line, question_of, request_of

SOURCE_KINDS = (
    *("web_form", "content_download", "webinar", "event", "business_card", "data_broker"),
    *("public_website", "referral", "linkedin_lead_form", "linkedin_profile", "product_signup"),
    *("inbound_call", "outbound_call", "email_outreach", "direct_mail", "paid_advertising"),
    *("intent_platform", "partner"),
)
MOBILE = "+4915123450001"
HEADERS = (
    "email,phone,external_system,external_id,country,region,time_zone,recipient_kind,address_type,"
    "number_type,source_key,source_kind,source_obtained_at,provider,profile.first_name,profile.job_title"
)


def test_a_lead_takes_every_field(contracted: Living) -> None:
    """201 for all of them; the look-up gives them back."""
    body = {
        "identifiers": [
            {"type": "email", "value": "every.field@firm.example"},
            {"type": "phone", "value": "+14155552671"},
            {"type": "external", "system": "hubspot", "value": "every-1"},
        ],
        "country": "US",
        "region": "US-CA",
        "time_zone": "America/Los_Angeles",
        "recipient_kind": "corporate_subscriber",
        "address_type": "named_work",
        "number_type": "mobile",
        "minor": False,
        "profile": {"first_name": "Ada", "x9_y": [1, {"a": None}], "score": 7.5},
        "source": {
            "key": "broker-7",
            "kind": "data_broker",
            "obtained_at": SINCE,
            "provider": "Broker Inc",
            "evidence": {"file": "a.csv"},
        },
        "notice": {"article": "14", "version": "2026-01", "given_at": SINCE},
    }
    reply = contracted.call("POST", "/v1/leads", body)

    assert (reply.status, reply.body["created"]) == (201, True)
    found = contracted.ask(
        "POST", "/v1/leads/lookup", {"lead": {"lead_id": reply.body["lead_id"]}, "purpose": "check"}
    )
    assert found["profile"] == body["profile"]
    assert {one["value"] for one in found["identifiers"]} == {
        "every.field@firm.example",
        "+14155552671",
        "every-1",
    }


def test_the_least_that_is_a_lead(contracted: Living) -> None:
    """Identifiers and a source; everything else may be missing."""
    source = {"key": "crm", "kind": "web_form", "obtained_at": SINCE}
    body = {"identifiers": [{"type": "email", "value": "least@firm.example"}], "source": source}

    assert contracted.call("POST", "/v1/leads", body).status == 201
    for missing in ("identifiers", "source"):
        rest = {name: value for name, value in body.items() if name != missing}
        assert missing in problem(contracted.call("POST", "/v1/leads", rest), 422)["errors"]
    problem(contracted.call("POST", "/v1/leads", body | {"identifiers": []}), 422)
    for part in source:
        rest = {name: value for name, value in source.items() if name != part}
        problem(contracted.call("POST", "/v1/leads", body | {"source": rest}), 422)


@pytest.mark.parametrize("kind", SOURCE_KINDS)
def test_every_kind_of_source_is_taken(contracted: Living, kind: str) -> None:
    """All that the contract names."""
    source = {"key": "k", "kind": kind, "obtained_at": SINCE}

    assert contracted.call("POST", "/v1/leads", line(f"{kind}@firm.example", source=source)).status == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"country": "Germany"},
        {"country": "XX"},
        {"region": "California"},
        {"time_zone": "Berlin"},
        {"recipient_kind": "company"},
        {"address_type": "work"},
        {"number_type": "landline"},
        {"minor": "yes"},
        {"profile": {"First Name": "Jo"}},
        {"profile": {"9a": "Jo"}},
        {"profile": ["a"]},
        {"identifiers": [{"type": "email", "value": "no address"}]},
        {"identifiers": [{"type": "email", "value": "a@b.example\nBcc: c@d.example"}]},
        {"identifiers": [{"type": "phone", "value": "1"}]},
        {"identifiers": [{"type": "external", "value": "no system"}]},
        {"identifiers": [{"type": "fax", "value": "+4930901820"}]},
        {"source": {"key": "k", "kind": "rumour", "obtained_at": SINCE}},
        {"source": {"key": "k", "kind": "web_form", "obtained_at": "2026-02-01T09:00:00"}},
        {"source": {"key": "k", "kind": "web_form", "obtained_at": "2026-02-01"}},
        {"notice": {"article": "15", "version": "1", "given_at": SINCE}},
        {"notice": {"article": 13, "version": "1", "given_at": SINCE}},
    ],
)
def test_wrong_values_are_422(contracted: Living, wrong: dict[str, Any]) -> None:
    """Every closed set is closed, and times have an offset."""
    assert problem(contracted.call("POST", "/v1/leads", line("wrong@firm.example", **wrong)), 422)["errors"]


def test_a_known_identifier_merges(contracted: Living) -> None:
    """200, the same lead, fields merged, the source added."""
    first = contracted.call("POST", "/v1/leads", line("merge@firm.example", profile={"a": "1", "b": "1"}))
    more = line("Merge@Firm.example", profile={"b": "2", "c": "2"})
    more["identifiers"].append({"type": "external", "system": "sf", "value": "m-1"})
    more["source"] = {"key": "fair", "kind": "event", "obtained_at": SINCE}
    second = contracted.call("POST", "/v1/leads", more)

    assert (first.status, second.status) == (201, 200)
    assert second.body["lead_id"] == first.body["lead_id"]
    assert second.body["created"] is False
    found = contracted.ask(
        "POST",
        "/v1/leads/lookup",
        {"lead": {"external": {"system": "sf", "id": "m-1"}}, "purpose": "check"},
    )
    assert found["profile"] == {"a": "1", "b": "2", "c": "2"}
    assert len(found["sources"]) == 2


def test_identifiers_of_two_leads_conflict(contracted: Living) -> None:
    """409 and nothing changes."""
    lead_of(contracted, "one@conflict.example")
    lead_of(contracted, "two@conflict.example")
    both = line("one@conflict.example")
    both["identifiers"].append({"type": "email", "value": "two@conflict.example"})

    problem(contracted.call("POST", "/v1/leads", both), 409, "identity_conflict")


def test_shared_identifiers_never_merge_and_are_ambiguous(contracted: Living) -> None:
    """Role addresses and other phones: a decision takes the strictest, other calls answer 409."""
    ids = set()
    for n, country in enumerate(("DE", "GB")):
        body = line(f"share.{n}@office.example", country=country)
        body["identifiers"] += [
            {"type": "email", "value": "info@office.example"},
            {"type": "phone", "value": "+493090182055"},
        ]
        ids.add(contracted.ask("POST", "/v1/leads", body)["lead_id"])
    assert len(ids) == 2

    for lead in ({"email": "info@office.example"}, {"phone": "+493090182055"}):
        asked = contracted.ask("POST", "/v1/decisions", question_of("") | {"lead": lead})
        assert asked["effect"] == "deny"
        for path, body in (
            ("/v1/leads/lookup", {"lead": lead, "purpose": "check"}),
            (
                "/v1/objections",
                {"lead": lead, "kind": "unsubscribe", "received_at": SINCE, "via": "mail"},
            ),
        ):
            problem(contracted.call("POST", path, body), 409, "identity_ambiguous")


def test_an_erased_person_stays_out(contracted: Living) -> None:
    """409 `suppressed_after_erasure`, or `refused` for a key without `requests:read`; a decision denies."""
    email = "erased@firm.example"
    lead_of(contracted, email)
    asked = contracted.ask("POST", "/v1/privacy-requests", request_of(email))
    path = f"/v1/privacy-requests/{asked['id']}"
    contracted.ask("POST", f"{path}/verify", {"method": "code", "result": "verified"})
    contracted.ask("POST", f"{path}/approve", {})
    done = wait_for(lambda: contracted.ask("GET", path), lambda each: each["status"] != "in_progress")
    assert done["status"] == "completed"
    assert [(step["store"], step["status"]) for step in done["steps"]] == [("leadwarden", "succeeded")]

    problem(contracted.call("POST", "/v1/leads", line(email)), 409, "suppressed_after_erasure")
    writer = key_with(contracted, "leads:write")
    problem(contracted.call("POST", "/v1/leads", line(email), key=writer), 409, "refused")
    result = contracted.call("POST", "/v1/leads/import", ndjson([line(email)]), kind=NDJSON, key=writer)
    assert (result.lines[0]["status"], result.lines[0]["code"]) == ("refused", "refused")
    decided = contracted.ask("POST", "/v1/decisions", question_of(email))
    assert (decided["effect"], decided["reasons"][0]) == ("deny", "SUPPRESSED_AFTER_ERASURE")
    assert decided.get("lead_id") is None
    certificate = contracted.ask("GET", f"{path}/certificate")
    assert certificate


def test_an_import_of_csv_takes_the_listed_headers(contracted: Living) -> None:
    """A result a line, in order; a bad row does not spoil its neighbours; a summary last."""
    rows = [
        HEADERS,
        f"csv.1@firm.example,{MOBILE},crm,csv-1,DE,DE-BE,Europe/Berlin,,personal,mobile,s,event,{SINCE},P,Ann,Boss",
        f"not an address,,,,DE,,,,,,s,event,{SINCE},,,",
        f"CSV.1@firm.example,,,,,,,,,,s,event,{SINCE},,,",
        f',,crm,csv-2,DE,,,,,,s,event,{SINCE},,"Quoted, Ann",',
        f"csv.3@firm.example,,,,DE,,,,,,s,rumour,{SINCE},,,",
    ]
    reply = contracted.call("POST", "/v1/leads/import", "\r\n".join(rows).encode(), kind=CSV)

    assert (reply.status, reply.kind) == (200, NDJSON)
    *results, last = reply.lines
    assert [one["status"] for one in results] == ["created", "refused", "merged", "created", "refused"]
    assert last == {"summary": {"created": 2, "merged": 1, "refused": 2}}
    numbers = [one["line"] for one in results]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert all("lead_id" in one for one in results if one["status"] != "refused")
    assert all("code" in one for one in results if one["status"] == "refused")
    assert b"not an address" not in reply.raw
    found = contracted.ask("POST", "/v1/leads/lookup", {"lead": {"phone": MOBILE}, "purpose": "check"})
    assert found["profile"] == {"first_name": "Ann", "job_title": "Boss"}


def test_a_csv_with_an_unknown_header_is_refused(contracted: Living) -> None:
    """Unknown fields are, whatever the format."""
    body = f"email,nickname,source_key,source_kind,source_obtained_at\na@firm.example,x,s,event,{SINCE}\n"

    reply = contracted.call("POST", "/v1/leads/import", body.encode(), kind=CSV)

    problem(reply, 422)


def test_an_import_of_ndjson_takes_the_body_a_line(contracted: Living) -> None:
    """In the order asked, and without personal data in a refusal."""
    lines = [
        *ndjson([line("nd.1@firm.example"), line("nd.1@firm.example"), line("bad", country="ZZ")]),
        b"{broken\n",
        *ndjson([line("nd.2@firm.example")]),
    ]
    reply = contracted.call("POST", "/v1/leads/import", lines, kind=NDJSON)

    assert [one.get("status") for one in reply.lines] == [
        "created",
        "merged",
        "refused",
        "refused",
        "created",
        None,
    ]
    assert reply.lines[-1] == {"summary": {"created": 2, "merged": 1, "refused": 2}}
    assert [one["line"] for one in reply.lines[:-1]] == [1, 2, 3, 4, 5]
    assert reply.lines[0]["lead_id"] == reply.lines[1]["lead_id"]


def test_a_lookup_opens_a_lead_and_says_so_first(contracted: Living) -> None:
    """The purpose stands in the log; a miss is 404 and logged; purpose and lead must be given."""
    lead_id = lead_of(contracted, "look@firm.example")
    ask = {"lead": {"email": "look@firm.example"}, "purpose": "support_call"}

    found = contracted.ask("POST", "/v1/leads/lookup", ask)
    assert (found["lead_id"], found["profile"]) == (lead_id, {"first_name": "Jo"})
    missed = {"lead": {"email": "nobody.here@firm.example"}, "purpose": "support_call"}
    problem(contracted.call("POST", "/v1/leads/lookup", missed), 404, "lead_unknown")
    contracted.ask("POST", "/v1/leads/lookup", ask | {"purpose": "Sales follow-up call"})
    problem(contracted.call("POST", "/v1/leads/lookup", {"lead": ask["lead"]}), 422)
    problem(contracted.call("POST", "/v1/leads/lookup", {"purpose": "x"}), 422)
    entries = wait_for(
        lambda: contracted.ask("GET", f"/v1/audit/entries?lead_id={lead_id}")["items"],
        lambda items: any("support_call" in str(item["facts"]) for item in items),
    )
    assert entries


def test_a_patch_rectifies(contracted: Living) -> None:
    """Fields change, others stay; the next decision sees it; unknown leads are 404."""
    lead_id = lead_of(contracted, "patch@firm.example", country="DE", profile={"a": "1", "b": "1"})
    changes = {"country": "GB", "recipient_kind": "corporate_subscriber", "profile": {"a": "2"}}

    assert contracted.call("PATCH", f"/v1/leads/{lead_id}", changes).status == 200
    found = contracted.ask("POST", "/v1/leads/lookup", {"lead": {"lead_id": lead_id}, "purpose": "check"})
    assert found["profile"] == {"a": "2", "b": "1"}
    decided = contracted.ask("POST", "/v1/decisions", question_of("patch@firm.example"))
    shown = contracted.ask("GET", f"/v1/decisions/{decided['decision_id']}")
    assert "GB" in str(shown)
    problem(contracted.call("PATCH", f"/v1/leads/{lead_id}", {"country": "Nowhere"}), 422)
    problem(contracted.call("PATCH", f"/v1/leads/{lead_id}", {"surplus": 1}), 422)
    problem(contracted.call("PATCH", "/v1/leads/0b8c0f5e-5b0e-4a52-9c0d-0d3f3a1f7e55", changes), 404)
    new = {"identifiers": [{"type": "email", "value": "patched@firm.example"}]}
    assert contracted.call("PATCH", f"/v1/leads/{lead_id}", new).status == 200
    assert (
        contracted.ask(
            "POST", "/v1/leads/lookup", {"lead": {"email": "patched@firm.example"}, "purpose": "check"}
        )["lead_id"]
        == lead_id
    )
