"""Addresses that must not be used."""

import sqlite3
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy.orm import Session

from consent.suppressions import Suppression, add, matching
from consent.vocabulary import IdentifierKind, ObjectionKind, SuppressionKind


def a_suppression(number: int, received_at: datetime, **changes: Any) -> Suppression:
    """An unsubscribe of the hash with that number."""
    digest = sha256(str(number).encode()).digest()
    return Suppression(digest, IdentifierKind.EMAIL, SuppressionKind.UNSUBSCRIBE, received_at, **changes)


def test_what_is_kept_is_found_again_by_its_hash(session: Session, now: datetime) -> None:
    """Every field survives, and other hashes find nothing."""
    kept = [a_suppression(1, now, channels=("email",)), a_suppression(2, now, purposes=("profiling",))]
    add(session, kept, entry_id="entry", now=now)

    assert (kept[0],) == matching(session, [kept[0].hash])
    assert matching(session, [sha256(b"other").digest()]) == ()


def test_many_hashes_are_matched_in_one_statement(session: Session, now: datetime) -> None:
    """A batch of a few hundred costs one round trip."""
    kept = [a_suppression(number, now) for number in range(300)]
    add(session, kept, entry_id="entry", now=now)
    statements: list[str] = []
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(statements.append)

    found = matching(session, [item.hash for item in kept])

    assert (set(kept), 1) == (set(found), len(statements))


def test_several_about_one_address_come_oldest_first(session: Session, now: datetime) -> None:
    """A reader can tell which came first."""
    newer, older = a_suppression(1, now), a_suppression(1, now - timedelta(days=1))
    add(session, [newer, older], entry_id="entry", now=now)

    assert (older, newer) == matching(session, [newer.hash])


def test_an_objection_keeps_its_kind(session: Session, now: datetime) -> None:
    """An objection of an unknown person is found as the objection it was."""
    kept = Suppression(b"h" * 32, IdentifierKind.PHONE, ObjectionKind.DO_NOT_CALL, now)
    add(session, [kept], entry_id="entry", now=now)

    assert ObjectionKind.DO_NOT_CALL is matching(session, [kept.hash])[0].type


@pytest.mark.parametrize(
    ("channels", "purposes", "expected"),
    [
        (("all",), ("all",), True),
        (("email", "sms"), ("direct_marketing",), True),
        (("sms",), ("all",), False),
        (("all",), ("profiling",), False),
    ],
)
def test_it_covers_only_what_was_refused(
    channels: tuple[str, ...], purposes: tuple[str, ...], *, expected: bool, now: datetime
) -> None:
    """Channel and purpose must both be among those named."""
    item = a_suppression(1, now, channels=channels, purposes=purposes)

    assert expected is item.stop().covers("email", "direct_marketing")


def test_a_hash_is_not_shown(now: datetime) -> None:
    """A log line with a suppression in it tells nothing that could be matched."""
    assert "hash" not in repr(a_suppression(1, now))
