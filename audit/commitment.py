"""What stands in an entry in place of a lead or an object: a salted commitment.

A commitment is SHA-256(label || salt || id). With the salt anyone can check who is meant; without it the
32 bytes say nothing, and no two entries about one lead have anything in common.
"""

import hashlib
import hmac
import os

SALT_BYTES = 32

# Domain labels: a commitment to a lead can not be passed off as one to an object.
LEAD = b"leadwarden/lead/v1\0"
OBJECT = b"leadwarden/object/v1\0"


def new_salt() -> bytes:
    """256 random bits, one salt an entry."""
    return os.urandom(SALT_BYTES)


def commit(label: bytes, salt: bytes, identifier: str) -> str:
    """The commitment, in lower-case hex."""
    return hashlib.sha256(label + salt + identifier.encode()).hexdigest()


def commits_to(commitment: str, label: bytes, salt: bytes, identifier: str) -> bool:
    """Whether `commitment` was made for this identifier under this salt."""
    return hmac.compare_digest(commitment, commit(label, salt, identifier))
