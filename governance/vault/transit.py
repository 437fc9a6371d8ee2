"""Root keys in the transit engine of OpenBao or HashiCorp Vault, over its HTTP API.

Each name is a transit key of its own, `<prefix>-<name>`: AES-256-GCM with associated data, neither derived
nor exportable. Deleting it is immediate in the engine. Snapshots of the vault's storage bring it back, so how
long those are kept is the delay of destruction, and somebody has to say it.

The engine creates a missing key when it is asked to encrypt under one (where the policy lets it), and old
engines ignore associated data: so a key is looked at before it is used, and tried out when it is made.
"""

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx2
import stamina

from governance.errors import RootKeyMissingError, RootRefusedError, RootUnavailableError, WrapBrokenError

TIMEOUT_SECONDS = 5.0
TRIES = 3
KEY_TYPE = "aes256-gcm96"


@dataclass(frozen=True, slots=True)
class TransitPlace:
    """Where the engine is: `address` of the vault, `mount` of the engine, `prefix` of our keys' names.

    `snapshots_kept` is how long backups of the vault itself are kept; None: unknown.
    """

    address: str
    mount: str
    prefix: str
    namespace: str | None = None
    snapshots_kept: timedelta | None = None


class Transit:
    """A client of one transit engine; `token` is asked at each call, as an agent may replace it."""

    name = "transit"

    def __init__(self, place: TransitPlace, token: Callable[[], str], client: httpx2.Client) -> None:
        self._place = place
        self._token = token
        self._client = client

    def __repr__(self) -> str:
        return "Transit()"

    @property
    def destruction_delay(self) -> timedelta | None:
        """See `TransitPlace.snapshots_kept`."""
        return self._place.snapshots_kept

    def tend(self) -> None:
        """Renews a renewable token that has lived half its life. A refusal shows where the token is used."""
        status, found = self._call("GET", "auth/token/lookup-self")
        if status != HTTPStatus.OK or not found.get("renewable"):
            return
        if 2 * found.get("ttl", 0) < found.get("creation_ttl", 0):
            self._call("POST", "auth/token/renew-self", {})

    def create(self, key_name: str) -> None:
        """See `RootKeys.create`.

        Raises:
            RootRefusedError: the engine ignores associated data, or keeps the key in a form that leaves it.
        """
        wanted = {"type": KEY_TYPE, "derived": False, "exportable": False, "allow_plaintext_backup": False}
        self._said_yes(*self._call("POST", self._key(key_name), wanted))
        held = self._held(key_name)
        if held.get("type") != KEY_TYPE or any(held.get(name) for name in wanted if name != "type"):
            raise RootRefusedError(f"the transit key {key_name} is exportable, derived, or of another type")
        probe = self.wrap(key_name, os.urandom(16), b"one context")
        try:
            self.unwrap(key_name, probe, b"another context")
        except WrapBrokenError:
            return
        raise RootRefusedError("the transit engine ignores associated data: it is too old")

    def wrap(self, key_name: str, plaintext: bytes, about: bytes) -> bytes:
        """See `RootKeys.wrap`."""
        self._held(key_name)
        body = {"plaintext": _text(plaintext), "associated_data": _text(about)}
        found = self._said_yes(*self._call("POST", self._path("encrypt", key_name), body))
        return _member(found, "ciphertext").encode()

    def unwrap(self, key_name: str, wrapped: bytes, about: bytes) -> bytes:
        """See `RootKeys.unwrap`."""
        body = {"ciphertext": wrapped.decode("ascii", "replace"), "associated_data": _text(about)}
        status, found = self._call("POST", self._path("decrypt", key_name), body)
        if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
            self._held(key_name)  # says so where the key is gone
            raise WrapBrokenError("a wrapped key does not open here")
        return base64.b64decode(_member(self._said_yes(status, found), "plaintext"))

    def destroy(self, key_name: str) -> None:
        """Lets the key be deleted, and deletes it: every version at once."""
        try:
            self._held(key_name)
        except RootKeyMissingError:
            return
        allowed, _ = self._call("POST", f"{self._key(key_name)}/config", {"deletion_allowed": True})
        deleted, _ = self._call("DELETE", self._key(key_name))
        if deleted >= HTTPStatus.BAD_REQUEST:
            try:
                self._held(key_name)
            except RootKeyMissingError:
                return  # another process was faster
            raise RootRefusedError(f"the transit key {key_name} can not be deleted: {allowed}, {deleted}")

    def _held(self, key_name: str) -> Mapping[str, Any]:
        status, found = self._call("GET", self._key(key_name))
        if status == HTTPStatus.NOT_FOUND:
            raise RootKeyMissingError(f"the transit engine holds no key {key_name}")
        return self._said_yes(status, found)

    def _key(self, key_name: str) -> str:
        return self._path("keys", key_name)

    def _path(self, verb: str, key_name: str) -> str:
        return f"{self._place.mount}/{verb}/{self._place.prefix}-{key_name}"

    def _said_yes(self, status: int, found: Mapping[str, Any]) -> Mapping[str, Any]:
        if status >= HTTPStatus.BAD_REQUEST:
            raise RootRefusedError(f"the transit engine refuses: {status}")
        return found

    def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and data of an answer below 500; whatever else happens is tried again, then unavailable."""
        for attempt in stamina.retry_context(on=RootUnavailableError, attempts=TRIES, timeout=None):
            with attempt:
                return self._asked(method, path, body)
        raise AssertionError("unreachable")  # pragma: no cover -- the last attempt returns or raises

    def _asked(
        self, method: str, path: str, body: Mapping[str, object] | None
    ) -> tuple[int, Mapping[str, Any]]:
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        if self._place.namespace:
            headers["X-Vault-Namespace"] = self._place.namespace
        url = f"{self._place.address}/v1/{path}"
        try:
            response = self._client.request(method, url, headers=headers, json=body, timeout=TIMEOUT_SECONDS)
        except httpx2.HTTPError as error:
            # Without its cause: a cause may quote the request, and with it the token.
            raise RootUnavailableError(
                f"the transit engine does not answer: {type(error).__name__}"
            ) from None
        if not response.is_success and not response.is_client_error:
            raise RootUnavailableError(f"the transit engine can not answer: {response.status_code}")
        if response.status_code in {HTTPStatus.TOO_MANY_REQUESTS, 472, 473}:
            raise RootUnavailableError(f"the transit engine can not answer: {response.status_code}")
        return response.status_code, _data(response)


def _data(response: httpx2.Response) -> Mapping[str, Any]:
    """The `data` of an answer; nothing where there is none, as with 204 and most errors."""
    try:
        found = response.json()
    except ValueError:
        return {}
    data = found.get("data") if isinstance(found, dict) else None
    return data if isinstance(data, dict) else {}


def _member(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise RootRefusedError("what answers is no transit engine")
    return value


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
