"""The calls that show who asks."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import verification
from api.context import Service
from audit.note import Ed25519Key
from governance.errors import CodeUnsendableError, HandOverRefusedError
from governance.requests import codes
from governance.requests.vocabulary import RequestType, Submitter
from tests.api.letters import letters, newest_code, writing
from tests.governance.requests.desk import ACTOR, a_known_lead, a_request, described

ANNA = "anna@example.com"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = Ed25519Key("logins", KEY.public_key().public_bytes_raw())


def trusting(service: Service) -> Service:
    """The service with the controller's key."""
    return replace(service, settings=replace(service.settings, login_key=PUBLIC))


def token(service: Service, request_id: str, **more: Any) -> str:
    """A login of Anna's."""
    now = int(service.clock().timestamp())
    claims = {
        "aud": service.settings.public_url,
        "iat": now,
        "exp": now + 60,
        "jti": "0123456789abcdef",
        "request_id": request_id,
        "identity": {"email": ANNA},
        **more,
    }
    parts = [json.dumps(part).encode() for part in ({"alg": "EdDSA"}, claims)]
    signed = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    signature = base64.urlsafe_b64encode(KEY.sign(signed.encode())).rstrip(b"=").decode()
    return f"{signed}.{signature}"


def test_a_login_is_handed_over(service: Service) -> None:
    """From the token to review."""
    service = trusting(service)
    request_id = a_request(service, ANNA)
    named, _ = verification.hand_over(service, token(service, request_id), actor=ACTOR)

    assert named == request_id
    assert described(service, request_id)["status"] == "awaiting_review"


def test_a_login_for_another_request_is_refused(service: Service) -> None:
    """Whatever the path of the call says, and where no request is."""
    service = trusting(service)
    mine, other = a_request(service, ANNA), a_request(service, ANNA)
    with pytest.raises(HandOverRefusedError, match="another request"):
        verification.hand_over(service, token(service, mine), actor=ACTOR, request_id=other)
    with pytest.raises(HandOverRefusedError, match="no request of ours"):
        verification.hand_over(service, token(service, "nothing"), actor=ACTOR)


def test_without_a_configured_key_no_login_is_taken(service: Service) -> None:
    """Nothing is trusted by default."""
    with pytest.raises(HandOverRefusedError, match="configured"):
        verification.hand_over(service, token(service, a_request(service, ANNA)), actor=ACTOR)


def test_an_agents_permission_is_for_an_officer_to_judge(service: Service) -> None:
    """What it says is sealed; no letter is needed."""
    request_id = a_request(service, ANNA, submitted_by=Submitter.AUTHORISED_AGENT)
    verification.permitted(
        service, request_id, "signed on 2 March", ask_person=False, passed=True, actor=ACTOR
    )

    assert described(service, request_id)["status"] == "awaiting_review"


def test_the_person_may_be_asked_whether_the_agent_is_theirs(service: Service) -> None:
    """11 CCR 7063(a)(2): the code that only the person can read is their word."""
    service = writing(service)
    a_known_lead(service, ANNA)
    request_id = a_request(service, ANNA, submitted_by=Submitter.AUTHORISED_AGENT)
    verification.permitted(service, request_id, "signed", ask_person=True, passed=True, actor=ACTOR)
    assert described(service, request_id)["status"] == "awaiting_verification"
    assert [letter["to"] for letter in letters(service)] == [ANNA]

    code = codes.digits_of(newest_code(service)) or ""
    assert verification.enter_code(service, request_id, code, actor=ACTOR)
    shown = described(service, request_id)
    assert shown["status"] == "awaiting_review"
    assert [one["method"] for one in shown["verification"]["proofs"]] == ["agent_permission", "code"]


def test_a_code_needs_a_mail_server_and_an_address(service: Service) -> None:
    """An officer is told; of a request that just came in nothing is said."""
    first = a_request(service, ANNA, also=verification.first_code(service, actor=ACTOR))
    with pytest.raises(CodeUnsendableError, match="mail server"):
        verification.send_code(service, first, actor=ACTOR)
    by_phone = a_request(service, "x", references=[{"phone": "+493012345678"}])
    with pytest.raises(CodeUnsendableError, match="address"):
        verification.send_code(writing(service), by_phone, actor=ACTOR)


def test_what_needs_no_proof_gets_no_code(service: Service) -> None:
    """An opt-out is never held up (11 CCR 7026(d))."""
    service = writing(service)
    kind = RequestType.OPT_OUT_SALE_SHARING
    a_request(service, ANNA, kind, also=verification.first_code(service, actor=ACTOR))

    assert letters(service) == []
