"""One webhook: signed as the specification says, and a named error for each way it can fail."""

import base64
import hashlib
import hmac
from datetime import datetime

import pytest
from pytest_httpserver import HTTPServer

from api import webhooks
from api.errors import DeliveryError
from governance.messages.patience import DeliveryCode
from tests.api.receivers import bad_server, free_port

SECRET = b"s" * 32
BODY = b'{"type":"requests.late"}'


def failed(url: str, now: datetime) -> DeliveryCode:
    """Why sending to `url` fails."""
    with pytest.raises(DeliveryError) as caught:
        webhooks.send(url, SECRET, "id-1", now, BODY)
    assert "id-1" not in str(caught.value)
    return caught.value.reason


def test_the_signature_is_the_specifications(now: datetime) -> None:
    """The example of the specification's libraries, whose secret, id, time and body are public."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1_614_265_330, tz=now.tzinfo)
    headers = webhooks.signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_receiver_gets_exactly_what_was_signed(httpserver: HTTPServer, now: datetime) -> None:
    """Body and headers, checked the way a receiver would."""
    httpserver.expect_request("/hook", method="POST").respond_with_data("", status=204)
    body = webhooks.payload("requests.late", now, {"count": 2})
    webhooks.send(httpserver.url_for("/hook"), SECRET, "id-1", now, body)
    request, _ = httpserver.log[0]
    signed = f"id-1.{request.headers['webhook-timestamp']}.".encode() + request.data
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()

    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert request.json == {
        "type": "requests.late",
        "timestamp": "2026-11-24T10:00:00.000000Z",
        "data": {"count": 2},
    }


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (302, DeliveryCode.REDIRECTED),
        (400, DeliveryCode.REFUSED),
        (410, DeliveryCode.GONE),
        (429, DeliveryCode.THROTTLED),
        (503, DeliveryCode.SERVER_FAILED),
    ],
    ids=str,
)
def test_every_status_but_2xx_is_a_no(
    httpserver: HTTPServer, now: datetime, status: int, code: DeliveryCode
) -> None:
    """A redirect too: nobody is asked whom the operator did not name."""
    elsewhere = {"Location": httpserver.url_for("/elsewhere")}
    httpserver.expect_request("/hook").respond_with_data("", status=status, headers=elsewhere)

    assert failed(httpserver.url_for("/hook"), now) is code
    assert [request.path for request, _ in httpserver.log] == ["/hook"]


def test_nobody_listening_is_unreachable(now: datetime) -> None:
    """A port without a server."""
    assert failed(f"http://127.0.0.1:{free_port()}/hook", now) is DeliveryCode.UNREACHABLE


def test_an_answer_that_is_no_http_is_malformed(now: datetime) -> None:
    """Bytes of another protocol."""
    with bad_server(b"220 mail.example.com ESMTP\r\n\r\n") as port:
        assert failed(f"http://127.0.0.1:{port}/hook", now) is DeliveryCode.MALFORMED_ANSWER


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "], ids=["nothing", "half a head"])
def test_a_receiver_that_hangs_is_a_named_error(
    now: datetime, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connected, and then silence, from the start or in the middle: given up in time."""
    monkeypatch.setattr(webhooks, "LONGEST_SECONDS", 0.3)
    with bad_server(said) as port:
        assert failed(f"http://127.0.0.1:{port}/hook", now) is DeliveryCode.TIMED_OUT


def test_a_certificate_that_proves_nothing_is_insecure() -> None:
    """Whatever the library wraps it in."""
    assert webhooks.reason_of(OSError("[SSL: CERTIFICATE_VERIFY_FAILED] x")) is DeliveryCode.INSECURE
