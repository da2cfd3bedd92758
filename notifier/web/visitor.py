"""Who asks: the network address behind a request, seen through proxies that are trusted. Pure."""

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

_HOME = 64
"""Bits of an IPv6 address that tell one customer from another (RFC 6177): below it everybody has plenty."""


def address_of(text: str) -> Address | None:
    """Return an IP address; None for what is none. One of IPv4 in an IPv6 coat is shown without it."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def is_in(address: Address, networks: Networks) -> bool:
    """Whether an address belongs to one of these networks."""
    return any(address in network for network in networks)


def visitor(peer: Address | None, forwarded: Iterable[str], trusted: Networks) -> Address | None:
    """Return who asks; None if only a trusted proxy is known, or nobody at all.

    `forwarded` are the values of X-Forwarded-For, oldest first. Each proxy adds whom it heard from at the
    end, so the list is read from there, and only for as long as the one who said it is trusted: whatever
    stands before that, anybody can have made up.
    """
    said = [part.strip() for value in forwarded for part in value.split(",")]
    found = peer
    while found is not None and is_in(found, trusted):
        found = address_of(_without_port(said.pop())) if said else None
    return found


def network_of(address: Address) -> str:
    """Return what one customer of a network has: an IPv4 address, or a /64 of IPv6."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _HOME), strict=False))


def _without_port(text: str) -> str:
    """Some proxies write "192.0.2.1:4711" or "[2001:db8::1]:4711"."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
