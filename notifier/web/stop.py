"""Stopping alerts: by the button on the page that a mail links to, or by one click in the mail program.

The one-click POST (RFC 8058) comes from a mail provider: it carries no cookie and no Origin, is not
redirected, and may come twice.
"""

from aiohttp import web

from notifier.events.stop import StopView, look, stop
from notifier.subscriptions.model import EndReason
from notifier.web.followed import followed_by, masked
from notifier.web.form_data import read_form
from notifier.web.keys import SITE
from notifier.web.rendering import PAGES
from notifier.web.security import refuse_cross_site

ONE_CLICK = ("List-Unsubscribe", "One-Click")
BUTTON = ("stop", "yes")


def routes() -> list[web.RouteDef]:
    """Return the routes of a stop link."""
    return [web.get("/stop/{token}", _show), web.post("/stop/{token}", _stop)]


async def _show(request: web.Request) -> web.Response:
    site = request.app[SITE]
    view = await look(site.db, text=request.match_info["token"], signer=site.signer)
    return await _page(request, view, stopped=False)


async def _stop(request: web.Request) -> web.Response:
    sent = set((await read_form(request)).items())
    if ONE_CLICK in sent:
        return await _one_click(request)
    refuse_cross_site(request)
    if BUTTON not in sent:
        raise web.HTTPBadRequest
    return await _page(request, await _end(request, EndReason.LINK), stopped=True)


async def _one_click(request: web.Request) -> web.Response:
    view = await _end(request, EndReason.ONE_CLICK)
    status, words = (404, "This link is not known.\n") if view is None else (200, "Stopped.\n")
    return web.Response(
        text=words, status=status, headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    )


async def _end(request: web.Request, reason: EndReason) -> StopView | None:
    site = request.app[SITE]
    text, now = request.match_info["token"], site.clock.now()
    return await stop(site.db, text=text, signer=site.signer, reason=reason, now=now)


async def _page(request: web.Request, view: StopView | None, *, stopped: bool) -> web.Response:
    """Show what a link is about. One that is not ours is told nothing, not even why."""
    site, pages = request.app[SITE], request.app[PAGES]
    if view is None:
        return pages.private("stop", status=404, state="unknown", address="", followed=())
    async with site.db.read() as conn:
        shown = await followed_by(conn, view.active or view.causes, site.service)
    state = "stopped" if stopped else "active" if view.active else "ended"
    address = masked(view.causes[0].address if view.causes else None)
    return pages.private("stop", state=state, address=address, followed=shown)
