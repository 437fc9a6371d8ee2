"""A log of what was sent, held against the decisions: CSV or NDJSON, in memory that does not grow.

    email,channel,sent_at,decision_id
    jo.vogt@example.com,email,2026-11-24T10:02:11+00:00,01a2045b-634f-…

A line says to whom by `lead_id`, `email`, `phone`, or `external_system` and `external_id`; `channel` and
`sent_at`; and, where it is known, `purpose` and `decision_id` or the `receipt`. Results name lines by their
numbers and hold nothing of what stood in them.
"""

import json
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

from marshmallow import Schema, ValidationError

from api.context import Service
from api.imports import CSV
from api.schemas.reconciling import SentLine
from api.shapes import flat, loaded, parse_json
from audit.actions import Action
from audit.log import append
from consent.backing import Finding
from governance.errors import FactInvalidError, IdentityInvalidError
from governance.identity import parse_reference
from governance.imports import LineCode, header_of, records
from governance.reconciling import Sent, reconcile

CHUNK = 5_000
IDENTITIES = ("lead_id", "email", "phone")
COLUMNS = frozenset(
    {*IDENTITIES, "external_system", "external_id", "channel", "purpose", "sent_at", "decision_id", "receipt"}
)
UNREADABLE = "unreadable"

Result: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """A line as it was read: a contact, or why it is none."""

    number: int
    sent: Sent | None = field(default=None, repr=False)
    code: str | None = None
    errors: Mapping[str, list[str]] | None = None


def reconciled(
    service: Service, lines: Iterable[bytes | None], media_type: str, *, actor: str
) -> Iterator[Result]:
    """A result for each line that a person should look at, in their order; the summary last.

    Raises:
        FactInvalidError: the header of a CSV file is not one.
    """
    read = _from_csv(lines) if media_type == CSV else _from_ndjson(lines)
    counts: Counter[str] = Counter(dict.fromkeys([*(each.value for each in Finding), UNREADABLE], 0))
    while chunk := list(islice(read, CHUNK)):
        for result in _results(service, chunk):
            counts[result["finding"]] += 1
            if result["finding"] != Finding.BACKED:
                yield result
    now, total, backed = service.clock(), counts.total(), counts[Finding.BACKED]
    service.main.write(
        lambda session: append(
            session,
            Action.AUDIT_READ,
            actor=actor,
            now=now,
            facts={"question": "reconcile", "lines": total, "backed": backed},
        )
    )
    yield {"summary": dict(counts)}


def _results(service: Service, chunk: Sequence[Read]) -> Iterator[Result]:
    with service.main.read() as session:
        found = iter(reconcile(session, service.keyring, [one.sent for one in chunk if one.sent is not None]))
    for one in chunk:
        if one.sent is None:
            errors = {} if one.errors is None else {"errors": dict(one.errors)}
            yield {"line": one.number, "finding": UNREADABLE, "code": one.code, **errors}
        else:
            known = next(found)
            decision = {} if known.decision_id is None else {"decision_id": known.decision_id}
            yield {"line": one.number, "finding": known.finding.value, **decision}


def _from_csv(lines: Iterable[bytes | None]) -> Iterator[Read]:
    source = iter(lines)
    columns = header_of(next(source, None) or b"", COLUMNS)
    lacking = {"channel", "sent_at"} - set(columns)
    if lacking or not {*IDENTITIES, "external_id"} & set(columns):
        raise FactInvalidError({"header": ["Needs `channel`, `sent_at`, and a column that says to whom."]})
    return _from_records(columns, source)


def _from_records(columns: Sequence[str], lines: Iterable[bytes | None]) -> Iterator[Read]:
    schema = SentLine()
    for line in records(lines, len(columns)):
        if line.code is not None:
            yield Read(line.number, code=line.code.value)
        else:
            filled = {name: cell for name, cell in zip(columns, line.cells, strict=True) if cell}
            yield _read(schema, line.number, filled)


def _from_ndjson(lines: Iterable[bytes | None]) -> Iterator[Read]:
    schema = SentLine()
    for number, line in enumerate(lines, start=1):
        if line is None:
            yield Read(number, code=LineCode.TOO_LONG.value)
        elif line.strip():
            try:
                document = parse_json(line)
            except (ValueError, RecursionError):
                yield Read(number, code=LineCode.JSON.value)
            else:
                yield _read(schema, number, document)


def _read(schema: Schema, number: int, document: Any) -> Read:
    try:
        return Read(number, _sent(loaded(schema, document)))
    except ValidationError as error:
        errors = flat(error.messages)
    except IdentityInvalidError as error:
        errors = error.errors
    return Read(number, code=LineCode.INVALID.value, errors=errors)


def _sent(body: Mapping[str, Any]) -> Sent:
    reference = {name: body[name] for name in IDENTITIES if name in body}
    if "external_id" in body or "external_system" in body:
        reference["external"] = {"system": body.get("external_system", ""), "id": body.get("external_id", "")}
    decision_id = body.get("decision_id")
    if decision_id is None and "receipt" in body:
        decision_id = decision_of(body["receipt"])
    return Sent(
        parse_reference(reference), body["channel"], body["sent_at"], body.get("purpose"), decision_id
    )


def decision_of(receipt: str) -> str:
    """Which decision a receipt claims to be of; what that decision says, the ledger knows better.

    Raises:
        ValidationError: it is no receipt.
    """
    try:
        _, claims, _ = receipt.split(".")
        found = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["jti"]
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, str):
        raise ValidationError({"receipt": ["Not the receipt of a decision."]})
    return found
