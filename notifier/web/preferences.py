"""Asking for the link that opens all that an address gets, and opening it: once, by a button.

Mail scanners follow every link, so a GET that opened would use it up before its owner comes.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from notifier.clock import machine_now
from notifier.subscriptions import access
from notifier.subscriptions.access import LINK_LASTS, AccessOver, AccessState
from notifier.subscriptions.model import InvalidAddress
from notifier.web.asking import (
    TRAP,
    answered_on_the_beat,
    count_network,
    no_address,
    trapped,
    typed_address,
)
from notifier.web.form_data import read_form
from notifier.web.keys import SITE
from notifier.web.preferences_page import page_of
from notifier.web.rendering import PAGES
from notifier.web.security import refuse_cross_site

log = logging.getLogger(__name__)

MINUTES = int(LINK_LASTS.total_seconds() // 60)

STATUS: Mapping[AccessState, int] = {
    AccessState.GOOD: 200,
    AccessState.USED: 410,
    AccessState.EXPIRED: 410,
    AccessState.UNKNOWN: 404,
}


def routes() -> list[web.RouteDef]:
    """Return the routes of the form, and of the link that it mails."""
    return [
        web.get("/preferences", _show),
        web.post("/preferences", _send),
        web.get("/preferences/open/{token}", _look),
        web.post("/preferences/open/{token}", _open),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was typed, and what was wrong with it."""

    address: str = ""
    address_error: str = ""


async def _show(request: web.Request) -> web.Response:
    return _form_page(request, Form())


async def _send(request: web.Request) -> web.Response:
    refuse_cross_site(request)
    site, sent = request.app[SITE], await read_form(request)
    address, wrong = typed_address(sent)
    if wrong:
        return _form_page(request, Form(address=address, address_error=wrong))
    count_network(request)
    try:
        async with answered_on_the_beat(request):
            if not trapped(sent):
                became = await access.ask(site.db, address=address, fence=site.fence())
                log.info("access_asked", extra={"became": became.value})
                site.ring()
    except InvalidAddress as error:
        return _form_page(request, Form(address=address, address_error=no_address(address, error)))
    return request.app[PAGES].private(
        "link_sent", address=address, minutes=MINUTES, most=site.limits.per_address_and_day
    )


def _form_page(request: web.Request, form: Form) -> web.Response:
    status = 422 if form.address_error else 200
    return request.app[PAGES].private("preferences_ask", status=status, form=form, trap=TRAP)


async def _look(request: web.Request) -> web.Response:
    site, text = request.app[SITE], request.match_info["token"]
    return _link_page(
        request, await access.look(site.db, text=text, signer=site.signer, machine_now=machine_now())
    )


async def _open(request: web.Request) -> web.Response:
    refuse_cross_site(request)
    await read_form(request)  # The button sends nothing; something else is no press of it.
    site, text = request.app[SITE], request.match_info["token"]
    try:
        session = await access.open_once(site.db, text=text, signer=site.signer, machine_now=machine_now())
    except AccessOver as over:
        return _link_page(request, over.state)
    return await page_of(request, session)


def _link_page(request: web.Request, state: AccessState) -> web.Response:
    return request.app[PAGES].private(
        "preferences_open", status=STATUS[state], state=state.value, minutes=MINUTES
    )
