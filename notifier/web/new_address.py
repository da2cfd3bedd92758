"""The page behind the link that is mailed to a new address. Only its button moves alerts there."""

from collections.abc import Sequence

from aiohttp import web

from notifier.clock import machine_now
from notifier.events.titles import clean
from notifier.subscriptions.address_change import ChangeState, ChangeView, confirm, look
from notifier.subscriptions.masking import masked
from notifier.web.followed import Followed, followed_by
from notifier.web.form_data import read_form
from notifier.web.keys import SITE, Site
from notifier.web.rendering import PAGES
from notifier.web.security import refuse_cross_site

BUTTON = "Send them here"

_STATUS = {ChangeState.EXPIRED: 410, ChangeState.UNKNOWN: 404, ChangeState.TAKEN: 409}


def routes() -> list[web.RouteDef]:
    """Return the routes of such a link."""
    return [web.get("/new-address/{token}", _show), web.post("/new-address/{token}", _confirm)]


async def _show(request: web.Request) -> web.Response:
    view = await _look(request)
    return _page(request, view, await _named(request.app[SITE], view), changed=False)


async def _confirm(request: web.Request) -> web.Response:
    refuse_cross_site(request)
    await read_form(request)  # The button sends nothing; something else is no press of it.
    site, seen = request.app[SITE], await _look(request)
    named = await _named(site, seen)
    view = await confirm(
        site.db,
        text=request.match_info["token"],
        signer=site.signer,
        wording=f"{_wording(site, seen)} [{BUTTON}]",
        now=site.clock.now(),
        machine_now=machine_now(),
    )
    return _page(request, view, named, changed=view.state is ChangeState.GOOD)


async def _look(request: web.Request) -> ChangeView:
    site, text = request.app[SITE], request.match_info["token"]
    return await look(site.db, text=text, signer=site.signer, now=site.clock.now(), machine_now=machine_now())


async def _named(site: Site, view: ChangeView) -> Sequence[Followed]:
    """Name what would go to the new address; only its owner can have the link."""
    async with site.db.read() as conn:
        return await followed_by(conn, view.following, site.service)


def _wording(site: Site, view: ChangeView) -> str:
    """Return what the person agrees to; it is shown above the button, and kept as proof."""
    name = clean(site.service.name)
    return f"{name} sends your alerts to {masked(view.address)} from now on, and none to your old address."


def _page(
    request: web.Request, view: ChangeView, named: Sequence[Followed], *, changed: bool
) -> web.Response:
    site = request.app[SITE]
    return request.app[PAGES].private(
        "new_address",
        status=_STATUS.get(view.state, 200),
        state="changed" if changed else view.state.value,
        wording=_wording(site, view),
        followed=named,
        button=BUTTON,
        hours=site.limits.link_hours,
    )
