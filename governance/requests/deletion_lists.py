"""Lists of people to be erased, as brokers and authorities send them: read line by line. Pure.

A line names a person by identifiers in clear, or by the SHA-256 of identifiers in normal form (`identity`):
of `jane@example.com`, of `+49301234567`; as 64 hexadecimal digits, or in Base64. CSV with a header, or a JSON
object a line, with the same names.
"""

import base64
import binascii
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.counted import counted
from consent.vocabulary import IdentifierKind
from governance import identity
from governance.errors import FactInvalidError, IdentityInvalidError
from governance.identity import Identifier
from governance.imports import LineCode

HASHED = {"email_sha256": IdentifierKind.EMAIL, "phone_sha256": IdentifierKind.PHONE}
COLUMNS = frozenset({"id", "email", "phone", "external_id", "external_system", *HASHED})
DIGEST_BYTES = 32
HEX = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Hashed:
    """An identifier of which only the digest is known."""

    kind: IdentifierKind
    digest: bytes = field(repr=False)

    @property
    def column(self) -> str:
        """The name under which it is listed."""
        return f"{self.kind.value}_sha256"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line: who is meant, or why it says nobody. `id` is the request's, where the list gives one."""

    number: int
    identifiers: tuple[Identifier, ...] = field(default=(), repr=False)
    hashed: tuple[Hashed, ...] = field(default=(), repr=False)
    id: str | None = None
    code: str | None = None
    errors: Mapping[str, list[str]] | None = None


def read_line(number: int, document: Any) -> Listed:
    """A line of either format, as a map of column to text; an empty cell is absent."""
    if not isinstance(document, Mapping):
        return Listed(number, code=LineCode.INVALID.value, errors={"": ["Not an object."]})
    given = {name: value for name, value in document.items() if value is not None and value != ""}
    unknown = given.keys() - COLUMNS  # not repeated: somebody's address may stand in a wrong place
    errors = {"": [f"Not known: {counted(len(unknown), 'column')}."]} if unknown else {}
    errors |= {name: ["Not a text."] for name in given.keys() & COLUMNS if not isinstance(given[name], str)}
    if not errors:
        errors, listed = _read(number, given)
        if listed is not None:
            return listed
    return Listed(number, code=LineCode.INVALID.value, errors=errors)


def _read(number: int, given: Mapping[str, str]) -> tuple[dict[str, list[str]], Listed | None]:
    errors: dict[str, list[str]] = {}
    identifiers = [found for name, read in _READERS.items() if (found := _tried(name, read, given, errors))]
    hashed = []
    for name, kind in HASHED.items():
        if name in given:
            digest = _digest(given[name])
            if digest is None:
                errors[name] = ["Not a SHA-256 digest in hexadecimal or Base64."]
            else:
                hashed.append(Hashed(kind, digest))
    request_id = _id(given, errors)
    if not (identifiers or hashed or errors):
        errors[""] = ["Names nobody."]
    if errors:
        return errors, None
    return {}, Listed(number, tuple(identifiers), tuple(hashed), request_id)


def _tried(
    name: str,
    read: Callable[[Mapping[str, str]], Identifier],
    given: Mapping[str, str],
    errors: dict[str, list[str]],
) -> Identifier | None:
    """The identifier of a column, where it is given and can be read."""
    if name not in given:
        return None
    try:
        return read(given)
    except (FactInvalidError, IdentityInvalidError):
        errors[name] = ["Not an identifier of this kind."]
        return None


_READERS: Mapping[str, Callable[[Mapping[str, str]], Identifier]] = {
    "email": lambda given: identity.email(given["email"]),
    "phone": lambda given: identity.phone(given["phone"]),
    "external_id": lambda given: identity.external(given.get("external_system", ""), given["external_id"]),
}


def _digest(text: str) -> bytes | None:
    """A digest as lists write it."""
    bare = text.strip()
    if HEX.fullmatch(bare):
        return bytes.fromhex(bare)
    try:
        found = base64.b64decode(
            bare.replace("-", "+").replace("_", "/") + "=" * (-len(bare) % 4), validate=True
        )
    except (ValueError, binascii.Error):
        return None
    return found if len(found) == DIGEST_BYTES else None


def _id(given: Mapping[str, str], errors: dict[str, list[str]]) -> str | None:
    """The request's id, where the list gives one."""
    if "id" not in given:
        return None
    try:
        return str(uuid.UUID(given["id"]))
    except ValueError:
        errors["id"] = ["Not a UUID."]
        return None
