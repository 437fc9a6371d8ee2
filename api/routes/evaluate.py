"""The rules tried on facts given in the call: nothing is looked up, nothing is stored."""

from typing import Any

from flask import Blueprint

from api.auth import needs
from api.context import current
from api.schemas.evaluate import Evaluated, FactsBody
from api.shapes import accepts, denies_when_unavailable, invalid, returns
from consent.decision import Decision, decide
from consent.errors import FactsError
from consent.facts import parse

blueprint = Blueprint("evaluate", __name__)


@blueprint.post("/v1/decisions/evaluate")
@needs("decisions:create")
@denies_when_unavailable
@accepts(FactsBody)
@returns(Evaluated)
def evaluate(body: dict[str, Any]) -> dict[str, Any]:
    """What would the answer be for a lead of whom these facts were known?"""
    try:
        facts = parse(body["facts"])
    except FactsError as error:
        raise invalid({f"facts.{place}": messages for place, messages in error.errors.items()}) from error
    rulebook = current().rulebook()
    return answer_document(decide(rulebook, facts), rulebook.hash)


def answer_document(decision: Decision, rulebook: str) -> dict[str, Any]:
    """A decision as the contract writes it."""
    document = {
        "effect": decision.effect.value,
        "reasons": list(decision.reasons),
        "rules": [
            {"id": rule.id, "version": rule.version, "citation": rule.citation} for rule in decision.rules
        ],
        "obligations": list(decision.obligations),
        "valid_until": decision.valid_until.isoformat(),
        "needs_review": decision.needs_review,
        "rulebook": rulebook,
    }
    if decision.retry_not_before is not None:
        document["retry_not_before"] = decision.retry_not_before.isoformat()
    return document
