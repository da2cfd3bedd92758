"""The page behind the link of a confirmation mail. Looking does nothing; only the button confirms.

Mail scanners follow every link, so a GET that confirmed would confirm for people who never asked.
"""

from aiohttp import web

from notifier.clock import machine_now
from notifier.events.choices import chosen_words
from notifier.events.interest import reminding
from notifier.events.titles import clean
from notifier.subscriptions.lifecycle import LinkState, LinkView, confirm, look_at_link
from notifier.subscriptions.masking import masked
from notifier.web.followed import Followed, followed
from notifier.web.form_data import read_form
from notifier.web.keys import SITE, Site
from notifier.web.rendering import PAGES
from notifier.web.security import refuse_cross_site

BUTTON = "Confirm"

_STATUS = {LinkState.EXPIRED: 410, LinkState.UNKNOWN: 404}


def routes() -> list[web.RouteDef]:
    """Return the routes of a confirmation link."""
    return [web.get("/confirm/{token}", _show), web.post("/confirm/{token}", _confirm)]


async def _show(request: web.Request) -> web.Response:
    site = request.app[SITE]
    view = await _look(request)
    return await _page(request, view, await _named(site, view), confirmed=False)


async def _confirm(request: web.Request) -> web.Response:
    refuse_cross_site(request)
    await read_form(request)  # The button sends nothing; something else is no press of it.
    site, seen = request.app[SITE], await _look(request)
    named = await _named(site, seen)
    view = await confirm(
        site.db,
        text=request.match_info["token"],
        signer=site.signer,
        wording=f"{_wording(site, seen, named)} [{BUTTON}]",
        now=site.clock.now(),
        machine_now=machine_now(),
        kinds=_kinds(seen),
    )
    return await _page(request, view, named, confirmed=view.state is LinkState.GOOD)


async def _look(request: web.Request) -> LinkView:
    site = request.app[SITE]
    return await look_at_link(
        site.db,
        text=request.match_info["token"],
        signer=site.signer,
        now=site.clock.now(),
        machine_now=machine_now(),
    )


async def _named(site: Site, view: LinkView) -> Followed:
    """Name what the link is about; of a link that is none, nothing."""
    if view.subscription is None:
        return Followed(words="", page="/procedures", again="/subscribe")
    async with site.db.read() as conn:
        return await followed(conn, view.subscription.topic, site.service)


def _wording(site: Site, view: LinkView, named: Followed) -> str:
    """Return what the person agrees to; it is shown above the button, and kept as proof."""
    asked = view.subscription
    address = masked(asked.address if asked else None)
    sentence = f"{clean(site.service.name)} sends alerts about {named.words} by email to {address}"
    kinds = _kinds(view)
    if asked is None or kinds is None:
        return f"{sentence}."
    chosen = chosen_words(kinds, asked.rhythm, reminders=asked.reminders, daily_at=site.rules.announce_at)
    return f"{sentence}: {chosen}."


def _kinds(view: LinkView) -> int | None:
    """Return what will come: what was asked for, with reminders if its owner wants them."""
    asked = view.subscription
    return None if asked is None else reminding(asked.kinds, on=asked.reminders)


async def _page(request: web.Request, view: LinkView, named: Followed, *, confirmed: bool) -> web.Response:
    site = request.app[SITE]
    return request.app[PAGES].private(
        "confirm",
        status=_STATUS.get(view.state, 200),
        state="confirmed" if confirmed else view.state.value,
        wording=_wording(site, view, named),
        followed=named,
        button=BUTTON,
        hours=site.limits.link_hours,
    )
