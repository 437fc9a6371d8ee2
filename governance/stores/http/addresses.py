"""Which machines may be spoken to: the document's hosts, at public addresses unless the operator says so.

A store's document is written by people who may not see what the service can reach. So a host is resolved
here, every address of it is looked at, and the connection goes to the very address that was looked at: a name
that answers differently a moment later (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from governance.stores.errors import StoreCode, StoreError

PRIVATE_HOSTS = "LEADWARDEN_STORE_PRIVATE_HOSTS"
PORTS = {"https": 443, "http": 80}
METADATA = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192"))
)
"""Metadata services that are not link-local: of AWS and Google (IPv6), Alibaba and Oracle."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A URL's parts that matter for connecting; `name` is `host` or `host:port` as hosts are listed."""

    scheme: str
    host: str
    port: int
    name: str


def target_of(url: str, hosts: Iterable[str], private: frozenset[str]) -> Target:
    """The target of a URL, whose host must be listed, and which must be `https` unless the host is private.

    Raises:
        StoreError: `host_forbidden`.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise StoreError(StoreCode.HOST_FORBIDDEN) from None
    name = f"{host}:{port}" if port else host
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in private)
    if not host or parts.username is not None or not safe or name not in {one.lower() for one in hosts}:
        raise StoreError(StoreCode.HOST_FORBIDDEN)
    return Target(parts.scheme, host, port or PORTS[parts.scheme], name)


def private_hosts(secrets: Mapping[str, str]) -> frozenset[str]:
    """The hosts that the operator lets stores have at private addresses."""
    return frozenset(one.strip().lower() for one in secrets.get(PRIVATE_HOSTS, "").split(",") if one.strip())


def addresses_of(target: Target, private: frozenset[str]) -> tuple[str, ...]:
    """Where to connect to.

    Raises:
        StoreError: `unreachable`, the name is not known; `host_forbidden`, one of its addresses may not be.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise StoreError(StoreCode.UNREACHABLE) from None
    numbers = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(may_be(number, private=target.host in private) for number in numbers):
        raise StoreError(StoreCode.HOST_FORBIDDEN)
    return numbers


def may_be(number: str, *, private: bool) -> bool:
    """Whether an address may be spoken to; a cloud's metadata service never, wherever it hides."""
    try:
        address = _unwrapped(ipaddress.ip_address(number.partition("%")[0]))
    except ValueError:
        return False
    if address in METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return private or (address.is_global and not address.is_reserved)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and address in NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address
