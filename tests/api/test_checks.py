"""Checks by the thousand: a line has its own answer, in order, in chunks that are committed one by one."""

import json
from collections.abc import Iterator
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from api.checks import (
    MOST_LINES,
    Line,
    Refused,
    Tally,
    ahead_errors,
    outside_binding,
    questions,
    references,
    results,
)
from api.context import Service
from audit.actions import Action
from audit.tables import PendingRow
from consent.batch import MOST_A_CHUNK
from consent.judging import Asker, Sitting
from consent.question import Question
from consent.tables import DecisionRow
from consent.vocabulary import Channel, Purpose
from governance.scopes import Caller
from tests.conftest import NOW

ASKED = {"lead": {"email": "jane@example.com"}, "channel": "email", "purpose": "direct_marketing"}
QUESTION = Question("email", "direct_marketing")
ANYBODY = Caller("key", "key", frozenset({"decisions:create"}), None, None)
WORDS = st.none() | st.frozensets(st.sampled_from([each.value for each in (*Purpose, *Channel)]))


def line(**changes: object) -> bytes:
    """A question as a line."""
    return json.dumps(ASKED | changes).encode()


def codes(lines: list[bytes | None], caller: Caller = ANYBODY) -> list[str]:
    """What is wrong with each line; nothing is `asked`."""
    return [each.code if isinstance(each, Refused) else "asked" for each in questions(lines, caller, NOW)]


def answered(service: Service, lines: Iterator[Line]) -> tuple[list[dict[str, object]], Tally]:
    """The results of the lines as a caller reads them, and what they came to."""
    tally = Tally()

    def sitting() -> Sitting:
        return Sitting(service.rulebook(), Asker("key-1"), service.clock())

    return [json.loads(each) for each in results(service, sitting, lines, tally)], tally


@given(purposes=WORDS, channels=WORDS, channel=st.sampled_from(Channel), purpose=st.sampled_from(Purpose))
def test_a_bound_key_asks_within_its_binding_only(
    purposes: frozenset[str] | None, channels: frozenset[str] | None, channel: Channel, purpose: Purpose
) -> None:
    """In both respects; bound to nothing at all is not unbound."""
    caller = Caller("key", "key", frozenset(), purposes, channels)
    within = (purposes is None or purpose in purposes) and (channels is None or channel in channels)

    assert outside_binding(caller, Question(channel.value, purpose.value)) is not within


@given(seconds=st.integers(-10, 10))
def test_one_asks_ahead_and_never_back(seconds: int) -> None:
    """Now is not before."""
    question = Question("email", "direct_marketing", at=NOW + timedelta(seconds=seconds))

    assert bool(ahead_errors(question, NOW)) is (seconds < 0)
    assert ahead_errors(QUESTION, NOW) == {}


def test_each_line_is_refused_for_its_own_fault() -> None:
    """Blank lines are none; a neighbour's fault is not ours."""
    bound = Caller("key", "key", frozenset(), frozenset({"service_notice"}), None)
    faults: dict[bytes | None, str] = {
        None: "line_too_long",
        b"{": "malformed_json",
        b"\xff": "malformed_json",
        b"[" * 100_000: "malformed_json",
        b"[]": "validation_failed",
        line(channel="pigeon"): "validation_failed",
        line(at=(NOW - timedelta(days=1)).isoformat()): "validation_failed",
        line(lead={}): "identity_invalid",
        line(lead={"email": "nobody"}): "identity_invalid",
        line(): "asked",
    }

    assert codes(list(faults)) == list(faults.values())
    assert codes([b"", line(), b"  \t", line()]) == ["asked", "asked"]
    assert codes([line(), line(purpose="service_notice")], bound) == ["outside_binding", "asked"]


def test_a_refusal_says_no_and_does_not_repeat_what_was_sent() -> None:
    """To a program that looks no further than `effect`."""
    [refused] = questions([line(lead={"email": "canary at example"}, channel="email")], ANYBODY, NOW)

    assert isinstance(refused, Refused)
    assert json.loads(refused.result())["effect"] == "deny"
    assert "canary" not in refused.result()


def test_beyond_the_limit_nothing_is_read() -> None:
    """Each further line is told so, a good one too; there is still a result for each."""
    found = codes([*[b"{"] * MOST_LINES, line(), None])

    assert set(found[:MOST_LINES]) == {"malformed_json"}
    assert found[MOST_LINES:] == ["too_many_lines", "too_many_lines"]


def test_references_that_are_no_objects_are_refused() -> None:
    """JSON can hold anything."""
    found = list(references(["jane@example.com", None, 7, [], {"email": "jane@example.com"}], QUESTION))

    assert [isinstance(each, Refused) for each in found] == [True, True, True, True, False]


def test_chunks_are_committed_and_promised_one_by_one(service: Service) -> None:
    """A chunk is an entry with a receipt; a result says which entry holds it, in the order asked."""
    leads: list[object] = [{"email": f"p{number}@example.com"} for number in range(MOST_A_CHUNK + 2)]
    leads[1] = "broken"
    found, tally = answered(service, references(leads, QUESTION))
    with service.main.read() as session:
        stored = session.scalar(select(func.count()).select_from(DecisionRow))
        entries = session.scalars(
            select(PendingRow.entry_id)
            .where(PendingRow.action == Action.DECISION_BATCH_MADE)
            .order_by(PendingRow.entry_id)
        ).all()
    named = [each["audit"]["entry_id"] if "audit" in each else None for each in found]  # type: ignore[index]  # JSON

    assert [place for place, each in enumerate(found) if "code" in each] == [1]
    assert (tally.counts, stored) == ({"deny": MOST_A_CHUNK + 1, "errors": 1}, MOST_A_CHUNK + 1)
    assert [each["entry_id"] for each in tally.receipts] == sorted(entries) == sorted({*named} - {None})  # type: ignore[type-var]  # ids
    assert named[MOST_A_CHUNK - 1] != named[MOST_A_CHUNK]


def test_what_can_not_be_asked_leaves_nothing_behind(service: Service) -> None:
    """No decision, no entry, no receipt."""
    found, tally = answered(service, references(["broken"] * 3, QUESTION))
    with service.main.read() as session:
        entries = session.scalar(
            select(func.count()).select_from(PendingRow).where(PendingRow.action.like("decision%"))
        )

    assert (len(found), entries, tally.receipts) == (3, 0, [])
    assert json.loads(f"{{{tally.members()}}}")["summary"] == {"allow": 0, "deny": 0, "errors": 3}


def test_a_stream_is_answered_while_it_is_read(service: Service) -> None:
    """The first chunk's results come before the second is asked for: memory does not grow with the list."""
    read: list[int] = []

    def leads() -> Iterator[object]:
        for number in range(2 * MOST_A_CHUNK):
            read.append(number)
            yield "broken"

    lines = references(leads(), QUESTION)
    next(results(service, lambda: Sitting(service.rulebook(), Asker("key-1"), NOW), lines, Tally()))

    assert len(read) == MOST_A_CHUNK
