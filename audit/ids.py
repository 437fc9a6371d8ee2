"""Identifiers: time-ordered for what is inserted at speed, random for who must not be guessed."""

import os
import uuid
from datetime import datetime
from itertools import count

COUNTER_BITS = 30
_VERSION, _VARIANT = 7 << 76, 2 << 62
_LOW_BITS = 18  # of the counter: what rand_a (12 bits) leaves to rand_b
_made = count(int.from_bytes(os.urandom(4), "big"))  # `next` is atomic: no lock


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562, section 5.7): the milliseconds of `now`, a counter, 44 random bits.

    Time-ordered keys keep inserts at the end of an index. The counter (section 6.2, method 1) starts anywhere
    and never stops, so that what one process makes in one millisecond sorts as it was made.
    """
    made = next(_made) % (1 << COUNTER_BITS)
    high, low = divmod(made, 1 << _LOW_BITS)
    random = int.from_bytes(os.urandom(6), "big") >> 4
    value = int(now.timestamp() * 1000) << 80 | _VERSION | high << 64 | _VARIANT | low << 44 | random
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def first_id(at: datetime) -> str:
    """What sorts before every id that was made from the millisecond of `at` on, and behind all before."""
    text = f"{max(0, int(at.timestamp() * 1000)):012x}"
    return f"{text[:8]}-{text[8:]}"


def random_id() -> str:
    """A UUIDv4: says nothing about when it was made. For leads and people."""
    return str(uuid.uuid4())
