"""Sends one request to one checked address and reads the answer, within strict limits; follows no redirect.

The transport is used without a client around it: no cookies are kept, no proxy or password is taken from the
environment, and no library writes the address of a call into a log.
"""

import json
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx2

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.addresses import Target, addresses_of
from governance.stores.http.answers import Answer, read_body
from governance.stores.http.description import OWN_HEADERS
from governance.stores.http.templates import Request

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
WHOLE_SECONDS = 60.0
"""From the first byte of the answer to its last: one that drips is not waited for."""
LARGEST_ANSWER = 8 * 1024 * 1024
MOST_CONNECTIONS = 4
MOST_ADDRESSES = 3
AGENT = "leadwarden"
TIMEOUT = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)


class Sender:
    """Holds the connections of one store."""

    def __init__(self, private: frozenset[str]) -> None:
        """Opens nothing yet; `private` are the hosts that may have private addresses."""
        self.private = private
        limits = httpx2.Limits(
            max_connections=MOST_CONNECTIONS, max_keepalive_connections=1, keepalive_expiry=30
        )
        self._transport = httpx2.HTTPTransport(
            verify=ssl.create_default_context(), trust_env=False, limits=limits, retries=0
        )

    def send(self, target: Target, request: Request, headers: Mapping[str, str]) -> Answer:
        """The answer, whatever its status.

        Raises:
            StoreError: `host_forbidden`, `unreachable`, `timed_out`, `answer_too_large`, `answer_invalid`.
        """
        numbers = addresses_of(target, self.private)[:MOST_ADDRESSES]
        for number in numbers[:-1]:
            try:
                return self._exchange(target, number, request, headers)
            except _NotConnectedError:
                continue
        try:
            return self._exchange(target, numbers[-1], request, headers)
        except _NotConnectedError as error:
            code = error.code
        raise StoreError(code)

    def close(self) -> None:
        """Lets the connections go."""
        self._transport.close()

    def _exchange(self, target: Target, number: str, request: Request, headers: Mapping[str, str]) -> Answer:
        """One exchange with one address; nothing of the library's errors is shown, for those hold the URL."""
        code: StoreCode | None = None
        connected = True
        try:
            return self._read(self._transport.handle_request(_outgoing(target, number, request, headers)))
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            late = isinstance(error, httpx2.TimeoutException)
            code = StoreCode.TIMED_OUT if late else StoreCode.UNREACHABLE
            connected = False
        except httpx2.TimeoutException:
            code = StoreCode.TIMED_OUT
        except httpx2.DecodingError:
            code = StoreCode.ANSWER_INVALID
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError):
            code = StoreCode.UNREACHABLE
        if not connected:
            raise _NotConnectedError(code)
        raise StoreError(code)

    def _read(self, response: httpx2.Response) -> Answer:
        """Reads the answer to its end, within its limits of size and time."""
        until = time.monotonic() + WHOLE_SECONDS
        content = bytearray()
        try:
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise StoreError(StoreCode.ANSWER_TOO_LARGE)
                if time.monotonic() > until:
                    raise StoreError(StoreCode.TIMED_OUT)
        finally:
            response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, _body(response.status_code, bytes(content)))


class _NotConnectedError(Exception):
    """No connection came about, so that nothing was asked and the next address may be tried."""

    def __init__(self, code: StoreCode) -> None:
        super().__init__(code.value)
        self.code = code


def _body(status: int, content: bytes) -> object:
    """The body; of an error, what is no JSON is left aside, for the status says enough."""
    if status < 300:  # noqa: PLR2004 - a success has to be readable
        return read_body(content)
    try:
        return read_body(content)
    except StoreError:
        return None


def _outgoing(target: Target, number: str, request: Request, headers: Mapping[str, str]) -> httpx2.Request:
    """The request to the address itself; the certificate is still that of the name."""
    host = f"[{number}]" if ":" in number else number
    content, kind = _content(request)
    sent = httpx2.Headers({"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": AGENT})
    if kind is not None:
        sent["Content-Type"] = kind
    sent.update({name: value for name, value in headers.items() if name.casefold() not in OWN_HEADERS})
    sent["Host"] = target.name
    return httpx2.Request(
        request.method,
        f"{target.scheme}://{host}:{target.port}{request.target}",
        headers=sent,
        content=content,
        extensions={"sni_hostname": target.host, "timeout": TIMEOUT.as_dict()},
    )


def _content(request: Request) -> tuple[bytes | None, str | None]:
    if request.body is None:
        return None, None
    if request.form:
        return urlencode(request.body).encode(), "application/x-www-form-urlencoded"
    return json.dumps(request.body, ensure_ascii=False).encode(), "application/json"
