"""Importing files of leads: in chunks, each its own commit, in memory that does not grow with the file.

Nothing is answered before the file ends: results hold no personal data and wait in a temporary file. A
connection that breaks keeps the chunks that were committed; sending the file again merges them.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any, TypeAlias

from marshmallow import Schema, ValidationError

from api.context import Service
from api.errors import SpoolUnavailableError
from api.intake import take_in_each
from api.schemas.leads import NewLead as NewLeadBody
from api.shapes import flat, loaded, parse_json
from audit.actions import Action
from audit.log import append
from governance.errors import FactInvalidError
from governance.imports import LineCode, document_of, header_of, records
from governance.leads import NewLead, new_lead
from governance.placement import Placed, Verdict

CHUNK = 500
READ_AT_ONCE = 64 * 1024
NDJSON, CSV = "application/x-ndjson", "text/csv"
NOT_STORABLE = "not_storable"
"""The database refused this line, and only this one."""

Result: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """A line as it was read: a lead, or why it is none."""

    number: int
    lead: NewLead | None = field(default=None, repr=False)
    code: str | None = None
    errors: dict[str, list[str]] | None = None


def import_leads(
    service: Service,
    lines: Iterable[bytes | None],
    media_type: str,
    *,
    actor: str,
    hidden: str | None = None,
) -> Iterator[Result]:
    """Take in every lead of the lines; a result a line in their order, and the summary last.

    Args:
        service: Where to.
        lines: Lines without their ends; None is one that was too long.
        media_type: `NDJSON` or `CSV`.
        actor: Who imports.
        hidden: What to say instead of `suppressed_after_erasure`.

    Raises:
        FactInvalidError: The header of the CSV file is not one; nothing was imported.
    """
    leads = _from_csv(lines) if media_type == CSV else _from_ndjson(lines)
    counts: Counter[str] = Counter(created=0, merged=0, refused=0)
    while chunk := list(islice(leads, CHUNK)):
        for result in _take_in(service, chunk, actor, hidden):
            counts[result["status"]] += 1
            yield result
    summary, now = dict(counts), service.clock()
    service.main.write(
        lambda session: append(session, Action.IMPORT_FINISHED, actor=actor, now=now, facts=summary)
    )
    yield {"summary": summary}


def spooled(results: Iterable[Result]) -> Iterator[bytes]:
    """All results as NDJSON, once the last one is there; they wait in a file that has no name."""
    return spooled_text(json.dumps(result, separators=(",", ":")) for result in results)


def spooled_text(lines: Iterable[str]) -> Iterator[bytes]:
    """`spooled`, of results that are JSON already.

    Raises:
        SpoolUnavailableError: The file can not be made or written; what was committed stays.
    """
    with _spooling():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was sent
    try:
        for line in lines:
            with _spooling():
                file.write(line.encode() + b"\n")
        with _spooling():
            file.seek(0)
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    return _sent(file)


@contextmanager
def _spooling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SpoolUnavailableError("the results can not be kept until they are sent") from error


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(READ_AT_ONCE):
            yield part


def _take_in(service: Service, chunk: Sequence[Read], actor: str, hidden: str | None) -> Iterator[Result]:
    """One chunk: what can be read is taken in together."""
    leads = [read.lead for read in chunk if read.lead is not None]
    placed = iter(take_in_each(service, leads, actor=actor) if leads else ())
    for read in chunk:
        if read.lead is not None:
            yield _result(read.number, next(placed), hidden)
        else:
            errors = {} if read.errors is None else {"errors": read.errors}
            yield {"line": read.number, "status": "refused", "code": read.code, **errors}


def _result(number: int, placed: Placed | None, hidden: str | None) -> Result:
    """What became of a line."""
    if placed is None:
        return {"line": number, "status": "refused", "code": NOT_STORABLE}
    if placed.lead_id is not None:
        return {"line": number, "status": placed.verdict.value, "lead_id": placed.lead_id}
    erased = placed.verdict is Verdict.ERASED
    code = hidden if erased and hidden is not None else placed.verdict.value
    return {"line": number, "status": "refused", "code": code}


def _from_ndjson(lines: Iterable[bytes | None]) -> Iterator[Read]:
    """A JSON document a line."""
    schema = NewLeadBody()
    for number, line in enumerate(lines, start=1):
        if line is None:
            yield Read(number, code=LineCode.TOO_LONG.value)
        elif line.strip():
            yield _read_json(schema, number, line)


def _read_json(schema: Schema, number: int, line: bytes) -> Read:
    try:
        document = parse_json(line)
    except UnicodeDecodeError:
        return Read(number, code=LineCode.ENCODING.value)
    except (ValueError, RecursionError):
        return Read(number, code=LineCode.JSON.value)
    return _read(schema, number, document)


def _from_csv(lines: Iterable[bytes | None]) -> Iterator[Read]:
    """A record a line, after the header; a wrong header is an error at once."""
    source = iter(lines)
    columns = header_of(next(source, None) or b"")
    return _from_records(columns, source)


def _from_records(columns: Sequence[str], lines: Iterable[bytes | None]) -> Iterator[Read]:
    schema = NewLeadBody()
    for line in records(lines, len(columns)):
        if line.code is not None:
            yield Read(line.number, code=line.code.value)
        else:
            yield _read(schema, line.number, document_of(columns, line.cells))


def _read(schema: Schema, number: int, document: Any) -> Read:
    """A document of either format; the same shape and the same checks as for a single lead."""
    try:
        return Read(number, new_lead(loaded(schema, document)))
    except ValidationError as error:
        errors = flat(error.messages)
    except FactInvalidError as error:
        errors = error.errors
    return Read(number, code=LineCode.INVALID.value, errors=errors)
