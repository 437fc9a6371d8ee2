"""Sends one webhook by the Standard Webhooks specification, version 1.0.0 (standardwebhooks.com).

Signed is `id.timestamp.body`, with HMAC-SHA-256; the id stays the same however often it is tried. Nothing is
followed, nothing of the answer is read but its status, and the whole of it has a time limit: a receiver that
sends a byte a second is as silent as one that sends none.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

import httpx2

from api.errors import DeliveryError
from audit.canonical import JSON
from audit.entry import stamp
from governance.messages.patience import DeliveryCode

LONGEST_SECONDS = 5.0  # from the first byte of the connection to the last of the answer's head
USER_AGENT = "leadwarden"


def payload(topic: str, at: datetime, facts: Mapping[str, JSON]) -> bytes:
    """The body as the specification advises: what, when, and its data."""
    document = {"type": topic, "timestamp": stamp(at), "data": dict(facts)}
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def signed_headers(secret: bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows who sent this body, and when."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }


def send(url: str, secret: bytes, message_id: str, at: datetime, body: bytes) -> None:
    """Posts `body`; returns when the receiver said yes.

    Raises:
        DeliveryError: it did not, or not in time; the reason is a closed code.
    """
    headers = {
        **signed_headers(secret, message_id, at, body),
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
    }
    try:
        status = asyncio.run(_posted(url, headers, body))
    except (OSError, ValueError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise DeliveryError(reason_of(error)) from None
    code = _reason_of_status(status)
    if code is not None:
        raise DeliveryError(code)


def reason_of(error: Exception) -> DeliveryCode:
    """The closed code of what went wrong on the line."""
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return DeliveryCode.TIMED_OUT
    if isinstance(error.__cause__, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return DeliveryCode.INSECURE
    if isinstance(error, httpx2.ProtocolError | httpx2.DecodingError | httpx2.InvalidURL):
        return DeliveryCode.MALFORMED_ANSWER
    if isinstance(error, httpx2.NetworkError | httpx2.ProxyError | OSError):
        return DeliveryCode.UNREACHABLE
    return DeliveryCode.UNEXPECTED


async def _posted(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status of the answer; its body stays on the line."""
    async with (
        asyncio.timeout(LONGEST_SECONDS),
        httpx2.AsyncClient(follow_redirects=False, timeout=LONGEST_SECONDS) as client,
        client.stream("POST", url, headers=dict(headers), content=body) as answer,
    ):
        return answer.status_code


def _reason_of_status(status: int) -> DeliveryCode | None:
    """Why a status is no yes: anything but 2xx."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    named = {
        HTTPStatus.GONE: DeliveryCode.GONE,
        HTTPStatus.TOO_MANY_REQUESTS: DeliveryCode.THROTTLED,
    }
    if status in named:
        return named[HTTPStatus(status)]
    if status < HTTPStatus.BAD_REQUEST:
        return DeliveryCode.REDIRECTED
    return DeliveryCode.SERVER_FAILED if status >= HTTPStatus.INTERNAL_SERVER_ERROR else DeliveryCode.REFUSED
