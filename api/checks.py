"""Checks by the thousand: JSON batches and NDJSON streams, chunk by chunk, in memory that does not grow.

Each chunk is one transaction, one snapshot and one entry in the trail, and is answered once it is committed.
A line that can not be read is answered with its fault; its neighbours never notice.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from marshmallow import ValidationError

from api.context import Service
from api.receipts import audited
from api.schemas.decisions import QuestionBody
from api.shapes import flat, loaded, parse_json
from consent.batch import MOST_A_CHUNK
from consent.judging import Sitting
from consent.question import Question, question_of
from governance.checks import contact_checks
from governance.errors import IdentityInvalidError
from governance.identity import Reference, parse_reference
from governance.scopes import Caller

MOST_LINES = 100_000

Result: TypeAlias = str
"""One line of JSON."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a line is no question; to a program that looks no further it says deny."""

    code: str
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    def result(self) -> Result:
        """The line's result."""
        return json.dumps({"effect": "deny", "code": self.code, "errors": dict(self.errors)})


Asked: TypeAlias = tuple[Reference, Question]
Line: TypeAlias = Asked | Refused


@dataclass(slots=True)
class Tally:
    """What a batch came to: how many answers of each kind, and the receipt of each chunk's entry."""

    counts: Counter[str] = field(default_factory=Counter)
    receipts: list[dict[str, str]] = field(default_factory=list)

    def members(self) -> str:
        """`summary` and `receipts` as the contract names them: members of a JSON object."""
        summary = {name: self.counts[name] for name in ("allow", "deny", "errors")}
        return f'"summary":{json.dumps(summary)},"receipts":{json.dumps(self.receipts)}'


def outside_binding(caller: Caller, question: Question) -> bool:
    """Whether a key that is bound to purposes or channels asks about others."""
    return _outside(question.purpose, caller.purposes) or _outside(question.channel, caller.channels)


def ahead_errors(question: Question, now: datetime) -> dict[str, list[str]]:
    """What is wrong with `at`, which can ask about later and never about before."""
    behind = question.at is not None and question.at < now
    return {"at": ["Must lie ahead."]} if behind else {}


def references(leads: Iterable[object], question: Question) -> Iterator[Line]:
    """One question about many leads."""
    return (_line(document, question) for document in leads)


def questions(lines: Iterable[bytes | None], caller: Caller, now: datetime) -> Iterator[Line]:
    """The questions of an NDJSON body; blank lines are none, and beyond `MOST_LINES` none is answered."""
    schema = QuestionBody()
    for number, line in enumerate((line for line in lines if line is None or line.strip()), start=1):
        yield _question(schema, line, caller, now) if number <= MOST_LINES else Refused("too_many_lines")


def results(
    service: Service, sitting: Callable[[], Sitting], lines: Iterator[Line], tally: Tally
) -> Iterator[Result]:
    """A result for each line, in order; `tally` gets what they come to."""
    while chunk := list(islice(lines, MOST_A_CHUNK)):
        yield from _answers(service, sitting(), chunk, tally)


def _answers(service: Service, sitting: Sitting, chunk: Sequence[Line], tally: Tally) -> Iterator[Result]:
    asked = [line for line in chunk if not isinstance(line, Refused)]
    found = iter(_answered(service, sitting, asked, tally))
    for line in chunk:
        if isinstance(line, Refused):
            tally.counts["errors"] += 1
            yield line.result()
        else:
            yield next(found)


def _answered(service: Service, sitting: Sitting, asked: Sequence[Asked], tally: Tally) -> list[Result]:
    """The answers to what can be asked, once they are committed."""
    if not asked:
        return []
    answers, appended = service.main.write_core(
        lambda connection: contact_checks(connection, service.keyring, sitting, asked)
    )
    tally.counts.update([one.effect for one in answers])
    tally.receipts.append(audited(service, appended, sitting.now))
    return [one.shown(appended.entry_id) for one in answers]


def _question(schema: QuestionBody, line: bytes | None, caller: Caller, now: datetime) -> Line:
    if line is None:
        return Refused("line_too_long")
    try:
        body = loaded(schema, parse_json(line))
    except ValidationError as error:
        return Refused("validation_failed", flat(error.messages))
    except (ValueError, RecursionError):
        return Refused("malformed_json")
    question = question_of(body)
    if outside_binding(caller, question):
        return Refused("outside_binding")
    errors = ahead_errors(question, now)
    return Refused("validation_failed", errors) if errors else _line(body["lead"], question)


def _line(document: object, question: Question) -> Line:
    if not isinstance(document, dict):
        return Refused("identity_invalid", {"lead": ["Not an object."]})
    try:
        return parse_reference(document), question
    except IdentityInvalidError as error:
        return Refused(error.code, error.errors)


def _outside(word: str, bound: frozenset[str] | None) -> bool:
    return bound is not None and word not in bound
