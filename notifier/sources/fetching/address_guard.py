"""Which network addresses may be asked: by default only those of the public internet.

A source's address comes from a file that an operator writes, and its pages can redirect. Neither may make
this machine ask itself or its neighbours, which often answer whoever is inside.
"""

import errno
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_TRANSLATED = IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last four bytes are an IPv4 address, which a translator connects to."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that is handed out for use on the internet (RFC 4291 §2.4)."""

_RELAYS = IPv4Network("192.88.99.0/24")
"""The former anycast address of 6to4 relays (RFC 7526), which some versions of Python count as global."""

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]
"""What `socket.getaddrinfo` gives for one address."""


class RefusedAddressError(OSError):
    """An address that must not be connected to. As it is an `OSError`, a host's next address is tried."""

    def __init__(self, address: str) -> None:
        # The same words for each address: aiohappyeyeballs then raises this very error when all were refused.
        super().__init__(errno.EACCES, "is not an address of the public internet")
        self.address = address


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """The `socket_factory` of a connector, which is called with the very address that is connected to.

    So it sees literal addresses, for which no resolver is called, and a name that resolves to another address
    than before (DNS rebinding).
    """

    allowed: tuple[Network, ...] = ()
    """Networks that are let through although they are not public."""

    def __call__(self, info: AddressInfo) -> socket.socket:
        """Return a new socket for the address.

        Raises:
            RefusedAddressError: the address is neither public nor allowed.
        """
        family, kind, protocol, _, where = info
        host = str(where[0])
        if not may_connect(host, allowed=self.allowed):
            raise RefusedAddressError(host)
        return socket.socket(family=family, type=kind, proto=protocol)


def may_connect(host: str, *, allowed: Iterable[Network] = ()) -> bool:
    """Return whether `host`, an IP address in text, is public or lies in one of the `allowed` networks.

    An IPv6 address that stands for an IPv4 address (mapped, 6to4 or NAT64) is judged as that address. What is
    no IP address is refused.
    """
    try:
        address = ip_address(host.partition("%")[0])  # without the zone of a link-local address
    except ValueError:
        return False
    inner = _meant(address)
    return any(each in network for network in allowed for each in (address, inner)) or _is_public(inner)


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    return address in _GLOBAL_UNICAST if isinstance(address, IPv6Address) else address not in _RELAYS
