"""The marketing tool's day: it asks before each contact, and believes nothing but a signed yes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from consent.vocabulary import Channel
from tests.flows.living import ADMINISTRATOR, NDJSON, PROBLEM, Living, living, ndjson
from tests.flows.people import consent_of, line, objection_of, question_of
from tests.flows.trail import entries, export, verified

# The contract names RFC 8037's EdDSA; RFC 9864 would now call it Ed25519.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

SCOPES = ["leads:write", "consents:write", "consents:read", "decisions:create", "decisions:read"]
PEOPLE, LINES = 250, 5_000
BAD_LINE = 2_500


@dataclass(frozen=True, slots=True)
class Tool:
    """A program with a key of its own, and the ids of the people it took in."""

    service: Living
    id: str
    key: str
    leads: dict[str, str]

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The document of a call under the tool's key, which must succeed."""
        return self.service.ask(method, path, body, key=self.key)

    def check(self, email: str, channel: str = "email") -> Any:
        """May I?"""
        return self.ask("POST", "/v1/decisions", question_of(email, channel=channel))


def email_of(number: int) -> str:
    """The people, counted."""
    return f"person.{number}@firm.example"


def now() -> str:
    """This moment, as a caller tells it."""
    return datetime.now(UTC).isoformat()


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    """The administrator makes a key, which sleeps until the compliance officer wakes it; then the import."""
    with living(tmp_path_factory.mktemp("tools") / "home") as service:
        made = service.ask("POST", "/v1/keys", {"name": "mailer", "scopes": SCOPES}, key=ADMINISTRATOR)
        asleep = service.call("POST", "/v1/decisions", question_of(email_of(0)), key=made["key"])
        assert asleep.said == (403, PROBLEM, "key_not_confirmed")
        service.ask("POST", f"/v1/keys/{made['id']}/confirm", {})
        body = ndjson(line(email_of(number)) for number in range(PEOPLE))
        *results, last = service.call("POST", "/v1/leads/import", body, kind=NDJSON, key=made["key"]).lines
        assert last == {"summary": {"created": PEOPLE, "merged": 0, "refused": 0}}
        leads = {email_of(number): result["lead_id"] for number, result in enumerate(results)}
        found = Tool(service, made["id"], made["key"], leads)
        for number in range(0, PEOPLE, 2):
            found.ask("POST", "/v1/consents", consent_of(email_of(number), channels=["email", "sms"]))
        yield found


def test_an_objection_stops_the_very_next_decision_on_every_channel(tool: Tool) -> None:
    """Allowed the moment before; afterwards no channel and no way of asking says yes."""
    email = email_of(0)
    assert [tool.check(email, channel)["effect"] for channel in ("email", "sms")] == ["allow", "allow"]
    tool.ask("POST", "/v1/objections", objection_of(email, received_at=now()))

    answers = {channel.value: tool.check(email, channel.value) for channel in Channel}
    assert {answer["effect"] for answer in answers.values()} == {"deny"}
    assert answers["email"]["reasons"][0] == "OBJECTION_DIRECT_MARKETING"
    for channel in Channel:
        body = {"leads": [{"email": email}], "channel": channel.value, "purpose": "direct_marketing"}
        assert tool.ask("POST", "/v1/decisions/batch", body)["summary"] == {
            "allow": 0,
            "deny": 1,
            "errors": 0,
        }


def test_an_objection_of_a_stranger_stops_them_too(tool: Tool) -> None:
    """It is kept as a keyed hash, copied when they become a lead, and outweighs an older consent."""
    email = "stranger@firm.example"
    assert tool.check(email)["reasons"] == ["LEAD_UNKNOWN"]
    tool.ask("POST", "/v1/objections", objection_of(email, received_at=now()))
    assert tool.check(email)["reasons"][0] == "OBJECTION_DIRECT_MARKETING"
    tool.ask("POST", "/v1/leads", line(email))
    tool.ask("POST", "/v1/consents", consent_of(email))
    assert tool.check(email)["reasons"][0] == "OBJECTION_DIRECT_MARKETING"


def test_a_withdrawal_counts_at_once_and_a_renewal_after_it(tool: Tool) -> None:
    """Nothing is changed in place: the history holds all three, the newest first."""
    email = email_of(2)
    tool.ask(
        "POST", "/v1/consents", consent_of(email, status="withdrawn", channels=["all"], occurred_at=now())
    )
    assert tool.check(email)["reasons"][0] == "CONSENT_WITHDRAWN"
    tool.ask("POST", "/v1/consents", consent_of(email, status="renewed", occurred_at=now()))
    assert tool.check(email)["effect"] == "allow"
    assert tool.check(email, "sms")["effect"] == "deny"

    history = tool.ask("GET", f"/v1/leads/{tool.leads[email]}/consents")["items"]
    assert [item["status"] for item in history] == ["renewed", "withdrawn", "given"]


def test_a_batch_answers_in_the_order_asked(tool: Tool) -> None:
    """Every second consented (two of them took it back, or objected); somebody unknown says deny."""
    references = [{"email": email_of(number)} for number in range(4, 104)] + [
        {"email": "nobody@firm.example"}
    ]
    body = {"leads": references, "channel": "email", "purpose": "direct_marketing"}
    answer = tool.ask("POST", "/v1/decisions/batch", body)

    effects = [result["effect"] for result in answer["results"]]
    assert effects == ["allow", "deny"] * 50 + ["deny"]
    assert [result.get("lead_id") for result in answer["results"][:-1]] == [
        tool.leads[reference["email"]] for reference in references[:-1]
    ]
    assert answer["summary"] == {"allow": 50, "deny": 51, "errors": 0}
    assert len({result["decision_id"] for result in answer["results"]}) == len(references)


def test_five_thousand_lines_are_answered_in_order_around_a_bad_one(tool: Tool) -> None:
    """The bad line is answered in its place, and says deny to whoever looks no further."""
    asked = [email_of(4 + number % (PEOPLE - 4)) for number in range(LINES)]
    lines = ndjson(question_of(email) for email in asked)
    lines[BAD_LINE] = b'{"lead":{"email":"\xff\n'
    reply = tool.service.call("POST", "/v1/decisions/batch", lines, kind=NDJSON, key=tool.key)
    *results, last = reply.lines
    bad = results.pop(BAD_LINE)
    del asked[BAD_LINE]

    assert (reply.status, reply.kind) == (200, NDJSON)
    assert (bad["effect"], bad["code"]) == ("deny", "malformed_json")
    assert [result["lead_id"] for result in results] == [tool.leads[email] for email in asked]
    allowed = sum(result["effect"] == "allow" for result in results)
    assert last["summary"] == {"allow": allowed, "deny": LINES - 1 - allowed, "errors": 1}
    assert allowed == sum(int(email.split(".")[1].partition("@")[0]) % 2 == 0 for email in asked)
    assert "receipt" not in results[0]
    assert_stored(tool, results[17])


def assert_stored(tool: Tool, answer: dict[str, Any]) -> None:
    """An answer of a batch is stored by itself; its receipt is to be had afterwards, and verifies."""
    shown = tool.ask("GET", f"/v1/decisions/{answer['decision_id']}")
    claims = claims_of(tool.service, shown["receipt"])
    assert (shown["effect"], claims["effect"], claims["jti"]) == (answer["effect"],) * 2 + (
        answer["decision_id"],
    )


def claims_of(service: Living, receipt: str) -> Any:
    """What a receipt says, once a library of others has verified it with the published keys.

    Raises:
        JoseError: it is forged.
    """
    published = KeySet.import_key_set(service.ask("GET", "/.well-known/jwks.json", key=None))
    return json.loads(jws.deserialize_compact(receipt, published, algorithms=["EdDSA"]).payload)


def test_a_receipt_is_verified_with_the_published_keys_alone(tool: Tool) -> None:
    """It binds asker, lead, channel and purpose, ends with the answer, and no byte of it can be changed."""
    email = email_of(4)
    answer = tool.check(email)
    claims = claims_of(tool.service, answer["receipt"])

    assert (claims["aud"], claims["sub"], claims["jti"]) == (
        tool.id,
        tool.leads[email],
        answer["decision_id"],
    )
    assert claims["question"] == {"channel": "email", "purpose": "direct_marketing"}
    assert claims["exp"] == int(datetime.fromisoformat(answer["valid_until"]).timestamp())
    assert 0 < claims["exp"] - claims["iat"] <= 15 * 60
    head, payload, signature = answer["receipt"].split(".")
    for place in (10, len(payload) // 2, len(payload) - 10):
        other = "A" if payload[place] != "A" else "B"
        with pytest.raises((JoseError, ValueError)):
            claims_of(tool.service, f"{head}.{payload[:place]}{other}{payload[place + 1 :]}.{signature}")


def test_the_outcome_is_told_once_and_the_decision_explains_itself(tool: Tool) -> None:
    """Question, facts, every rule tried, what is missing for a yes, outcome, and the proof of its entry."""
    yes, no = tool.check(email_of(6)), tool.check(email_of(7))
    told = {"outcome": "sent", "at": now()}
    path = f"/v1/decisions/{yes['decision_id']}"
    assert tool.ask("POST", f"{path}/outcome", told) == tool.ask("POST", f"{path}/outcome", told)
    other = tool.service.call("POST", f"{path}/outcome", told | {"outcome": "not_sent"}, key=tool.key)
    assert (other.status, other.kind) == (409, PROBLEM)

    shown, refused = (tool.ask("GET", f"/v1/decisions/{each['decision_id']}") for each in (yes, no))
    assert (shown["effect"], shown["outcome"]["outcome"]) == ("allow", "sent")
    assert shown["explanation"]["missing"] == []
    assert refused["explanation"]["missing"]
    assert len(refused["explanation"]["tried"]) > 5
    assert refused["answer"]["reasons"] == no["reasons"]
    assert email_of(7) not in json.dumps(refused)


def test_the_asker_does_not_choose_the_truth(tool: Tool) -> None:
    """No purpose that is not the key's, no moment that is past, no consent that lies ahead."""
    email = email_of(8)
    service = tool.service
    notice = tool.ask("POST", "/v1/decisions", question_of(email_of(9), purpose="service_notice"))
    past = question_of(email, at=(datetime.now(UTC) - timedelta(hours=1)).isoformat())
    ahead = consent_of(email, occurred_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())

    assert notice["effect"] == "deny"
    assert service.call("POST", "/v1/decisions", past, key=tool.key).said == (
        422,
        PROBLEM,
        "validation_failed",
    )
    assert service.call("POST", "/v1/consents", ahead, key=tool.key).said == (
        422,
        PROBLEM,
        "validation_failed",
    )
    lookup = {"lead": {"email": email}, "purpose": "curiosity"}
    assert service.call("POST", "/v1/leads/lookup", lookup, key=tool.key).said == (
        403,
        PROBLEM,
        "scope_missing",
    )


def test_every_answer_of_the_day_is_in_a_trail_that_verifies(tool: Tool) -> None:
    """The last answer's entry, and with it all before it; nobody's address stands there."""
    entry = tool.check(email_of(10))["audit"]["entry_id"]
    exported = export(tool.service, [entry])

    assert verified(exported) == len(entries(exported))
    assert entry in {each["id"] for each in entries(exported)}
    assert b"firm.example" not in exported.read_bytes()
