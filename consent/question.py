"""One question about one person, and the facts that it is judged on. Pure.

The asker brings the question, the ledger brings the grounds: a question can add what only makes an answer
stricter (a zone, a content flag that says no) and the few promises that the law lets a sender make.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

CONTEXT = ("notice_in_first_message", "mass_sending", "b2b_message", "role_relevant")
CONTENT = ("promotional", "unsubscribe", "postal_address", "accurate_header", "topic")

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Question:
    """May somebody be contacted over `channel` for `purpose`?

    Attributes:
        at: when, if not now; ahead, and moving only hours and frequency.
        time_zone: a further zone whose hours must allow it too.
        content: what is known of the message; None when nothing is.
        context: promises about the message, of `CONTEXT`.
        text: the question as JSON, as it is stored and signed.
    """

    channel: str
    purpose: str
    at: datetime | None = None
    time_zone: str | None = None
    content: Mapping[str, Any] | None = None
    context: Mapping[str, bool] = field(default_factory=dict)
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _encode(self.document()))

    def document(self) -> dict[str, Any]:
        """The question as it is stored and signed; what was not said is left out."""
        asked: dict[str, Any] = {"channel": self.channel, "purpose": self.purpose}
        if self.at is not None:
            asked["at"] = self.at.isoformat()
        if self.time_zone is not None:
            asked["time_zone"] = self.time_zone
        if self.content is not None:
            asked["content"] = dict(self.content)
        if self.context:
            asked["context"] = dict(self.context)
        return asked


class Subject(NamedTuple):
    """Whom a question is about: the leads that its reference fits, and the hashes of the address it gave."""

    lead_ids: tuple[str, ...]
    hashes: tuple[bytes, ...] = ()


def question_of(document: Mapping[str, Any]) -> Question:
    """The question of a checked body, or of a stored answer."""
    at = document.get("at")
    return Question(
        channel=document["channel"],
        purpose=document["purpose"],
        at=datetime.fromisoformat(at) if isinstance(at, str) else at,
        time_zone=document.get("time_zone"),
        content=document.get("content"),
        context=document.get("context") or _NOTHING,
    )


def facts_for(question: Question, stored: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The facts that the rules judge (by `trusted`): what is stored of the person, and what is asked."""
    facts: dict[str, Any] = {
        **stored,
        **question.context,
        "now": now,
        "channel": question.channel,
        "purpose": question.purpose,
    }
    if question.at is not None:
        facts["at"] = question.at
    if question.time_zone is not None:
        facts["time_zone"] = question.time_zone
    if question.content is not None:
        facts["content"] = question.content
    return facts
