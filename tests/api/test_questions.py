"""The quick reading of a question agrees with the schema that documents it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from api.questions import quick, quick_batch
from api.schemas.decisions import MOST_REFERENCES, BatchBody, QuestionBody

JUNK = st.sampled_from([None, 0, 1, "", "x", True, [], {}, ["email"], {"a": 1}, 1.5])
FLAG = st.booleans() | JUNK
FLAGS = st.dictionaries(
    st.sampled_from(["promotional", "unsubscribe", "notice_in_first_message", "mass_sending", "odd"]),
    FLAG,
    max_size=3,
)
BODY = st.fixed_dictionaries(
    {},
    optional={
        "lead": st.just({"email": "a@example.com"}) | JUNK,
        "leads": st.lists(st.just({"lead_id": "x"}) | JUNK, max_size=3) | JUNK,
        "channel": st.sampled_from(["email", "sms", "pigeon"]) | JUNK,
        "purpose": st.sampled_from(["direct_marketing", "profiling", "fun"]) | JUNK,
        "time_zone": st.sampled_from(["Europe/Berlin", "Mars/Olympus"]) | JUNK,
        "content": FLAGS | JUNK,
        "context": FLAGS | JUNK,
        "at": st.just("2026-11-24T10:00:00Z"),
        "more": JUNK,
    },
)
GOOD = {"lead": {"email": "a@example.com"}, "channel": "email", "purpose": "direct_marketing"}


def slowly(schema: type[Schema], body: object) -> Any:
    """What the schema by itself makes of a body; None where it refuses."""
    try:
        return Schema.load(schema(), body)  # type: ignore[arg-type]  # anything may come over the wire
    except ValidationError:
        return None


@given(BODY | JUNK)
def test_what_is_quickly_accepted_the_schema_accepts_alike(body: object) -> None:
    """Over good and bad bodies: never more than the schema, and never another result."""
    found = quick(body)

    if found is not None:
        assert found == slowly(QuestionBody, body)


@given(BODY | JUNK)
def test_so_it_is_for_batches(body: object) -> None:
    """The same, for one question about many leads."""
    found = quick_batch(body, MOST_REFERENCES)

    if found is not None:
        assert found == slowly(BatchBody, body)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"time_zone": "Europe/Berlin"},
        {"content": {"promotional": True, "unsubscribe": False}},
        {"context": {"role_relevant": True}},
    ],
)
def test_the_common_questions_are_read_quickly(more: dict[str, Any]) -> None:
    """What senders ask all day never waits for the schema."""
    assert quick(GOOD | more) == GOOD | more


def test_a_batch_has_a_limit() -> None:
    """One reference too many is left to the schema, which refuses it."""
    body = {**GOOD, "leads": [{"lead_id": "x"}] * (MOST_REFERENCES + 1)}
    del body["lead"]

    assert quick_batch(body, MOST_REFERENCES) is None
    assert slowly(BatchBody, body) is None
