"""Lines of deletion lists: in clear or by digest, and why a line says nobody."""

import base64
import hashlib
from typing import Any

import pytest

from consent.vocabulary import IdentifierKind
from governance.requests.deletion_lists import read_line

DIGEST = hashlib.sha256(b"jane.doe@example.com").digest()


def test_identifiers_in_clear_are_normalised() -> None:
    """As those of leads are; an empty cell is absent, and the request's id may stand in the list."""
    said = {
        "id": "0B7C7E1C-8D5B-4B1B-9E0E-0A8D4A2B5C6D",
        "email": " Jane.Doe@Example.COM ",
        "phone": "+49 30 1234567",
        "external_system": "CRM",
        "external_id": "17",
        "email_sha256": "",
    }
    line = read_line(3, said)

    assert (line.number, line.code, line.hashed) == (3, None, ())
    assert line.id == said["id"].lower()
    found = [(each.kind.value, each.text, each.system) for each in line.identifiers]
    assert found == [
        ("email", "jane.doe@example.com", None),
        ("phone", "+49301234567", None),
        ("external", "17", "crm"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        DIGEST.hex(),
        DIGEST.hex().upper(),
        f" {DIGEST.hex()} ",
        base64.b64encode(DIGEST).decode(),
        base64.urlsafe_b64encode(DIGEST).decode().rstrip("="),
    ],
)
def test_a_digest_is_read_however_it_is_written(written: str) -> None:
    """Hexadecimal in either case, Base64 of either alphabet, padded or not."""
    [hashed] = read_line(1, {"email_sha256": written}).hashed

    assert (hashed.kind, hashed.digest) == (IdentifierKind.EMAIL, DIGEST)


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ({}, {""}),
        ([], {""}),
        ({"email": "nobody"}, {"email"}),
        ({"phone": "12"}, {"phone"}),
        ({"email": "a@example.com", "b@example.com": "Jane"}, {""}),
        (
            {"email": 5, "phone": {}, "email_sha256": ["a@example.com"], "a@example.com": []},
            {"email", "phone", "email_sha256", ""},
        ),
        (None, {""}),
        ({"email_sha256": "abc", "phone_sha256": DIGEST.hex()[:-2]}, {"email_sha256", "phone_sha256"}),
        ({"email": "a@example.com", "id": "17"}, {"id"}),
        ({"external_id": "17"}, {"external_id"}),
        ({"external_system": "crm"}, {""}),
    ],
)
def test_a_line_that_says_nobody_names_its_places(said: Any, places: set[str]) -> None:
    """Every place at once, and nothing of what stood there."""
    line = read_line(1, said)

    assert (line.code, set(line.errors or {})) == ("validation_failed", places)
    assert (line.identifiers, line.hashed) == ((), ())
    assert "example" not in repr(line)
    assert "example" not in str(line.errors)
