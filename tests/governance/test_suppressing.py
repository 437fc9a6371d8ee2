"""The hashes that outlive people: what is kept of whom, and what is not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from consent.stops import Stop
from consent.suppressions import Suppression, matching
from consent.tables import SuppressionRow
from consent.vocabulary import ObjectionKind, SuppressionKind
from governance.contact import NewObjection, object_to
from governance.identity import ById, Identifier, email, phone
from governance.suppressing import keep_unknown, suppress_for_erasure
from governance.vault.index import suppression_hashes
from tests.governance.lead_desk import ACTOR, NOW, Desk, open_desk

JANE = email("jane@firm.example")
INFO = email("info@firm.example")
STOPS = [
    Stop(ObjectionKind.PROFILING, NOW - timedelta(days=2)),
    Stop(SuppressionKind.UNSUBSCRIBE, NOW, ("email",), ("newsletter",)),
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def kept(desk: Desk, identifier: Identifier) -> tuple[Suppression, ...]:
    """What is kept by the hash of an address."""
    hashes = suppression_hashes(desk.keyring, identifier.kind, identifier.key)
    with desk.session() as session:
        return matching(session, hashes)


def erase(desk: Desk, lead_id: str, *identifiers: Identifier) -> int:
    """Suppress for an erasure; how many were added."""
    with desk.session() as session:
        return suppress_for_erasure(session, desk.keyring, lead_id, identifiers, entry_id="entry", now=NOW)


@pytest.mark.parametrize("identifier", [JANE, INFO, phone("+493012345678")])
def test_a_no_of_somebody_unknown_is_kept_as_it_was_said(desk: Desk, identifier: Identifier) -> None:
    """Each kind with its own channels, purposes and moment; of a shared address too: it is all there is."""
    with desk.session() as session:
        keep_unknown(session, desk.keyring, identifier, STOPS, now=NOW, actor=ACTOR)

    assert [item.stop() for item in kept(desk, identifier)] == STOPS


def test_an_erased_address_is_kept_as_a_hash_and_nothing_shared_is(desk: Desk) -> None:
    """Colleagues behind `info@` and the company's phone have not asked to be erased."""
    lead_id = desk.a_known_lead(("email", JANE.text), ("email", INFO.text))

    assert erase(desk, lead_id, JANE, INFO, phone("+493012345678")) == 1
    assert [item.type for item in kept(desk, JANE)] == [SuppressionKind.ERASURE_SUPPRESSION]
    assert kept(desk, INFO) == ()


def test_the_noes_of_the_lead_outlive_it(desk: Desk) -> None:
    """Who objected and is then erased has still objected: by the address, since the day it was said."""
    lead_id = desk.a_known_lead(("email", JANE.text))
    said = NewObjection(ObjectionKind.DIRECT_MARKETING, NOW - timedelta(days=9), "phone call")
    with desk.session() as session:
        object_to(session, desk.keyring, ById(lead_id), said, now=NOW, actor=ACTOR)

    erase(desk, lead_id, JANE)

    assert {(item.type, item.received_at) for item in kept(desk, JANE)} == {
        (SuppressionKind.ERASURE_SUPPRESSION, NOW),
        (ObjectionKind.DIRECT_MARKETING, NOW - timedelta(days=9)),
    }


def test_doing_it_again_adds_nothing(desk: Desk) -> None:
    """A step that is repeated after a crash leaves the same rows; a further address adds its own."""
    lead_id, home = desk.a_known_lead(("email", JANE.text)), email("jane@home.example")

    assert [erase(desk, lead_id, *them) for them in ([JANE], [JANE], [JANE, home], [home])] == [1, 0, 1, 0]
    with desk.session() as session:
        assert session.scalar(select(func.count()).select_from(SuppressionRow)) == 2
