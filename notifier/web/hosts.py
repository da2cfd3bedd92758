"""Which names this service answers to. Pure.

A page asked for under a foreign name is either a mistake of a proxy or an attack: with a name of their own
that points to this machine, others could read in a browser what is meant for this machine alone.
"""

import re
from urllib.parse import urlsplit

from notifier.settings import Service
from notifier.web.visitor import address_of

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

# RFC 9110 §7.2 and RFC 3986 §3.2.2: a name, or an IPv6 address in brackets, and perhaps a port.
_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::\d{0,5})?")


def host_name(text: str) -> str | None:
    """Return the name or address in a Host header, in lower case, without port and last dot.

    None for what is neither.
    """
    found = _HOST.fullmatch(text)
    if found is None:
        return None
    return (found["six"] or found["name"]).lower().removesuffix(".") or None


def own_hosts(service: Service, others: tuple[str, ...]) -> frozenset[str]:
    """Return every name under which the service may be asked."""
    names = (urlsplit(service.public_url).hostname or "", *_LOOPBACK, *others)
    return frozenset(name.lower().removesuffix(".").strip("[]") for name in names)


def is_address(name: str) -> bool:
    """Whether a host is an IP address, which no foreign website can be reached by."""
    return address_of(name) is not None
