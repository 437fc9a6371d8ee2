"""Identifiers: time-ordered for what is inserted at speed, random for who must not be guessed."""

import os
import uuid
from datetime import datetime


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562, section 5.7): its first 48 bits are the milliseconds of `now`.

    Time-ordered keys keep inserts at the end of an index; the other 74 bits are random.
    """
    value = bytearray(int(now.timestamp() * 1000).to_bytes(6, "big") + os.urandom(10))
    value[6] = 0x70 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    text = value.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def random_id() -> str:
    """A UUIDv4: says nothing about when it was made. For leads and people."""
    return str(uuid.uuid4())
