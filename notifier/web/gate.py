"""What every request passes before its handler: a name of ours, a readable address, and a limit of time."""

import asyncio
import re
from urllib.parse import unquote_to_bytes, urlsplit

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.typedefs import Handler

from notifier.web.hosts import host_name, is_address, own_hosts
from notifier.web.keys import LIMITS, SITE
from notifier.web.limits import LONGEST_ADDRESS

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

_PROBED = ("/health", "/metrics")
"""Asked by machines that know this one by its address, or say no name at all."""


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let pass what is meant for this service and can be read; end what takes too long.

    Raises:
        web.HTTPException: 400, 414, 421 or 503.
    """
    _refuse_foreign_host(request)
    _refuse_unreadable_address(request.raw_path)
    try:
        async with asyncio.timeout(request.app[LIMITS].request_seconds) as limit:
            return await handler(request)
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: "60"}) from error


def _refuse_foreign_host(request: web.Request) -> None:
    """Ask for exactly one Host (RFC 9112 §3.2), and refuse a foreign one with 421 (RFC 9110 §15.5.20)."""
    service = request.app[SITE].service
    probe = request.path in _PROBED or request.path.startswith("/health/")
    said = request.headers.getall(hdrs.HOST, [])
    if not said and probe and request.version < HttpVersion11:
        return
    names = [host_name(one) for one in (*said, *_authority(request.raw_path))]
    if len(said) != 1 or None in names:
        raise web.HTTPBadRequest
    ours = own_hosts(service, request.app[LIMITS].hosts)
    for name in names:
        if name is not None and name not in ours and not (probe and is_address(name)):
            raise web.HTTPMisdirectedRequest(
                text=f"This service is at {service.public_url} and nowhere else."
            )


def _authority(target: str) -> list[str]:
    """Return the host of an address that is sent whole, as to a proxy (RFC 9112 §3.2.2), broken or not."""
    if target.startswith(("/", "*")):
        return []
    try:
        return [urlsplit(target).netloc]
    except ValueError:
        return [""]


def _refuse_unreadable_address(target: str) -> None:
    if len(target) > LONGEST_ADDRESS:
        raise web.HTTPRequestURITooLong
    try:
        plain = unquote_to_bytes(target).decode("utf-8")
    except UnicodeDecodeError as error:
        raise web.HTTPBadRequest from error
    if "\0" in plain or _BROKEN_ESCAPE.search(target):
        raise web.HTTPBadRequest
