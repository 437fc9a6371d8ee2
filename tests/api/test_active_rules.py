"""The rulebook in force is held for about a second, and never longer than the database answers."""

from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from api.active_rules import ActiveRulebook
from api.context import Service
from consent.publishing import confirm, ensure_starting, publish
from consent.rulebook import as_json, starting_document, starting_rulebook
from consent.tables import RulebookRow
from tests.api.routes.test_decisions import JANE, SCOPES, ask, take_in
from tests.conftest import Clock, KeyOf


def test_it_is_looked_up_anew_when_told(service: Service, clock: Clock) -> None:
    """A confirmed rulebook is in force in the next answer of the process that confirmed it."""
    held = ActiveRulebook(service.main, clock)
    service.main.write(lambda session: ensure_starting(session, clock()))

    assert held() is starting_rulebook()

    document = as_json(starting_document())
    document["rulebook"]["version"] = "2"
    made = service.main.write(
        lambda session: publish(session, document, effective_at=None, actor="ada", now=clock())
    )
    service.main.write(lambda session: confirm(session, made.id, actor="bob", now=clock()))

    held.forget()

    assert held().version == "2"
    assert held() is held()


def test_without_a_valid_rulebook_the_service_answers_no(
    client: FlaskClient, service: Service, clock: Clock, key_of: KeyOf
) -> None:
    """Somebody spoiled the stored rules: a no to everything, in every form, and stored as any other."""
    headers = key_of(*SCOPES)
    take_in(client, headers, JANE["email"])
    assert ask(client, headers)["effect"] == "allow"
    document = as_json(starting_document())
    document["rulebook"]["version"] = "spoiled"

    def work(session: Session) -> None:
        made = publish(session, document, effective_at=None, actor="ada", now=clock())
        confirm(session, made.id, actor="bob", now=clock())
        session.execute(update(RulebookRow).values(document='{"rulebook":{}}'))

    service.main.write(work)
    assert isinstance(service.rulebook, ActiveRulebook)
    service.rulebook.forget()
    batch = {"leads": [JANE, {"email": "nobody@example.net"}], "channel": "email", "purpose": "profiling"}
    many = client.post("/v1/decisions/batch", json=batch, headers=headers).get_json()
    facts = {"now": clock().isoformat(), "channel": "email", "purpose": "direct_marketing"}
    evaluated = client.post("/v1/decisions/evaluate", json={"facts": facts}, headers=headers).get_json()
    one = ask(client, headers)
    shown = client.get(f"/v1/decisions/{one['decision_id']}", headers=headers).get_json()

    assert [(found["effect"], found["reasons"]) for found in (one, evaluated, *many["results"])] == [
        ("deny", ["RULEBOOK_MISSING"]),
        ("deny", ["RULEBOOK_MISSING"]),
        ("deny", ["RULEBOOK_MISSING"]),
        ("deny", ["LEAD_UNKNOWN"]),
    ]
    assert shown["effect"] == "deny"
