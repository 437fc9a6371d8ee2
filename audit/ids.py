"""Identifiers: time-ordered for what is inserted at speed, random for who must not be guessed."""

import os
import uuid
from datetime import datetime


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562, section 5.7): its first 48 bits are the milliseconds of `now`.

    Time-ordered keys keep inserts at the end of an index; the other 74 bits are random.
    """
    millis = int(now.timestamp() * 1000)
    value = bytearray(millis.to_bytes(6, "big") + os.urandom(10))
    value[6] = 0x70 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(value)))


def random_id() -> str:
    """A UUIDv4: says nothing about when it was made. For leads and people."""
    return str(uuid.uuid4())
