"""Who is told what is for operators: this machine, and whoever shows the token of health (RFC 6750)."""

import hmac
import ipaddress

from aiohttp import hdrs, web
from pydantic import SecretStr

_FORWARDED = (hdrs.X_FORWARDED_FOR, hdrs.FORWARDED, hdrs.VIA)


def is_insider(request: web.Request, token: SecretStr | None) -> bool:
    """Whether somebody on this machine asks, or shows the token that is configured."""
    return _from_here(request) or _has_token(request, token)


def _from_here(request: web.Request) -> bool:
    """Whether somebody on this machine asks, and not a proxy on it for somebody else."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    if not isinstance(peer, tuple):
        return False
    found = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    plain = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (plain or found).is_loopback


def _has_token(request: web.Request, token: SecretStr | None) -> bool:
    """Whether somebody shows the configured token; how long the comparison takes tells nothing of it."""
    scheme, _, shown = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if token is None or scheme.lower() != "bearer":
        return False
    expected = token.get_secret_value().encode()
    return hmac.compare_digest(shown.strip().encode("utf-8", "surrogateescape"), expected)
