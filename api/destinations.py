"""Where messages go, read from settings: mail addresses, the webhook and its secret. Pure.

Each raises `ValueError` with what is wrong, never with what was given: `api.settings` names the variable.
"""

import base64
import binascii
import re
from urllib.parse import urlsplit

from governance.messages.addresses import is_address

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SECRET_PREFIX = "whsec_"  # noqa: S105 - how the Standard Webhooks specification spells every secret
LEAST_SECRET_BYTES, MOST_SECRET_BYTES = 24, 64


def mail_address(text: str) -> str:
    """One bare address, as in privacy@example.com."""
    if not is_address(text):
        raise ValueError("must be one mail address, as in privacy@example.com")
    return text


def webhook_url(text: str) -> str:
    """Encrypted, or to this machine; what is sent names no person, but says how many are late."""
    try:
        parts = urlsplit(text)
        known = bool(parts.hostname) and text.isprintable() and not re.search(r"\s", text)
        known = known and not (parts.fragment or parts.username) and parts.port != 0  # no number raises
    except ValueError:
        known = False
    if not known or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise ValueError("must be an https:// URL without a user name")
    return text


def webhook_secret(text: str) -> bytes:
    """The bytes of a secret as the Standard Webhooks specification spells it."""
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not text.startswith(SECRET_PREFIX) or not LEAST_SECRET_BYTES <= len(secret) <= MOST_SECRET_BYTES:
        raise ValueError(
            f"must be {SECRET_PREFIX} and the base64 of {LEAST_SECRET_BYTES} to {MOST_SECRET_BYTES} bytes"
        )
    return secret
