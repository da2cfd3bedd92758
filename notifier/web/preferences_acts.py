"""What the buttons on the page of preferences do; the answer to each is the page again."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from notifier.events import preferences
from notifier.events.choices import REMINDED, preset_choices, reminder_choices
from notifier.events.interest import Preset
from notifier.events.preferences import Hand
from notifier.subscriptions import address_change
from notifier.subscriptions.access import AccessOver
from notifier.subscriptions.model import RHYTHMS, InvalidAddress
from notifier.web.asking import answered_on_the_beat, count_network, no_address, typed_address
from notifier.web.form_data import read_form
from notifier.web.keys import SITE
from notifier.web.own_data import own_data_file
from notifier.web.preferences_page import SESSION, Said, ended_page, hand_of, page_of
from notifier.web.rendering import PAGES
from notifier.web.security import refuse_cross_site

log = logging.getLogger(__name__)

Act = Callable[[web.Request, Hand, Mapping[str, str]], Awaitable[Said]]


def routes() -> list[web.RouteDef]:
    """Return the routes of the page."""
    return [web.get("/preferences/mine", _ended), web.post("/preferences/mine", _act)]


async def _ended(request: web.Request) -> web.Response:
    """Answer whoever reloads or keeps the address of the page: only its forms open it."""
    return ended_page(request)


async def _act(request: web.Request) -> web.Response:
    refuse_cross_site(request)
    site, sent = request.app[SITE], await read_form(request)
    session, do = sent.get(SESSION, ""), sent.get("do", "")
    hand = hand_of(site, session)
    try:
        if do == "data":
            return await own_data_file(site, hand)
        if do == "erase":
            return await _erase(request, hand, sure=sent.get("sure") == "yes")
        if do not in _ACTS:
            raise web.HTTPBadRequest
        said = await _ACTS[do](request, hand, sent)
    except AccessOver as over:
        return ended_page(request, over)
    return await page_of(request, session, said)


async def _change(request: web.Request, hand: Hand, sent: Mapping[str, str]) -> Said:
    rhythm = RHYTHMS.get(sent.get("rhythm", ""))
    preset, known = sent.get("preset", ""), [choice.value for choice in preset_choices()]
    if rhythm is None or preset not in ("", *known):
        raise web.HTTPBadRequest
    changed = await preferences.change(
        request.app[SITE].db,
        hand,
        _row_id(sent),
        preset=Preset(preset) if preset else None,
        rhythm=rhythm,
    )
    return Said(words="Saved." if changed else "Nothing was changed.")


async def _stop(request: web.Request, hand: Hand, sent: Mapping[str, str]) -> Said:
    stopped = await preferences.stop_one(request.app[SITE].db, hand, _row_id(sent))
    return Said(words="Stopped. You can undo this below." if stopped else "It was stopped already.")


async def _stop_all(request: web.Request, hand: Hand, _: Mapping[str, str]) -> Said:
    stopped = await preferences.stop_all(request.app[SITE].db, hand)
    words = "Everything is stopped. You can undo this below."
    return Said(words=words if stopped else "Everything was stopped already.")


async def _undo(request: web.Request, hand: Hand, sent: Mapping[str, str]) -> Said:
    undone = await preferences.undo(request.app[SITE].db, hand, _row_id(sent))
    return Said(words="Undone: these alerts go on." if undone else "This cannot be undone any more.")


async def _reminders(request: web.Request, hand: Hand, sent: Mapping[str, str]) -> Said:
    wanted = sent.get("reminders", "")
    if wanted not in [choice.value for choice in reminder_choices()]:
        raise web.HTTPBadRequest
    changed = await preferences.set_reminders(request.app[SITE].db, hand, on=wanted == REMINDED)
    return Said(words="Saved." if changed else "Nothing was changed.")


async def _new_address(request: web.Request, hand: Hand, sent: Mapping[str, str]) -> Said:
    site, (address, wrong) = request.app[SITE], typed_address(sent)
    if wrong:
        return Said(words=wrong, wrong=True, field="address", typed=address)
    count_network(request)
    try:
        async with answered_on_the_beat(request):
            became = await address_change.ask(
                site.db, session=hand.session, address=address, fence=site.fence()
            )
    except InvalidAddress as error:
        return Said(words=no_address(address, error), wrong=True, field="address", typed=address)
    log.info("address_change_asked", extra={"became": became.value})
    site.ring()
    return Said(
        words=f"We are writing to {address}. Nothing changes until the link in that mail is opened and "
        f"confirmed. It works for {site.limits.link_hours} hours."
    )


async def _back(_: web.Request, __: Hand, ___: Mapping[str, str]) -> Said:
    """Show the page again, from the question whether to erase."""
    return Said()


_ACTS: Mapping[str, Act] = {
    "change": _change,
    "stop": _stop,
    "stop-all": _stop_all,
    "undo": _undo,
    "reminders": _reminders,
    "address": _new_address,
    "back": _back,
}


async def _erase(request: web.Request, hand: Hand, *, sure: bool) -> web.Response:
    """Ask once more, then erase."""
    site, pages = request.app[SITE], request.app[PAGES]
    if not sure:
        found = await preferences.see(site.db, hand)
        return pages.private(
            "preferences_erase", state="sure", address=found.address, session=hand.session.text
        )
    await preferences.erase_me(site.db, hand)
    log.info("erased_on_request")
    return pages.private("preferences_erase", state="erased", address="", session="")


def _row_id(sent: Mapping[str, str]) -> int:
    """Return which row a form is about; one that is nobody's changes nothing.

    Raises:
        web.HTTPBadRequest: it is no number.
    """
    text = sent.get("id", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise web.HTTPBadRequest
    return int(text)
