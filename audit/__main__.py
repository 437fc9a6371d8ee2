"""The auditor's command, `python -m audit verify FILE --key VKEY`: no database, network or web framework."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from audit import proof
from audit.counted import counted
from audit.errors import AuditError, TranscriptMalformedError
from audit.jws import parse_jwks
from audit.note import parse_vkey
from audit.promise import split_receipts
from audit.verify import Question, Verified, verify

OK, FAILED, MISUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None, prog: str = "python -m audit") -> int:
    """Run the command; returns the exit code: 0 proved, 1 not proved, 2 misused."""
    asked = _parser(prog).parse_args(arguments)
    try:
        print(_verify(asked))  # noqa: T201 - a command talks
    except AuditError as error:
        print(f"FAILED [{error.code}] {error}", file=sys.stderr)  # noqa: T201
        return FAILED
    except OSError as error:
        print(f"FAILED [unreadable] {error.filename}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return FAILED
    return OK


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    command = parser.add_subparsers(dest="command", required=True).add_parser(
        "verify",
        help="verify an exported log, or the tlog-proof of one entry",
        description="Recomputes everything from the file. Exit 0: proved. Exit 1: the step that failed.",
    )
    command.add_argument("file", type=Path, help="an export of the log (NDJSON), or a .tlog-proof")
    command.add_argument(
        "--key", action="append", required=True, help="a public key of the log, as vkey; repeatable"
    )
    command.add_argument("--since", type=Path, help="an older checkpoint: proves that nothing was taken away")
    command.add_argument(
        "--receipts",
        type=Path,
        help="receipts of changes and of decisions, one after the other: proves that nothing was left out",
    )
    command.add_argument(
        "--jwks", type=Path, help="the keys of decisions' receipts, /.well-known/jwks.json; else not checked"
    )
    command.add_argument("--at", type=instant, help="when the file was made (default: its last entry's time)")
    return parser


def _verify(asked: argparse.Namespace) -> str:
    keys = [parse_vkey(key) for key in asked.key]
    with asked.file.open("rb") as file:
        if file.read(len(proof.MAGIC)) == proof.MAGIC.encode():
            shown = proof.Proof.parse(_text(asked.file))
            checkpoint = shown.verify(keys)
            return f"ok: entry {shown.index} of {checkpoint.size} in {checkpoint.origin}"
        file.seek(0)
        since = None if asked.since is None else _text(asked.since)
        receipts = () if asked.receipts is None else split_receipts(_text(asked.receipts))
        jwks = None if asked.jwks is None else parse_jwks(_text(asked.jwks))
        found = verify(file, Question(keys, since, receipts, asked.at, jwks))
    return "\n".join(
        [f"ok: {counted(found.entries, 'entry', 'entries')}", *(_told(found) if receipts else ())]
    )


def _told(found: Verified) -> list[str]:
    """What became of the receipts."""
    kept = f"receipts: {found.receipts_kept} kept, {found.receipts_not_due} not due yet"
    unchecked = (
        f"signatures of {counted(found.receipts_unchecked, 'receipt')} of decisions not checked: no --jwks"
    )
    return [kept, unchecked] if found.receipts_unchecked else [kept]


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise TranscriptMalformedError(f"{path.name} is not UTF-8 text") from None


def instant(text: str) -> datetime:
    """An RFC 3339 instant of the command line, in UTC; ValueError otherwise."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("an instant needs an offset")  # argparse says `invalid instant value`
    return value.astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main())
