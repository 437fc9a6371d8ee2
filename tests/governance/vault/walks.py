"""What several tests of the vault do: a whole rotation, and reading the public vectors."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from governance.vault import rotation
from governance.vault.keyring import Keyring, prepare_wrapping_key
from governance.vault.tables import Role

WYCHEPROOF = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "vectors" / "wycheproof"


def rotate(keys: Session, keyring: Keyring, role: Role, now: datetime, *, size: int = 2) -> int:
    """A rotation from end to end, each step committed; the number of data keys that moved."""
    number = rotation.begin(keys, prepare_wrapping_key(keyring.root, role), now=now)
    keys.commit()
    keyring.refresh(keys)
    rotation.rewrap_few(keys, keyring, role, number)
    keys.commit()
    moved = move_all(keys, keyring, number, size=size) if role is Role.EPOCH else 0
    rotation.empty(keys, role, number)
    for emptied, provider_key in rotation.to_destroy(keys, role):
        keyring.root.destroy(provider_key)
        rotation.record_destroyed(keys, role, emptied, now=now)
    keys.commit()
    keyring.refresh(keys)
    return moved


def move_all(keys: Session, keyring: Keyring, number: int, *, size: int) -> int:
    """Re-wraps data keys chunk by chunk; how many there were."""
    after: str | None = ""
    total = 0
    while after is not None:
        moved, after = rotation.rewrap_data_keys(keys, keyring, number, after=after, size=size)
        keys.commit()
        total += moved
    return total


def vectors(file_name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Group and case of every Wycheproof vector in a file; skips the test where the folder is missing."""
    path = WYCHEPROOF / file_name
    if not path.exists():
        pytest.skip(f"no public vectors: {file_name} lies in ../shared/data/vectors/wycheproof")
    for group in json.loads(path.read_text())["testGroups"]:
        for case in group["tests"]:
            yield group, case
