"""What a store says when it calls back about work that it took on, and whether it is the store. Pure.

The address is one that only the store was told. A signature, where the description names one, says besides
that the body is the store's. Neither is proof that anything is gone: that is read back.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from governance.stores.errands import Called
from governance.stores.http.answers import as_text
from governance.stores.http.description import Encoding, Job, Signature
from governance.stores.http.paths import at

BASE64_SECRET = "whsec_"  # noqa: S105 - a prefix, not a secret
PARTS = re.compile(r"\{(body|header\.[A-Za-z0-9_-]+)\}")


def said(job: Job, body: Any) -> Called | None:
    """How the work ended, by the body of a call; None where it has not, or the body does not say."""
    if job.callback is None or job.callback.state is None:
        return None if job.callback is None else Called.DONE
    state = as_text(at(body, job.callback.state))
    if state in job.done:
        return Called.DONE
    return Called.FAILED if state in job.failed else None


def is_signed(signature: Signature, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures of the header fits; header names are lower-case.

    Several stand in one header, apart by blanks or commas, while a secret is being changed.
    """
    text = _signed_text(signature.text, headers, body)
    key = _key(secret)
    if text is None or not key:
        return False
    digest = hmac.new(key, text, hashlib.sha256).digest()
    right = digest.hex() if signature.encoding is Encoding.HEX else base64.b64encode(digest).decode()
    given = headers.get(signature.header.lower(), "")
    candidates = [given, *given.split(), *re.split(r"[\s,]+", given)]
    return any(
        hmac.compare_digest(one.removeprefix(signature.prefix).encode(), right.encode())
        for one in candidates
        if one.startswith(signature.prefix)
    )


def _key(secret: str) -> bytes:
    """The secret as it is, or in Base64 behind `whsec_` (Standard Webhooks); empty if it can not be read."""
    if not secret.startswith(BASE64_SECRET):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(BASE64_SECRET), validate=True)
    except ValueError:  # also `binascii.Error`; what is not ASCII raises a plain one
        return b""


def _signed_text(template: str, headers: Mapping[str, str], body: bytes) -> bytes | None:
    """What was signed; None where a header of it is missing."""
    parts = []
    for number, part in enumerate(PARTS.split(template)):
        if number % 2 == 0:
            parts.append(part.encode())
        elif part == "body":
            parts.append(body)
        elif part.removeprefix("header.").lower() in headers:
            parts.append(headers[part.removeprefix("header.").lower()].encode())
        else:
            return None
    return b"".join(parts)
