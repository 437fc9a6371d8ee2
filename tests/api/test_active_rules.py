"""The rulebook in force is held for about a second, and never longer than the database answers."""

from api.active_rules import ActiveRulebook
from api.context import Service
from consent.publishing import confirm, ensure_starting, publish
from consent.rulebook import as_json, starting_document, starting_rulebook
from tests.conftest import Clock


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
