"""`audit.entry`: the exact bytes of an entry."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.actions import Action
from audit.entry import MAX_ENTRY_BYTES, Entry, entry_bytes, parse_entry, stamp
from audit.errors import EntryRefusedError

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SALT = bytes(range(32))
ENTRY_ID = "0193b7a0-0000-7000-8000-000000000001"
FACTS = st.dictionaries(
    st.text(st.characters(codec="ascii")), st.integers(-9, 9) | st.text(st.characters(codec="utf-8"))
)


def test_golden_bytes() -> None:
    """The format, to the byte; a change here is a new version."""
    facts = {"purpose": "research", "fields": ["email"]}
    entry = Entry(Action.LEAD_LOOKED_UP, "key-1", NOW, lead_id="lead-1", object_id="object-1", facts=facts)

    expected = (
        b'{"action":"lead.looked_up","actor":"key-1","at":"2026-11-24T10:00:00.000000Z",'
        b'"facts":{"fields":["email"],"purpose":"research"},"id":"0193b7a0-0000-7000-8000-000000000001",'
        b'"lead":"41d84aabe44350b56d024f90ed997aaa1b80e7ab14e76eb1b47f474187e03cb1",'
        b'"object":"cf7554fc6f779e44c56fe11a4ad91e68b1bdecb0e38ffb3adfca1f396ee702c9","v":1}'
    )

    assert expected == entry_bytes(entry, ENTRY_ID, SALT)


@given(FACTS, st.booleans(), st.booleans())
def test_an_entry_is_canonical_json(facts: dict[str, Any], about_lead: bool, about_object: bool) -> None:  # noqa: FBT001
    """The bytes put together by hand are those that RFC 8785 gives the parsed entry."""
    lead_id, object_id = "lead" if about_lead else None, "object" if about_object else None

    body = entry_bytes(Entry("lead.created", "key", NOW, lead_id, object_id, facts), ENTRY_ID, SALT)

    document = parse_entry(body)
    assert rfc8785.dumps(document) == body
    assert facts == document["facts"]
    assert ("lead" in document, "object" in document) == (about_lead, about_object)


@pytest.mark.parametrize(
    "entry",
    [
        Entry("lead.eaten", "key", NOW),
        Entry("lead.created", "", NOW),
        Entry("lead.created", 'a"b', NOW),
        Entry("lead.created", "someone@example.com", NOW),
        Entry("lead.created", "a" * 65, NOW),
        Entry("lead.created", "key", NOW.replace(tzinfo=None)),
        Entry("lead.created", "key", NOW, facts={"much": "x" * MAX_ENTRY_BYTES}),
        Entry("lead.created", "key", NOW, facts={"ratio": 0.5}),  # type: ignore[dict-item]  # what is refused
    ],
    ids=["action", "no actor", "quote", "address", "long actor", "naive", "long", "float"],
)
def test_what_no_entry_may_hold_is_refused(entry: Entry) -> None:
    """Unknown actions, actors that are no ids, naive times, floats and oversize never reach the database."""
    with pytest.raises(EntryRefusedError):
        entry_bytes(entry, ENTRY_ID, SALT)


def test_an_instant_has_one_spelling() -> None:
    """Whatever offset it came with, a time is written in UTC with six decimals."""
    berlin = NOW.astimezone(timezone(timedelta(hours=1)))

    assert stamp(berlin) == stamp(NOW) == "2026-11-24T10:00:00.000000Z"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_bytes_that_are_no_entry_are_named(body: bytes) -> None:
    """Reading refuses what is not a JSON object, by the package's own error."""
    with pytest.raises(EntryRefusedError):
        parse_entry(body)
