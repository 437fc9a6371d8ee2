"""Log lines: one JSON object a line on standard error, with no personal data and no secret in it.

Two nets below the rule that nobody logs such things: a field whose name promises content is withheld, and
text that looks like an address, a number or a key is blanked wherever it stands. Exceptions show where they
came from and of which type they are; their messages, which libraries write, are left out.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

Line = MutableMapping[str, Any]
WITHHELD = "[withheld]"
_CONTENT = re.compile(
    r"authori[sz]ation|secret|token|password|passphrase|cookie|email|phone|address|body|query|profile|evidence"
    r"|identit|plaintext|note_text|url$",
)
_PATTERNS = (
    re.compile(r"lw_[0-9a-f-]{8,36}_[\w-]+"),  # our keys
    re.compile(r"[^\s@\"'<>(),;:]+@[^\s@\"'<>(),;:]+"),  # e-mail addresses, and user:password@host
    re.compile(r"(?<![\w.:-])\+?\d[\d ()/-]{7,}\d(?![\w.:-])"),  # phone numbers
)
_OURS = frozenset({"event", "level", "timestamp", "logger"})
LONGEST_TEXT = 500
FRAMES = 12

SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class StandardError(logging.Handler):
    """Writes redacted lines to whatever standard error is at that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(formatter())

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a record that can not be shown is dropped rather than shown raw."""
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, TypeError, ValueError):
            self.handleError(logging.makeLogRecord({"msg": "unwritable log line", "name": record.name}))


def configure(*, at_terminal: bool = False) -> None:
    """Send our lines, and those of the libraries from WARNING up, through the same two nets.

    At a terminal nothing is said of a store that is asked again: the command says what came of it.
    """
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, StandardError) for handler in root.handlers):
        root.addHandler(StandardError())
    root.setLevel(logging.WARNING)
    logging.getLogger("stamina").setLevel(logging.ERROR if at_terminal else logging.NOTSET)
    for name in ("leadwarden", "_granian"):
        logging.getLogger(name).setLevel(logging.INFO)


def catch_uncaught() -> None:
    """Let what nobody caught, in any thread, end in a line of ours: a traceback quotes messages and data."""
    sys.excepthook = lambda _kind, error, _trace: _uncaught(error)
    threading.excepthook = lambda caught: _uncaught(caught.exc_value)


def _uncaught(error: BaseException | None) -> None:
    configure()
    if isinstance(error, Exception):
        log().critical("uncaught", exc_info=error)


def formatter() -> logging.Formatter:
    """A record of anybody's as one redacted line of JSON."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            show_exception,
            redact,
            structlog.processors.JSONRenderer(),
        ],
    )


def log() -> structlog.stdlib.BoundLogger:
    """The logger of this service; events are fixed words, details are fields."""
    found: structlog.stdlib.BoundLogger = structlog.get_logger("leadwarden")
    return found


def show_exception(_logger: Any, _method: str, line: Line) -> Line:
    """`exc_info` as type and places, without its message."""
    info = line.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info is True else info
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        line["at"] = _places(error.__traceback__)
    return line


def redact(_logger: Any, _method: str, line: Line) -> Line:
    """Withhold fields by name, blank what looks like a person's or a key's."""
    return {name: value if name in _OURS - {"event"} else _clean(name, value) for name, value in line.items()}


def _clean(name: str, value: Any) -> Any:
    if name != "event" and _CONTENT.search(name.lower()):
        return WITHHELD
    if isinstance(value, str):
        return _blank(value)
    if isinstance(value, dict):
        return {_blank(str(key)): _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else WITHHELD


def _blank(text: str) -> str:
    for pattern in _PATTERNS:
        text = pattern.sub(WITHHELD, text)
    return text[:LONGEST_TEXT]


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
