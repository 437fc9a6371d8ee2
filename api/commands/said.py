"""What is said at a terminal about people: read from standard input, where no other program sees it.

Arguments of a command stand in the shell's history and in the machine's list of processes.
"""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import click
from marshmallow import Schema, ValidationError

from api.schemas.request_bodies import LONGEST_TEXT
from api.shapes import flat
from governance.errors import FactInvalidError

F = TypeVar("F", bound=Callable[..., Any])

PEOPLE = "email ADDRESS, phone NUMBER, external SYSTEM ID, or lead ID"
STANDARD_INPUT = "-"


def text(name: str, words: str) -> Callable[[F], F]:
    """An option for what is told in full sentences; without it the sentences are read from standard input."""
    return click.option(
        name, default=STANDARD_INPUT, callback=_sentences, help=f"{words} Without it: standard input."
    )


def valid(schema: Schema, document: Mapping[str, Any]) -> dict[str, Any]:
    """What a call with this body takes.

    Raises:
        FactInvalidError: what the call answers 422 to.
    """
    try:
        found: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise FactInvalidError(flat(error.messages)) from None
    return found


def about_people(question: str) -> tuple[list[str], str]:
    """The lines up to an empty one, and the text after it."""
    lines = _lines(f"{question}\nAn empty line ends it; what else was said may follow, ended by Ctrl-D.")
    first = [line.strip() for line in iter(lambda: next(lines, "").strip(), "")]
    return first, "".join(lines).strip()


def person(line: str, place: str) -> dict[str, Any]:
    """A reference to a person, as calls take it, from a line as in `PEOPLE`.

    Raises:
        FactInvalidError: the line begins with none of the words; it is not repeated.
    """
    match line.split(maxsplit=2):
        case ["external", system, id_]:
            return {"external": {"system": system, "id": id_}}
        case ["email" | "phone" as kind, *_]:
            return {kind: line.removeprefix(kind).strip()}
        case ["lead", id_]:
            return {"lead_id": id_}
    raise FactInvalidError({place: [f"Write {PEOPLE}."]})


def rows(line: str, place: str) -> dict[str, Any]:
    """What a hold keeps in a store: `everything`, `table NAME`, `row TABLE KEY…`, or a person.

    Raises:
        FactInvalidError: it is none of these; it is not repeated.
    """
    if line.split(maxsplit=1)[0] not in {"everything", "table", "row"}:
        return person(line, place)
    try:
        words = shlex.split(line)
    except ValueError:
        raise FactInvalidError({place: ["A quotation mark is missing."]}) from None
    match words:
        case ["everything"]:
            return {}
        case ["table", table]:
            return {"table": table}
        case ["row", table, *key] if key:
            return {"table": table, "key": key}
    raise FactInvalidError({place: ["Write everything, table NAME, or row TABLE KEY."]})


def _sentences(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if value == STANDARD_INPUT:
        value = "".join(_lines(f"{param.name}, ended by Ctrl-D:")).strip()
    if not 0 < len(value) <= LONGEST_TEXT:
        raise click.BadParameter(f"Between 1 and {LONGEST_TEXT:,} characters.", ctx, param)
    return value


def _lines(question: str) -> Iterator[str]:
    """The lines of standard input up to its first end: a terminal would be waited for again after one."""
    if sys.stdin.isatty():
        click.echo(question, err=True)
    yield from sys.stdin
