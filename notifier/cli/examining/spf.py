"""Whether a domain lets an address send its mail: SPF (RFC 7208), as far as an operator needs it.

Macros and `exists` are beyond it: a record that uses them is said to be undecided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from notifier.cli.examining.resolving import Resolver

MOST_LOOKUPS = 10
"""RFC 7208 §4.6.4: a record that needs more is an error to whoever checks it."""

_ASKS = ("include", "a", "mx", "ptr", "exists", "redirect")


class Spf(StrEnum):
    """What a check comes to."""

    NONE = "none"
    PASSED = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    ERROR = "error"
    UNDECIDED = "undecided"


_SIGNS = {"+": Spf.PASSED, "-": Spf.FAIL, "~": Spf.SOFTFAIL, "?": Spf.NEUTRAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part of a record: `-all`, `include:example.net`, `ip4:192.0.2.0/24`, `redirect=example.net`."""

    sign: Spf
    name: str
    value: str


def records_in(texts: Sequence[str]) -> Sequence[str]:
    """Return the SPF records among TXT records."""
    return [one for one in texts if one.lower() == "v=spf1" or one.lower().startswith("v=spf1 ")]


def terms_of(record: str) -> Sequence[Term]:
    """Return the terms of a record, in order."""
    found = []
    for word in record.split()[1:]:
        sign = _SIGNS.get(word[0])
        body = word[1:] if sign else word
        cut = min((body.index(mark) for mark in ":=/" if mark in body), default=len(body))
        value = body[cut + 1 :] if body[cut : cut + 1] in (":", "=") else body[cut:]
        found.append(Term(sign=sign or Spf.PASSED, name=body[:cut].lower(), value=value))
    return found


class SpfCheck:
    """One check of one domain. `lookups` counts the questions that a receiver would have to ask."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self.lookups = 0

    async def ask(self, domain: str, address: str | None) -> Spf:
        """Return what `domain` says of `address`; without an address only the lookups are counted.

        Raises:
            Unanswered: nobody answered.
        """
        records = records_in(await self._resolver.texts(domain))
        if len(records) != 1:
            return Spf.ERROR if records else Spf.NONE
        terms = terms_of(records[0])
        for term in terms:
            if term.name in _ASKS:
                self.lookups += 1
                if self.lookups > MOST_LOOKUPS:
                    return Spf.ERROR
            found = await self._match(term, domain, address)
            if found is not None:
                return found
        return Spf.NEUTRAL

    async def _match(self, term: Term, domain: str, address: str | None) -> Spf | None:
        """Return what a term decides; None: the next one is asked."""
        if term.name == "all":
            return term.sign
        if "%" in term.value or term.name in ("exists", "ptr"):
            return None if address is None else Spf.UNDECIDED
        if term.name in ("include", "redirect"):
            return await self._other(term, address)
        if address is None:
            return None
        if term.name in ("ip4", "ip6"):
            return term.sign if _inside(address, term.value) else None
        is_ours = term.name in ("a", "mx") and await self._is_host(term, domain, address)
        return term.sign if is_ours else None

    async def _other(self, term: Term, address: str | None) -> Spf | None:
        """Ask another domain's record, as an included part or instead of this one."""
        found = await self.ask(term.value, address)
        if found in (Spf.ERROR, Spf.NONE):
            return Spf.ERROR
        if term.name == "redirect":
            return found
        passed = {Spf.PASSED: term.sign, Spf.UNDECIDED: Spf.UNDECIDED}.get(found)
        return None if address is None else passed

    async def _is_host(self, term: Term, domain: str, address: str) -> bool:
        name, slash, length = term.value.partition("/")
        host = name or domain
        hosts = await self._resolver.mail_hosts(host) if term.name == "mx" else [host]
        for one in hosts:
            for found in await self._resolver.addresses(one) if one else ():
                same_kind = (":" in found) == (":" in address)
                if same_kind and _inside(address, f"{found}{slash}{length.partition('/')[0]}"):
                    return True
        return False


def _inside(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
