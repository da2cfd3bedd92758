"""Stopping alerts: by the button on the page that a mail links to, or by one click in the mail program.

The one-click POST (RFC 8058) comes from a mail provider: it carries no cookie and no Origin, is not
redirected, and may come twice. What else the page can do asks for a press of a button on it.
"""

import logging

from aiohttp import web

from notifier.events.stop import StopView, look, send_link, stop, undo
from notifier.subscriptions.masking import masked
from notifier.subscriptions.model import EndReason
from notifier.web.asking import answered_on_the_beat, count_network
from notifier.web.followed import followed_by
from notifier.web.form_data import read_form
from notifier.web.keys import SITE
from notifier.web.preferences import MINUTES
from notifier.web.rendering import PAGES
from notifier.web.security import refuse_cross_site

log = logging.getLogger(__name__)

ONE_CLICK = ("List-Unsubscribe", "One-Click")
STOP, UNDO, SEND = ("stop", "yes"), ("undo", "yes"), ("send", "link")


def routes() -> list[web.RouteDef]:
    """Return the routes of a stop link."""
    return [web.get("/stop/{token}", _show), web.post("/stop/{token}", _press)]


async def _show(request: web.Request) -> web.Response:
    return await _page(request, await _look(request))


async def _press(request: web.Request) -> web.Response:
    sent = set((await read_form(request)).items())
    if ONE_CLICK in sent:
        return await _one_click(request)
    refuse_cross_site(request)
    if STOP in sent:
        await _end(request, EndReason.LINK)
        return await _page(request, await _look(request), done="stopped")
    if UNDO in sent:
        return await _undo(request)
    if SEND in sent:
        return await _send(request)
    raise web.HTTPBadRequest


async def _one_click(request: web.Request) -> web.Response:
    """Stop, and say so in a line; a POST that finds nothing to stop has succeeded all the same."""
    view = await _end(request, EndReason.ONE_CLICK)
    if view is None:
        status, words = 404, "This link is not known."
    else:
        status, words = 200, "Stopped." if view.causes else "Nothing is being sent for this."
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    return web.Response(text=f"{words}\n", status=status, headers=headers)


async def _look(request: web.Request) -> StopView | None:
    site, text = request.app[SITE], request.match_info["token"]
    return await look(site.db, text=text, signer=site.signer, now=site.clock.now())


async def _end(request: web.Request, reason: EndReason) -> StopView | None:
    site = request.app[SITE]
    text, now = request.match_info["token"], site.clock.now()
    return await stop(site.db, text=text, signer=site.signer, reason=reason, now=now)


async def _undo(request: web.Request) -> web.Response:
    site, text = request.app[SITE], request.match_info["token"]
    undone = await undo(site.db, text=text, signer=site.signer, now=site.clock.now())
    return await _page(request, await _look(request), done="undone" if undone else "")


async def _send(request: web.Request) -> web.Response:
    """Mail the link to all alerts to whom the mail went; the answer is the same for every link of ours."""
    site, text = request.app[SITE], request.match_info["token"]
    count_network(request)
    async with answered_on_the_beat(request):
        view = await _look(request)
        if view is not None:
            became = await send_link(site.db, text=text, fence=site.fence())
            log.info("access_asked_from_mail", extra={"became": became.value})
            site.ring()
    if view is None:
        return await _page(request, None)
    return request.app[PAGES].private(
        "link_sent", address="", minutes=MINUTES, most=site.limits.per_address_and_day
    )


async def _page(request: web.Request, view: StopView | None, *, done: str = "") -> web.Response:
    """Show what a link is about. One that is not ours is told nothing, not even why."""
    site, pages = request.app[SITE], request.app[PAGES]
    if view is None:
        return pages.private("stop", status=404, state="unknown", address="", followed=(), undoable=False)
    async with site.db.read() as conn:
        shown = await followed_by(conn, view.active or view.undoable or view.causes, site.service)
    if not view.causes:
        state, address = "nothing", "the address of that mail"
    else:
        state = done or ("active" if view.active else "ended")
        address = masked(view.causes[0].address)
    return pages.private("stop", state=state, address=address, followed=shown, undoable=bool(view.undoable))
