"""The attempts to show who asks."""

from api import casework
from api.context import Service
from governance.requests import proofs, records
from governance.requests.tables import ProofRow
from governance.requests.vocabulary import Method, Regime, RequestType
from tests.governance.requests.desk import ACTOR, a_request, described

ANNA = "anna@example.com"


def checked(service: Service, request_id: str, method: Method, *, covers: bool = True) -> None:
    """A proof that the service itself checked."""
    service.main.write(
        lambda session: proofs.keep_checked(
            session,
            records.load(session, request_id),
            method,
            covers=covers,
            now=service.clock(),
            actor=ACTOR,
        )
    )


def test_an_officers_judgement_stands_by_itself(service: Service) -> None:
    """Whatever it rests on; what is missing for the tier is there to be seen."""
    request_id = a_request(service, ANNA, RequestType.ACCESS, regime=Regime.CCPA)
    casework.verify(service, request_id, Method.KNOWN_CHANNEL, passed=False, actor=ACTOR)
    casework.verify(service, request_id, Method.CODE, passed=True, actor=ACTOR)

    shown = described(service, request_id)
    assert shown["status"] == "awaiting_review"
    assert (shown["verification"]["required"], shown["verification"]["reached"]) == ("high", "reasonable")
    assert [(one["method"], one["passed"]) for one in shown["verification"]["proofs"]] == [
        ("known_channel", False),
        ("code", True),
    ]


def test_checked_proofs_lead_on_only_when_they_are_enough(service: Service) -> None:
    """California asks for two of them before specific pieces are shown."""
    request_id = a_request(service, ANNA, RequestType.ACCESS, regime=Regime.CCPA)
    checked(service, request_id, Method.CODE)
    assert described(service, request_id)["status"] == "awaiting_verification"

    checked(service, request_id, Method.LOGIN)
    assert described(service, request_id)["status"] == "awaiting_review"


def test_a_proof_of_somebody_else_proves_nothing(service: Service) -> None:
    """It is kept as an attempt that did not pass, and counts towards no refusal."""
    request_id = a_request(service, ANNA)
    for _ in range(4):
        checked(service, request_id, Method.CODE, covers=False)

    assert described(service, request_id)["status"] == "awaiting_verification"
    assert described(service, request_id)["verification"]["reached"] == "none"


def test_what_the_agent_showed_is_sealed(service: Service) -> None:
    """A statement names people."""
    request_id = a_request(service, ANNA)
    key = casework.request_key(service, request_id)

    def keep(session: object) -> None:
        row = records.load(session, request_id)  # type: ignore[arg-type]  # a session
        sealed = proofs.seal_statement(key, row, "signed by Anna on 2 March")
        proofs.keep(
            session,  # type: ignore[arg-type]  # a session
            row,
            Method.AGENT_PERMISSION,
            passed=True,
            now=service.clock(),
            actor=ACTOR,
            statement=sealed,
        )

    service.main.write(keep)
    with service.main.read() as session:
        kept = session.get_one(ProofRow, (request_id, 1)).statement or b""
    assert b"Anna" not in kept
