"""`governance.freshness`: which versions stand in the main database of what was sealed anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.freshness import rewritten_leads, rewritten_requests, versions_of
from governance.identity import email
from governance.leads import changes
from governance.rectify import rectify
from tests.conftest import NOW
from tests.governance.lead_desk import Desk, open_desk

JANE = ("email", email("jane.doe@example.com").text)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def retitled(desk: Desk, lead_id: str, title: str) -> None:
    """Another title."""
    wanted = changes({"profile": {"title": title}})
    with desk.session() as session:
        rectify(session, desk.keyring, desk.key_of(lead_id), wanted, now=NOW, actor="tester")


def test_only_what_was_sealed_anew_has_a_version_past_the_first(desk: Desk) -> None:
    """By owner and place; every version where that is asked for."""
    lead_id = desk.a_known_lead(JANE, profile={"name": "Jane", "title": "Dr"})
    with desk.session() as session:
        assert versions_of(session, [lead_id]) == {}
    retitled(desk, lead_id, "Prof")

    with desk.session() as session:
        assert versions_of(session, [lead_id]) == {lead_id: {"lead_fields.value/title": 2}}
        assert versions_of(session, [lead_id], above=0) == {
            lead_id: {"lead_fields.value/title": 2, "lead_fields.value/name": 1}
        }
        assert versions_of(session, ["somebody else"]) == {}


def test_who_was_rewritten_is_gone_through_in_order(desk: Desk) -> None:
    """Each once, and nobody else."""
    leads = sorted(
        desk.a_known_lead(("email", f"{name}@example.com"), profile={"title": "Dr"}) for name in "abc"
    )
    for lead_id in leads[:2]:
        retitled(desk, lead_id, "Prof")

    with desk.session() as session:
        assert rewritten_leads(session, after="", limit=9) == leads[:2]
        assert rewritten_leads(session, after=leads[0], limit=1) == leads[1:2]
        assert rewritten_requests(session, after="", limit=9) == []
