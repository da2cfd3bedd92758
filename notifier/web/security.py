"""What every answer carries against misuse in browsers, and where a form may be sent from."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from notifier.settings import Service
from notifier.web.keys import SITE

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"

_REPLAY_FRAMES = "http://localhost:*"
"""The demo shows the pages beside the mail they cause, from another port of the same machine."""

_EVERYWHERE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers would then send "Origin: null" with our own forms. A link with a token
    # still never leaves: only this service itself is told the address of the page before.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Which library answers, in which version, is of use only to those who look for its holes.
    hdrs.SERVER: "notifier",
}

_ONLY_TLS = {"Strict-Transport-Security": "max-age=31536000"}
"""For this host alone (RFC 6797): of its neighbours we know nothing."""


def security_headers(service: Service, *, replay: bool) -> Mapping[str, str]:
    """Return the headers of every answer, errors and files included."""
    framed_by = _REPLAY_FRAMES if replay else "'none'"
    policy = {"Content-Security-Policy": f"{_POLICY}; frame-ancestors {framed_by}"}
    return {**policy, **_EVERYWHERE, **(_ONLY_TLS if service.public_url.startswith("https:") else {})}


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers to an answer that is about to be sent; what a handler set itself stays."""
    site = request.app[SITE]
    response.headers.popall(hdrs.SERVER, None)  # aiohttp's own
    for name, value in security_headers(site.service, replay=site.replay).items():
        response.headers.setdefault(name, value)


def refuse_cross_site(request: web.Request) -> None:
    """Refuse a form that was sent from another site (cross-site request forgery).

    Raises:
        web.HTTPForbidden: a browser says so.
    """
    if _is_cross_site(request, public_url=request.app[SITE].service.public_url):
        raise web.HTTPForbidden


def _is_cross_site(request: web.Request, *, public_url: str) -> bool:
    """Whether a browser says that a form was sent from another site (Fetch Metadata, RFC 6454).

    Programs send neither header and are let through: no form here relies on a cookie.
    """
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched not in ("same-origin", "none")
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return False
    public = urlsplit(public_url)
    ours = {f"{public.scheme}://{public.netloc}", f"{request.scheme}://{request.host}"}
    return origin.lower() not in {one.lower() for one in ours}
