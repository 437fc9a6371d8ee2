"""Which rulebook is in force, when, and by whom."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit.tables import PendingRow
from consent.decision import decide
from consent.errors import (
    RulebookConfirmedError,
    RulebookError,
    RulebookUnknownError,
    SecondPersonNeededError,
)
from consent.facts import parse
from consent.publishing import (
    active,
    confirm,
    document_of,
    ensure_starting,
    publications,
    publish,
    rulebook_of,
    state_of,
)
from consent.reasons import Reason
from consent.rulebook import NO_RULEBOOK, as_json, starting_document, starting_rulebook
from consent.tables import PublicationRow, RulebookRow

DAY = timedelta(days=1)


def document(version: str, **about: str) -> dict[str, Any]:
    """A rulebook that differs by its version."""
    found: dict[str, Any] = as_json(starting_document())
    found["rulebook"] |= {"version": version, **about}
    return found


def test_a_new_database_begins_with_the_starting_rulebook(session: Session, now: datetime) -> None:
    """Before and after it is published at the first start; a second start adds nothing."""
    assert active(session, now) is starting_rulebook()

    ensure_starting(session, now)
    ensure_starting(session, now)

    assert active(session, now) is starting_rulebook()
    assert [one.published_by for one in publications(session, limit=9)] == ["leadwarden"]
    assert document_of(session, starting_rulebook().hash) == as_json(starting_document())


def test_only_a_confirmed_rulebook_counts(session: Session, now: datetime) -> None:
    """Published by one, confirmed by another, in force at once; both acts are in the trail."""
    ensure_starting(session, now)
    made = publish(session, document("2"), effective_at=None, actor="ada", now=now)

    assert active(session, now) is starting_rulebook()
    assert state_of(made, None, now) == "waiting"

    confirmed = confirm(session, made.id, actor="bob", now=now + DAY)

    assert active(session, now + DAY).version == "2"
    assert active(session, now) is starting_rulebook()
    assert (confirmed.confirmed_by, confirmed.effective_at) == ("bob", now + DAY)
    actions = session.scalars(select(PendingRow.action)).all()
    assert sorted(actions) == ["rulebook.confirmed", "rulebook.published", "rulebook.published"]


def test_one_person_is_not_two(session: Session, now: datetime) -> None:
    """Neither with the same key, nor with another key of the same user, nor twice."""
    made = publish(session, document("2"), effective_at=None, actor="key-1", person="ada", now=now)
    for actor, person in (("key-2", "ada"), ("ada", None)):
        with pytest.raises(SecondPersonNeededError):
            confirm(session, made.id, actor=actor, person=person, now=now)
    confirm(session, made.id, actor="key-3", person="bob", now=now)
    with pytest.raises(RulebookConfirmedError):
        confirm(session, made.id, actor="key-4", person="eve", now=now)
    with pytest.raises(RulebookUnknownError):
        confirm(session, "nothing", actor="bob", now=now)


def test_a_rulebook_may_be_dated_ahead(session: Session, now: datetime) -> None:
    """By whoever publishes it, or by its own first day; going back is publishing again."""
    ensure_starting(session, now)
    later = publish(session, document("2"), effective_at=now + DAY, actor="ada", now=now)
    own = publish(
        session, document("3", effective_from="2027-01-01"), effective_at=None, actor="ada", now=now
    )
    for made in (later, own):
        confirm(session, made.id, actor="bob", now=now)
    versions = [active(session, now + days * DAY).version for days in (0, 1, 60)]

    assert versions == [starting_rulebook().version, "2", "3"]

    back = publish(session, starting_document(), effective_at=None, actor="ada", now=now + 61 * DAY)
    confirm(session, back.id, actor="bob", now=now + 61 * DAY)

    assert active(session, now + 61 * DAY) is starting_rulebook()


def test_a_rulebook_that_does_not_pass_is_not_kept(session: Session, now: datetime) -> None:
    """Every fault is named; nothing is written."""
    with pytest.raises(RulebookError):
        publish(session, {"rulebook": {}}, effective_at=None, actor="ada", now=now)

    assert session.scalars(select(RulebookRow.hash)).all() == []


def test_a_version_names_one_content(session: Session, now: datetime) -> None:
    """The same content may be published again, another one only under a name of its own."""
    ensure_starting(session, now)
    publish(session, document("2"), effective_at=None, actor="ada", now=now)
    publish(session, document("2"), effective_at=None, actor="ada", now=now)

    for version in ("2", starting_rulebook().version):
        changed = document(version, title="Something else")
        with pytest.raises(RulebookError) as caught:
            publish(session, changed, effective_at=None, actor="ada", now=now)
        assert list(caught.value.errors) == ["version"]


def test_without_a_valid_rulebook_every_answer_is_no(session: Session, now: datetime) -> None:
    """None confirmed yet, or one whose stored content is not what its hash names."""
    made = publish(session, document("2"), effective_at=None, actor="ada", now=now)
    session.execute(update(PublicationRow).values(effective_at=now + DAY))

    assert active(session, now) is NO_RULEBOOK

    confirm(session, made.id, actor="bob", now=now + DAY)
    session.execute(update(RulebookRow).values(document='{"rulebook":{}}'))
    session.expire_all()
    question = parse({"now": now.isoformat(), "channel": "email", "purpose": "direct_marketing"})

    assert decide(NO_RULEBOOK, question).reasons == (Reason.RULEBOOK_MISSING,)
    with pytest.raises(RulebookUnknownError):
        rulebook_of(session, "0" * 64)


def test_content_that_is_not_what_its_hash_names_is_not_used(session: Session, now: datetime) -> None:
    """Somebody changed the row behind our back: no rulebook rather than theirs."""
    made = publish(session, document("tampered"), effective_at=None, actor="ada", now=now)
    confirm(session, made.id, actor="bob", now=now)
    session.execute(update(RulebookRow).values(document=json.dumps(document("changed"))))
    session.expire_all()

    assert active(session, now) is NO_RULEBOOK
