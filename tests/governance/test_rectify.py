"""Correcting a lead: exactly what is named, and never at another's cost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.tables import PendingRow
from consent.events import EventKind
from consent.ledger import history
from consent.vocabulary import SuppressionKind
from governance import identity
from governance.custody import lock
from governance.errors import (
    IdentityConflictError,
    LeadLockedError,
    SuppressedAfterErasureError,
)
from governance.leads import changes
from governance.rectify import Rectified, rectify
from governance.resolve import resolve
from governance.tables import FieldRow
from tests.governance.lead_desk import ACTOR, Desk, open_desk
from tests.governance.test_intake import suppress

JANE, JOHN = ("email", "jane@example.com"), ("email", "john@example.com")
CRM_1 = ("external", "1", "crm")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def correct(desk: Desk, lead_id: str, **document: Any) -> Rectified:
    """Carry out a correction in a transaction of its own."""
    key = desk.key_of(lead_id)
    with desk.session() as session:
        return rectify(session, desk.keyring, key, changes(document), now=next(desk.clock), actor=ACTOR)


def an_email(value: str) -> list[dict[str, str]]:
    """Identifiers that are one address."""
    return [{"type": "email", "value": value}]


def test_identifiers_are_replaced_a_kind_at_a_time(desk: Desk) -> None:
    """The old address finds nobody any more; other kinds stay; the address kept is the same row."""
    lead_id = desk.a_known_lead(JANE, ("email", "old@example.com"), CRM_1)
    done = correct(desk, lead_id, identifiers=an_email(JANE[1]))
    held = [one.text for one in desk.identifiers(lead_id)]
    with desk.session() as session:
        found = resolve(session, desk.keyring, identity.email("old@example.com"))

    assert done.changed == ("identifiers.email",)
    assert held == [JANE[1], "1"]
    assert found == ()


def test_an_address_that_was_given_up_is_free_for_another(desk: Desk) -> None:
    """It identifies whoever has it now."""
    first, second = desk.a_known_lead(JANE, CRM_1), desk.a_known_lead(JOHN)
    correct(desk, first, identifiers=an_email("jane.new@example.com"))
    correct(desk, second, identifiers=an_email(JANE[1]))
    with desk.session() as session:
        assert resolve(session, desk.keyring, identity.email(JANE[1])) == (second,)


def test_a_field_has_a_new_version_each_time(desk: Desk) -> None:
    """So an old sealed value can not be put back."""
    lead_id = desk.a_known_lead(JANE, profile={"name": "Do"})
    correct(desk, lead_id, profile={"name": "Doe"})
    correct(desk, lead_id, profile={"name": "Dough", "new": 1})
    with desk.session() as session:
        versions = {row.name: row.record_version for row in session.scalars(select(FieldRow))}
    profile = desk.export(lead_id)["profile"]

    assert versions == {"name": 3, "new": 1}
    assert profile == {"name": "Dough", "new": 1}


def test_the_trail_names_what_changed_and_no_value(desk: Desk) -> None:
    """One entry a correction."""
    lead_id = desk.a_known_lead(JANE)
    correct(desk, lead_id, profile={"city": "Ghent"}, country="BE")
    with desk.session() as session:
        [body] = session.scalars(select(PendingRow.body).where(PendingRow.action == "lead.updated"))

    assert b'"changed":["country","profile.city"]' in body
    assert b"Ghent" not in body


def test_an_objection_to_an_address_comes_along_with_it(desk: Desk) -> None:
    """Made before anybody knew whose address it was."""
    suppress(desk, JOHN[1], SuppressionKind.UNSUBSCRIBE)
    lead_id = desk.a_known_lead(JANE)
    correct(desk, lead_id, identifiers=an_email(JOHN[1]))
    with desk.session() as session:
        assert len(history(session, lead_id, EventKind.SUPPRESSION)) == 1


def test_nobody_takes_anothers_address(desk: Desk) -> None:
    """Neither a lead's, nor that of somebody who was erased; and nothing of the correction stays."""
    desk.a_known_lead(JANE)
    lead_id = desk.a_known_lead(JOHN)
    suppress(desk, "gone@example.com", SuppressionKind.ERASURE_SUPPRESSION)
    with pytest.raises(IdentityConflictError):
        correct(desk, lead_id, identifiers=an_email(JANE[1]), profile={"a": 1})
    with pytest.raises(SuppressedAfterErasureError):
        correct(desk, lead_id, identifiers=an_email("gone@example.com"), profile={"a": 1})
    assert desk.export(lead_id)["profile"] == {}


def test_a_lead_that_is_being_erased_is_not_corrected(desk: Desk) -> None:
    """Nothing is added to what is about to go."""
    lead_id = desk.a_known_lead(JANE)
    with desk.session() as session:
        lock(session, lead_id)
    with pytest.raises(LeadLockedError):
        correct(desk, lead_id, country="DE")
