"""Asking the DNS: what is asked for is a Protocol, so that every answer can be tried."""

from collections.abc import Sequence
from typing import Any, Protocol

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename

PATIENCE_SECONDS = 4.0
"""How long one question may take: a resolver that is there answers within one."""


class Unanswered(Exception):  # noqa: N818 - it names what happened
    """Nobody answered a question: that is no statement about the name."""


class Resolver(Protocol):
    """Answers questions about names. "There is none" is an empty answer.

    Every question raises `Unanswered` where nobody answered.
    """

    async def reachable(self) -> bool:
        """Whether anything can be asked from here at all."""
        ...

    async def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records of a name."""
        ...

    async def mail_hosts(self, name: str) -> Sequence[str]:
        """Return the hosts that take mail for a name, the preferred first; "" where it takes none."""
        ...

    async def addresses(self, name: str) -> Sequence[str]:
        """Return the IP addresses of a host."""
        ...

    async def names_of(self, address: str) -> Sequence[str]:
        """Return the names that an IP address points back to."""
        ...


class SystemResolver:
    """Asks the resolvers of this machine, or those that are given (address and port)."""

    def __init__(self, servers: Sequence[str] = (), *, port: int = 53) -> None:
        self._resolver: dns.asyncresolver.Resolver | None
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = None
            return
        if servers:
            self._resolver.nameservers = list(servers)
            self._resolver.port = port
        self._resolver.lifetime = PATIENCE_SECONDS

    async def reachable(self) -> bool:
        """Ask for the servers of the root, which every resolver knows."""
        try:
            return bool(await self._ask(".", "NS"))
        except Unanswered:
            return False

    async def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records of a name, each with its strings joined (RFC 7208 §3.3)."""
        return [b"".join(one.strings).decode("utf-8", "replace") for one in await self._ask(name, "TXT")]

    async def mail_hosts(self, name: str) -> Sequence[str]:
        """Return the hosts of the MX records; "" is the null MX (RFC 7505)."""
        found = sorted(await self._ask(name, "MX"), key=lambda one: one.preference)
        return [_plain(one.exchange) for one in found]

    async def addresses(self, name: str) -> Sequence[str]:
        """Return the addresses of both kinds."""
        return [one.address for kind in ("A", "AAAA") for one in await self._ask(name, kind)]

    async def names_of(self, address: str) -> Sequence[str]:
        """Return the names of the PTR records."""
        there = dns.reversename.from_address(address).to_text()
        return [_plain(one.target) for one in await self._ask(there, "PTR")]

    async def _ask(self, name: str, kind: str) -> Sequence[Any]:
        if self._resolver is None:
            raise Unanswered("this machine has no resolver")
        try:
            return list(await self._resolver.resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise Unanswered(f"{kind} of {name}: {type(error).__name__}") from error


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""
