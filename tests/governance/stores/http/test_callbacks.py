"""What a store says when it calls back, and whether it is the store."""

import base64
import hashlib
import hmac
from typing import Any

import pytest

from governance.stores.errands import Called
from governance.stores.http.callbacks import is_signed, said
from governance.stores.http.description import Callback, Encoding, Job, Signature

BODY = b'{"status": "completed"}'
RIGHT = hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()
PLAIN = Signature("X-Signature", "env:LEADWARDEN_STORE_X")
TIMED = Signature(
    "webhook-signature",
    "env:LEADWARDEN_STORE_X",
    "{header.webhook-id}.{header.webhook-timestamp}.{body}",
    Encoding.BASE64,
    "v1,",
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"job": {"status": "completed"}}, Called.DONE),
        ({"job": {"status": "rejected"}}, Called.FAILED),
        ({"job": {"status": "in_progress"}}, None),
        ({"job": {}}, None),
        ({"job": {"status": ["completed"]}}, None),
        ([], None),
        (None, None),
    ],
)
def test_only_the_words_of_the_description_end_anything(body: Any, expected: Called | None) -> None:
    """All else is news of something under way."""
    assert said(Job(("completed",), failed=("rejected",), callback=Callback("job.status")), body) is expected


def test_where_no_state_is_told_the_call_itself_says_it() -> None:
    """And without a callback in the description no call says anything."""
    assert said(Job((), callback=Callback()), None) is Called.DONE
    assert said(Job(("completed",)), {"status": "completed"}) is None


@pytest.mark.parametrize("given", [RIGHT, f"{'0' * 64} {RIGHT}", f"{'0' * 64},{RIGHT}"])
def test_a_signature_over_the_body_fits(given: str) -> None:
    """One of several is enough, while a secret is changed."""
    assert is_signed(PLAIN, "secret", {"x-signature": given}, BODY)


@pytest.mark.parametrize("given", ["", "0" * 64, RIGHT.upper(), RIGHT[:-1], "é"])
def test_nothing_else_fits(given: str) -> None:
    """Nor does another secret, another body, or no header at all."""
    assert not is_signed(PLAIN, "secret", {"x-signature": given}, BODY)
    assert not is_signed(PLAIN, "other", {"x-signature": RIGHT}, BODY)
    assert not is_signed(PLAIN, "secret", {"x-signature": RIGHT}, BODY + b" ")
    assert not is_signed(PLAIN, "secret", {}, BODY)


def test_what_is_signed_may_have_headers_in_it() -> None:
    """As Standard Webhooks and others have it; one that is missing was not signed."""
    digest = hmac.new(b"secret", b"m1.17." + BODY, hashlib.sha256).digest()
    right = "v1," + base64.b64encode(digest).decode()
    headers = {"webhook-id": "m1", "webhook-timestamp": "17", "webhook-signature": f"v1,AAAA {right}"}
    assert is_signed(TIMED, "secret", headers, BODY)
    assert not is_signed(TIMED, "secret", headers | {"webhook-timestamp": "18"}, BODY)
    assert not is_signed(TIMED, "secret", headers | {"webhook-signature": right.removeprefix("v1,")}, BODY)
    assert is_signed(TIMED, "whsec_" + base64.b64encode(b"secret").decode(), headers, BODY)
    assert not is_signed(TIMED, "whsec_secret", headers, BODY)
    empty = "v1," + base64.b64encode(hmac.new(b"", b"m1.17." + BODY, hashlib.sha256).digest()).decode()
    for secret in ("", "whsec_", "whsec_?", "whsec_c2VjcmV0é"):
        assert not is_signed(TIMED, secret, headers | {"webhook-signature": empty}, BODY)
    del headers["webhook-id"]
    assert not is_signed(TIMED, "secret", headers, BODY)
