"""The transit engine over HTTP, as its documentation says it: enough of it to be refused by.

Enforced: token and capabilities of a policy, the seal (503), the mount, base64, associated data, versioned
ciphertexts `vault:v1:…`, `min_decryption_version`, `deletion_allowed`, and the making of a missing key by
`encrypt` where the policy says `create`. Sources: the API pages of OpenBao and HashiCorp Vault for
`/transit/keys`, `/transit/encrypt`, `/transit/decrypt`, `/transit/keys/:name/config`, `/auth/token`.
"""

import base64
import binascii
import json
import os
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MOUNT = "transit"
TOKEN = "hvs.canary-of-the-token"
POLICY = {
    "keys": {"create", "read", "update", "delete"},
    "encrypt": {"update"},
    "decrypt": {"update"},
    "auth": {"read", "update"},
}
Answer = tuple[int, dict[str, Any] | None]


@dataclass
class TransitKey:
    """One named key with its versions."""

    versions: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    exportable: bool = False
    deletion_allowed: bool = False
    min_decryption_version: int = 1


class FakeTransit:
    """The state of the vault, and the rules; `served` puts it behind a port."""

    def __init__(self) -> None:
        self.keys: dict[str, TransitKey] = {}
        self.sealed = False
        self.policy = {path: set(can) for path, can in POLICY.items()}
        self.ignores_associated_data = False  # as engines did before the parameter was known
        self.ttl = 3_600
        self.renewed = 0
        self.asked: list[tuple[str, str]] = []
        self.lock = threading.Lock()

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> Answer:
        """Status and document."""
        with self.lock:
            self.asked.append((method, path))
            if self.sealed:
                return 503, {"errors": ["Vault is sealed"]}
            if token != TOKEN:
                return 403, {"errors": ["permission denied"]}
            parts = path.removeprefix("/v1/").split("/")
            if parts[0] == "auth":
                return self._auth(method, parts)
            if parts[0] != MOUNT:
                return 404, {"errors": [f'no handler for route "{"/".join(parts)}". route entry not found.']}
            return self._transit(method, parts[1:], body)

    def _auth(self, method: str, parts: list[str]) -> Answer:
        if not self._may(method, "auth", exists=True):
            return 403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}
        if parts == ["auth", "token", "lookup-self"]:
            return 200, {"data": {"ttl": self.ttl, "creation_ttl": 7_200, "renewable": True, "id": TOKEN}}
        self.ttl, self.renewed = 7_200, self.renewed + 1
        return 200, {"data": None, "auth": {"client_token": TOKEN, "lease_duration": self.ttl}}

    def _transit(self, method: str, parts: list[str], body: dict[str, Any]) -> Answer:
        verb, name, *rest = parts
        if not self._may(method, verb, exists=name in self.keys):
            return 403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}
        if verb == "keys":
            return self._of_key(method, name, rest, body)
        if method != "POST" or verb not in {"encrypt", "decrypt"}:
            return 405, {"errors": ["unsupported operation"]}
        if verb == "encrypt" and name not in self.keys and "create" in self.policy["encrypt"]:
            self.keys[name] = TransitKey()
        if name not in self.keys:
            return 400, {"errors": ["encryption key not found"]}
        about = b"" if self.ignores_associated_data else base64.b64decode(body.get("associated_data", ""))
        if verb == "encrypt":
            return self._encrypt(self.keys[name], body, about)
        return self._decrypt(self.keys[name], body, about)

    def _of_key(self, method: str, name: str, rest: list[str], body: dict[str, Any]) -> Answer:
        key = self.keys.get(name)
        if method == "GET":
            return (404, {"errors": []}) if key is None else (200, {"data": self._described(name, key)})
        if method == "DELETE":
            return self._delete(name, key)
        if rest and key is None:
            return 400, {"errors": [f"no existing key named {name} could be found"]}
        held = self.keys.setdefault(name, TransitKey(exportable=bool(body.get("exportable"))))
        if rest == ["config"]:
            held.deletion_allowed = body.get("deletion_allowed", held.deletion_allowed)
        return 200, {"data": self._described(name, held)}

    def _delete(self, name: str, key: TransitKey | None) -> Answer:
        if key is None or not key.deletion_allowed:
            why = "could not delete key; not found" if key is None else "deletion is not allowed"
            return 400, {"errors": [f"error deleting policy {name}: {why} for this key"]}
        del self.keys[name]
        return 204, None

    def _described(self, name: str, key: TransitKey) -> dict[str, Any]:
        return {
            "name": name,
            "type": "aes256-gcm96",
            "derived": False,
            "exportable": key.exportable,
            "allow_plaintext_backup": False,
            "deletion_allowed": key.deletion_allowed,
            "latest_version": len(key.versions),
            "min_decryption_version": key.min_decryption_version,
        }

    def _encrypt(self, key: TransitKey, body: dict[str, Any], about: bytes) -> Answer:
        try:
            plaintext = base64.b64decode(body["plaintext"], validate=True)
        except (KeyError, binascii.Error):
            return 400, {"errors": ["missing plaintext to encrypt"]}
        nonce, version = os.urandom(12), len(key.versions)
        sealed = nonce + AESGCM(key.versions[-1]).encrypt(nonce, plaintext, about)
        text = f"vault:v{version}:{base64.b64encode(sealed).decode()}"
        return 200, {"data": {"ciphertext": text, "key_version": version}}

    def _decrypt(self, key: TransitKey, body: dict[str, Any], about: bytes) -> Answer:
        prefix, version, encoded = [*str(body.get("ciphertext", "")).split(":"), "", ""][:3]
        if prefix != "vault" or not version.startswith("v") or not version[1:].isdigit():
            return 400, {"errors": ["invalid ciphertext: no prefix"]}
        number = int(version[1:])
        if number < key.min_decryption_version:
            return 400, {"errors": ["ciphertext or signature version is disallowed by policy (too old)"]}
        if number > len(key.versions):
            return 400, {"errors": ["invalid ciphertext: version is too new"]}
        try:
            sealed = base64.b64decode(encoded, validate=True)
            opened = AESGCM(key.versions[number - 1]).decrypt(sealed[:12], sealed[12:], about)
        except (binascii.Error, InvalidTag, ValueError):
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, {"data": {"plaintext": base64.b64encode(opened).decode()}}

    def _may(self, method: str, path: str, *, exists: bool) -> bool:
        needed = {"GET": "read", "DELETE": "delete", "POST": "update"}[method]
        can = self.policy.get(path, set())
        return needed in can or (method == "POST" and not exists and "create" in can)


class Server:
    """The fake behind a port of this machine; `stop` and `start` are an outage and its end."""

    def __init__(self, vault: FakeTransit) -> None:
        self.vault = vault
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        """What a client is told."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listens, at the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self.vault))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Nobody listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def _handler(vault: FakeTransit) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            token = self.headers.get("X-Vault-Token", "")
            status, document = vault.answer(self.command, self.path, token, body)
            sent = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 -- names that the standard library calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its parent's name
            """Quietly."""

    return Handler
