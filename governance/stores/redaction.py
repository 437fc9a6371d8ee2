"""Takes a person out of free text and JSON: identifiers and names, each part of a name by itself. Pure."""

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import phonenumbers

from governance.stores.protocol import PersonTerms

MARK = "[redacted]"
SHORT_MARK = "*"
SHORTEST_PART = 2
SHORTEST_OTHER = 4
SHORTEST_NUMBER = 6
GENITIVE_FROM = 4
LONGEST_COUNTRY_CODE = 3
KEPT = 4096
"""Patterns kept: first names come back with the next person."""
NOT_DIGIT = re.compile(r"\D")
# Particles stand in every other sentence of their language and name nobody by themselves.
PARTICLES = frozenset(
    {"al", "and", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "la", "le"}
    | {
        "of",
        "the",
        "van",
        "vom",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
        "dr",
        "prof",
        "mr",
        "mrs",
        "ms",
        "herr",
        "frau",
    }
)
TRANSCRIPTIONS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"}
SPACING = r"[\s().\-/\u00a0\u2011]*"
# Scripts that are written without spaces have no word boundaries to mind.
UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def redact(text: str, terms: PersonTerms, limit: int | None = None) -> str:
    """`text` without what names the person; a shorter mark where it would pass `limit` characters."""
    patterns = _patterns_for(text, terms)
    if not patterns:
        return text
    result = _replace(text, patterns, MARK)
    if limit is not None and len(result) > max(limit, len(text)):
        result = _replace(text, patterns, SHORT_MARK)
    return result if limit is None else result[: max(limit, len(text))]


def redact_json(value: Any, terms: PersonTerms) -> Any:
    """A JSON value without what names the person: in texts, in keys, and in numbers that are a phone."""
    if isinstance(value, str):
        return redact(value, terms)
    if isinstance(value, dict):
        return {redact(str(key), terms): redact_json(item, terms) for key, item in value.items()}
    if isinstance(value, list):
        return [redact_json(item, terms) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return value if redact(str(value), terms) == str(value) else MARK
    return value


def redact_column(value: Any, terms: PersonTerms, limit: int | None = None) -> Any:
    """A column's value, whatever it holds: JSON (also as text), text, or something that names nobody."""
    if not isinstance(value, str):
        return redact_json(value, terms)
    if value[:1] in {"{", "["}:
        try:
            parsed = json.loads(value)
        except ValueError:
            return redact(value, terms, limit)
        cleaned = redact_json(parsed, terms)
        return value if cleaned == parsed else json.dumps(cleaned, ensure_ascii=False)
    return redact(value, terms, limit)


def _replace(text: str, patterns: Iterable[re.Pattern[str]], mark: str) -> str:
    for pattern in patterns:
        text = pattern.sub(mark, text)
    return text


def _patterns_for(text: str, terms: PersonTerms) -> list[re.Pattern[str]]:
    """The patterns of terms that may stand in `text`: addresses, numbers, handles, names; longest first.

    Most texts name nobody, and looking is far cheaper than making a pattern.
    """
    folded, digits = text.casefold(), NOT_DIGIT.sub("", text)
    found = [_exact(term) for term in _longest_first(terms.emails) if term.casefold() in folded]
    if len(digits) >= SHORTEST_NUMBER:
        numbers = (term for term in _longest_first(terms.phones) if NOT_DIGIT.sub("", term)[-4:] in digits)
        found.extend(pattern for pattern in map(_number, numbers) if pattern is not None)
    others = _longest_first(other for other in terms.others if len(other) >= SHORTEST_OTHER)
    words = [*others, *_longest_first(_names(terms.names))]
    found.extend(_word(word) for word in words if not word.isascii() or _first_word(word) in folded)
    return found


def _first_word(name: str) -> str:
    return re.split(r"[\s\-]+", name.strip(), maxsplit=1)[0].casefold()


def _longest_first(values: Iterable[str]) -> list[str]:
    return sorted(
        {value.strip() for value in values if value.strip()}, key=lambda value: (-len(value), value)
    )


def _names(names: Iterable[str]) -> set[str]:
    """Whole names and each of their parts, but for particles and initials."""
    whole = {name.strip() for name in names}
    parts = {part for name in whole for part in re.split(r"[\s,.\-]+", name)}
    telling = {part for part in parts if part.casefold() not in PARTICLES and not part.isdigit()}
    kept = {name for name in whole if name.casefold() not in PARTICLES} | telling
    return {name for name in kept if len(name) >= SHORTEST_PART or UNSPACED.search(name)}


@lru_cache(maxsize=KEPT)
def _exact(value: str) -> re.Pattern[str]:
    """An address, not inside a longer one."""
    return re.compile(rf"(?<![\w.+-]){re.escape(value)}(?![\w-]|\.\w)", re.IGNORECASE)


@lru_cache(maxsize=KEPT)
def _word(value: str) -> re.Pattern[str]:
    """A name by itself, however its accents are written, with a genitive s; underscores are boundaries."""
    body = r"[\s.\-]+".join("".join(map(_letter, part)) for part in re.split(r"[\s\-]+", value) if part)
    if UNSPACED.search(value):
        return re.compile(body)
    genitive = (
        r"(?:['\u2019]?s)?" if len(value) >= GENITIVE_FROM and not value.casefold().endswith("s") else ""
    )
    return re.compile(rf"(?<![^\W_]){body}{genitive}(?![^\W_])", re.IGNORECASE)


def _letter(letter: str) -> str:
    """A letter composed, decomposed, without its accent, or transcribed as German and Nordic texts do."""
    composed = unicodedata.normalize("NFC", letter)
    decomposed = unicodedata.normalize("NFD", composed)
    if composed == decomposed and composed.casefold() not in TRANSCRIPTIONS and composed != "ß":
        return re.escape(composed)
    spellings = [composed, decomposed, TRANSCRIPTIONS.get(composed.lower(), decomposed[0]), decomposed[0]]
    return "(?:" + "|".join(re.escape(spelling) for spelling in dict.fromkeys(spellings)) + ")"


@lru_cache(maxsize=KEPT)
def _number(value: str) -> re.Pattern[str] | None:
    """A phone number however spaced, with or without its country code or trunk zero."""
    country, national = _split(value)
    if len(national) < SHORTEST_NUMBER:
        return None
    code = country or rf"\d{{1,{LONGEST_COUNTRY_CODE}}}"
    head = rf"(?:(?:\+|00)?{SPACING}{code}{SPACING}(?:\(0\))?{SPACING}|\(?0?{SPACING})?"
    return re.compile(rf"(?<!\d){head}{SPACING.join(national)}(?!\d)")


def _split(value: str) -> tuple[str, str]:
    """Country code (empty where not said) and national number."""
    try:
        parsed = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return "", NOT_DIGIT.sub("", value).lstrip("0")
    return str(parsed.country_code), str(parsed.national_number)
