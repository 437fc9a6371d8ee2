"""One request to one checked address: which machine, which name, which certificate, which bytes."""

import datetime as dt
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug import Request as Incoming

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.addresses import target_of
from governance.stores.http.sending import Sender
from governance.stores.http.templates import Request
from tests.fakes.serving import Fake, answer, served

PRIVATE = frozenset({"crm.internal", "other.internal", "127.0.0.1"})
REAL = socket.getaddrinfo


class Echo(Fake):
    """Says what it was sent."""

    def refused(self, request: Incoming) -> Any:
        """Answers every path."""
        body = request.get_data(as_text=True)
        return answer({"host": request.host, "body": body, "headers": dict(request.headers)})


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names inside are known, and each may be asked for once: a second answer could be another machine."""
    seen: list[str] = []

    def resolve(host: Any, port: Any, *asked: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.endswith(".internal"):
            assert name not in seen
            seen.append(name)
            host = "127.0.0.1"
        return REAL(host, port, *asked, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return seen


def test_the_address_that_was_looked_at_is_connected_to(once: list[str]) -> None:
    """A name is resolved once (no rebinding), and stands in the Host header all the same."""
    with served(Echo()) as base:
        port = base.rpartition(":")[2]
        name = f"crm.internal:{port}"
        target = target_of(f"http://{name}/", [name], PRIVATE)
        sender = Sender(PRIVATE)
        more = {"X-Key": "k", "hOST": "elsewhere.example", "content-length": "0"}
        more["accept"] = "text/x"
        said = sender.send(target, Request("POST", "/x?y=%20", {"é": 1}), more)
        sender.close()
    assert once == ["crm.internal"]
    assert (said.body["host"], said.body["body"]) == (name, '{"é": 1}')
    headers = said.body["headers"]
    assert headers["Accept"] == "text/x"
    assert (headers["X-Key"], headers["Content-Type"]) == ("k", "application/json")
    assert (headers["User-Agent"], headers["Accept-Encoding"]) == ("leadwarden", "identity")


def test_a_form_is_sent_as_one() -> None:
    """With the type that says so."""
    with served(Echo()) as base:
        sender = Sender(PRIVATE)
        target = target_of(base, [base[7:]], PRIVATE)
        said = sender.send(target, Request("POST", "/", {"a": "b c"}, form=True), {})
        empty = sender.send(target, Request("GET", "/"), {})
        sender.close()
    assert (said.body["body"], said.body["headers"]["Content-Type"]) == (
        "a=b+c",
        "application/x-www-form-urlencoded",
    )
    assert "Content-Type" not in empty.body["headers"]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would be another machine than the one that was looked at."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with served(Echo()) as base:
        sender = Sender(PRIVATE)
        assert sender.send(target_of(base, [base[7:]], PRIVATE), Request("GET", "/"), {}).status == 200
        sender.close()


def test_the_next_address_is_tried_where_the_first_takes_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with hosts that have two, of which one is down."""
    with served(Echo()) as base:
        port = int(base.rpartition(":")[2])
        several = [(2, 1, 6, "", ("127.0.0.9", port)), (2, 1, 6, "", ("127.0.0.1", port))]

        def resolve(host: Any, *asked: Any, **more: Any) -> Any:
            return several if host == "crm.internal" else REAL(host, *asked, **more)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        name = f"crm.internal:{port}"
        sender = Sender(PRIVATE)
        assert (
            sender.send(target_of(f"http://{name}", [name], PRIVATE), Request("GET", "/"), {}).status == 200
        )
        sender.close()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """A certificate of `crm.internal`, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "crm.internal")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("crm.internal")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=20_000))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "crm.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "crm.key").write_bytes(plain)
    return str(tmp_path / "crm.pem"), str(tmp_path / "crm.key")


def test_the_certificate_has_to_be_the_names(
    once: list[str], certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the connection goes to a number; an unknown authority and another name are not spoken to."""
    with served(Echo(), tls=certificate) as base:
        port = base.rpartition(":")[2]

        def ask(host: str) -> int:
            sender = Sender(PRIVATE)
            try:
                target = target_of(f"https://{host}:{port}/", [f"{host}:{port}"], PRIVATE)
                return sender.send(target, Request("GET", "/"), {}).status
            finally:
                sender.close()

        with pytest.raises(StoreError) as unknown:
            ask("crm.internal")
        once.clear()
        trusting = ssl.create_default_context(cafile=certificate[0])
        monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
        assert ask("crm.internal") == 200
        with pytest.raises(StoreError) as another:
            ask("other.internal")
    assert {unknown.value.reason, another.value.reason} == {StoreCode.UNREACHABLE}
