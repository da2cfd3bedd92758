"""What every answer carries against misuse in browsers, and where a form may be sent from."""

from urllib.parse import urlsplit

from aiohttp import hdrs, web

from notifier.web.keys import SITE

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"

_REPLAY_FRAMES = "http://localhost:*"
"""The demo shows the pages beside the mail they cause, from another port of the same machine."""

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers would then send "Origin: null" with our own forms. A link with a token
    # still never leaves: only this service itself is told the address of the page before.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers to an answer that is about to be sent; what a handler set itself stays."""
    framed_by = _REPLAY_FRAMES if request.app[SITE].replay else "'none'"
    policy = f"{_POLICY}; frame-ancestors {framed_by}"
    response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in _EVERYWHERE.items():
        response.headers.setdefault(name, value)


def is_cross_site(request: web.Request, *, public_url: str) -> bool:
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
