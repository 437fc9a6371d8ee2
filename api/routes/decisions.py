"""The check before any contact: asked, answered, proved, and told what came of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from api.auth import needs, public
from api.checks import Tally, ahead_errors, outside_binding, questions, references, results
from api.context import caller, current
from api.imports import NDJSON, spooled_text
from api.problems import Problem, problem
from api.receipts import audited_before
from api.schemas.decisions import (
    Answer,
    BatchAnswer,
    BatchBody,
    DecisionShown,
    KeySet,
    OutcomeBody,
    OutcomeTold,
    QuestionBody,
)
from api.shapes import BATCH_LIMIT, JSON_TYPE, accepts, denies_when_unavailable, invalid, lines, returns
from audit.log import Appended
from audit.merkle import leaf_hash
from audit.query import entry as find_entry
from consent.check import Answered
from consent.decisions import decision
from consent.decisions import receivable as stored_receivable
from consent.explanation import told
from consent.judging import Asker, Sitting
from consent.outcomes import OutcomeKind, tell
from consent.question import Question, question_of
from consent.receipt import Receivable, receipt
from governance.checks import ContactCheck, contact_check_each
from governance.identity import parse_reference
from governance.vault.signing import receipt_jwks

blueprint = Blueprint("decisions", __name__)

CLOCKS_DIFFER = timedelta(minutes=5)  # how far ahead of ours a caller's clock may be


@blueprint.post("/v1/decisions")
@needs("decisions:create")
@denies_when_unavailable
@accepts(QuestionBody)
@returns(Answer)
def decide(body: dict[str, Any]) -> Response:
    """May this lead be contacted, now? The answer is in the trail before it is sent."""
    service, sitting = current(), _sitting()
    question = _question(body, sitting)
    reference = parse_reference(body["lead"])
    asked = ContactCheck(service.keyring, sitting, reference, question)
    answered, appended = service.main.write_together(contact_check_each, asked)
    signed = receipt(_receivable(answered, appended, sitting), service.receipt_signer)
    return Response(answered.shown(appended.entry_id, signed), mimetype=JSON_TYPE)


@blueprint.post("/v1/decisions/batch")
@needs("decisions:create")
@denies_when_unavailable
@accepts(BatchBody, limit=BATCH_LIMIT, also=(NDJSON,))
@returns(BatchAnswer)
def decide_many(body: dict[str, Any] | None) -> Response:
    """May these leads be contacted? Up to 10,000 references in one question, or a question a line."""
    if body is None:
        return Response(spooled_text(_streamed()), mimetype=NDJSON)
    question = _question(body, _sitting())
    tally = Tally()
    answers = ",".join(results(current(), _sitting, references(body["leads"], question), tally))
    return Response(f'{{"results":[{answers}],{tally.members()}}}', mimetype=JSON_TYPE)


@blueprint.get("/v1/decisions/<decision_id>")
@needs("decisions:read")
@returns(DecisionShown)
def show(decision_id: str) -> dict[str, Any]:
    """A stored decision: question, facts used, every rule tried, what is missing for a yes, and the proof."""
    service = current()
    with service.main.read() as session:
        found = decision(session, decision_id)
        document = told(session, found)
        entry = find_entry(session, found.entry_id)
    if found.proof is not None and entry is not None:
        receivable = stored_receivable(found, leaf_hash(entry.body))
        document["receipt"] = receipt(receivable, service.receipt_signer)
    return document


@blueprint.post("/v1/decisions/<decision_id>/outcome")
@needs("decisions:create")
@accepts(OutcomeBody)
@returns(OutcomeTold)
def tell_outcome(decision_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Say what was done with an answer; a message that was sent counts for the next decision."""
    service, now, actor = current(), current().clock(), caller().id
    kind = OutcomeKind(body["outcome"])
    if body["at"] > now + CLOCKS_DIFFER:
        raise invalid({"at": ["Must not lie ahead."]})

    def work(session: Session) -> dict[str, Any]:
        outcome = tell(session, decision_id, kind, at=body["at"], now=now, actor=actor)
        return {
            "decision_id": decision_id,
            "outcome": outcome.kind.value,
            "at": outcome.at,
            "audit": audited_before(service, session, outcome.entry_id),
        }

    return service.main.write(work)


@blueprint.get("/.well-known/jwks.json")
@public
@returns(KeySet)
def key_set() -> dict[str, Any]:
    """The public keys that receipts are signed with, retired ones too."""
    with current().keys.read() as session:
        return dict(receipt_jwks(session))


def _sitting() -> Sitting:
    """Who asks, by which rules, now."""
    service, asking = current(), caller()
    return Sitting(service.rulebook(), Asker(asking.id, asking.purposes), service.clock())


def _question(body: dict[str, Any], sitting: Sitting) -> Question:
    """The question, if this key may ask it.

    Raises:
        Problem: 403, outside the key's binding; 422, `at` lies behind.
    """
    question = question_of(body)
    if outside_binding(caller(), question):
        raise _forbidden()
    errors = ahead_errors(question, sitting.now)
    if errors:
        raise invalid(errors)
    return question


def _streamed() -> Iterator[str]:
    """The results of an NDJSON body; the last line holds their summary and receipts."""
    tally = Tally()
    yield from results(current(), _sitting, questions(lines(), caller(), current().clock()), tally)
    yield f"{{{tally.members()}}}"


def _receivable(answered: Answered, appended: Appended, sitting: Sitting) -> Receivable:
    return Receivable(
        text=answered.text,
        decision_id=answered.decision_id,
        asker=sitting.asker.id,
        lead_id=answered.judged.lead_id,
        decided_at=sitting.now,
        valid_until=answered.judged.decision.valid_until,
        entry_id=appended.entry_id,
        leaf_hash=appended.leaf_hash,
    )


def _forbidden() -> Problem:
    detail = "The key is bound to other purposes or channels."
    return problem(403, "outside_binding", "Forbidden", detail)
