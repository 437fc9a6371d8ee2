"""Which machines may be spoken to, and that the one which was looked at is the one that is spoken to."""

import socket
from typing import Any

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.addresses import addresses_of, may_be, private_hosts, target_of

HOSTS = ("api.vendor.example", "crm.internal:8443")


def refused(url: str, private: frozenset[str] = frozenset()) -> StoreCode:
    """Why a URL is refused."""
    with pytest.raises(StoreError) as error:
        target_of(url, HOSTS, private)
    return error.value.reason


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/",
        "https://api.vendor.example:8443/",
        "https://api.vendor.example.evil.example/",
        "https://api.vendor.example@evil.example/",
        "https://user:pass@api.vendor.example/",
        "http://api.vendor.example/",
        "ftp://api.vendor.example/",
        "file:///etc/passwd",
        "https://",
        "https://api.vendor.example:99999/",
        "https://[::1",
    ],
)
def test_only_listed_hosts_by_https(url: str) -> None:
    """Whatever a document, a link or a job's address says."""
    assert refused(url) is StoreCode.HOST_FORBIDDEN


def test_a_listed_host_is_taken_with_its_port() -> None:
    """Without case; plain http only where the operator calls the host private."""
    target = target_of("https://API.vendor.example/v1?x=1", HOSTS, frozenset())
    assert (target.host, target.port, target.name) == ("api.vendor.example", 443, "api.vendor.example")
    inside = target_of("http://crm.internal:8443/", HOSTS, frozenset({"crm.internal"}))
    assert (inside.scheme, inside.port, inside.name) == ("http", 8443, "crm.internal:8443")


INSIDE = (
    "10.1.2.3 172.16.0.1 192.168.1.1 127.0.0.1 100.64.0.1 0.0.0.0 ::1 fd00::1 fe80::1 fe80::1%eth0 "
    "169.254.169.254 224.0.0.1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1:: nonsense "
    "::127.0.0.1 64:ff9b:1::a00:1 ::ffff:0:10.0.0.1 192.0.0.192"
)


@pytest.mark.parametrize("number", INSIDE.split())
def test_addresses_inside_are_refused(number: str) -> None:
    """However they are dressed."""
    assert not may_be(number, private=False)


def test_private_hosts_may_be_inside_but_never_the_metadata_service() -> None:
    """The operator's word opens private and loopback addresses, nothing link-local."""
    assert may_be("10.1.2.3", private=True)
    assert may_be("127.0.0.1", private=True)
    assert may_be("93.184.216.34", private=False)
    assert may_be("2606:2800:220:1::1", private=False)
    for number in ("169.254.169.254", "fe80::a9fe:a9fe", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1"):  # noqa: S104
        assert not may_be(number, private=True)
    for number in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192"):
        assert not may_be(number, private=True)


def test_the_operator_lists_private_hosts_in_a_variable() -> None:
    """Separated by commas."""
    assert private_hosts({"LEADWARDEN_STORE_PRIVATE_HOSTS": " Crm.internal, 10.0.0.7 ,"}) == {
        "crm.internal",
        "10.0.0.7",
    }
    assert private_hosts({}) == frozenset()


def test_one_address_inside_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is both outside and inside is a trick."""

    def resolve(*_asked: Any, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    target = target_of("https://api.vendor.example/", HOSTS, frozenset())
    with pytest.raises(StoreError) as error:
        addresses_of(target, frozenset())
    assert error.value.reason is StoreCode.HOST_FORBIDDEN


def test_an_unknown_name_is_unreachable() -> None:
    """It may be known later."""
    target = target_of("https://nobody.invalid/", ("nobody.invalid",), frozenset())
    with pytest.raises(StoreError) as error:
        addresses_of(target, frozenset())
    assert error.value.reason is StoreCode.UNREACHABLE
