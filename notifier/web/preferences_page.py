"""The page of all that an address gets, as it stands now, with what was done said at its top.

There is no cookie: each form of the page carries the session, and each answer is the whole page again.
"""

from dataclasses import dataclass

from aiohttp import web

from notifier.events import preferences
from notifier.events.choices import chosen_words, preset_choices, rhythm_choices
from notifier.events.interest import preset_of
from notifier.events.preferences import Hand, Preferences
from notifier.events.wording import plain_day
from notifier.subscriptions.access import AccessOver, AccessState
from notifier.subscriptions.model import Subscription, rhythm_name
from notifier.subscriptions.undoing import UNDO_FOR
from notifier.web.asking import LONGEST_ADDRESS
from notifier.web.followed import Followed, followed_by
from notifier.web.keys import SITE, Site
from notifier.web.rendering import PAGES

SESSION = "session"
"""The hidden field that says whose page it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the top of the page says: what was done, or what was wrong; `field` is where to mend it."""

    words: str = ""
    wrong: bool = False
    field: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing on the page: its name in a sentence and at a line's head, and what was chosen."""

    id: int
    name: str
    title: str
    preset: str
    rhythm: str
    chosen: str
    ended_on: str = ""
    undo_until: str = ""


def hand_of(site: Site, session: str) -> Hand:
    """Return whose hand presses a button of the page, not yet believed."""
    return Hand(session=site.session(session), now=site.clock.now(), daily_at=site.rules.announce_at)


async def page_of(request: web.Request, session: str, said: Said | None = None) -> web.Response:
    """Return the page that a session opens, or the one that says it has ended."""
    site = request.app[SITE]
    try:
        found = await preferences.see(site.db, hand_of(site, session))
    except AccessOver as over:
        return ended_page(request, over)
    return await _page(request, found, session, said or Said())


def ended_page(request: web.Request, over: AccessOver | None = None) -> web.Response:
    """Return the page that says that a page of this kind has ended, and where to ask for another."""
    status = 404 if over is not None and over.state is AccessState.UNKNOWN else 410
    return request.app[PAGES].private("preferences_ended", status=status)


async def _page(request: web.Request, found: Preferences, session: str, said: Said) -> web.Response:
    site = request.app[SITE]
    async with site.db.read() as conn:
        named = await followed_by(conn, found.following, site.service)
        stopped = await followed_by(conn, found.stopped, site.service)
    return request.app[PAGES].private(
        "preferences",
        status=422 if said.wrong else 200,
        said=said,
        session=session,
        address=found.address,
        reminders=found.reminders,
        following=[_row(site, *one) for one in zip(found.following, named, strict=True)],
        stopped=[_row(site, *one) for one in zip(found.stopped, stopped, strict=True)],
        presets=preset_choices(),
        rhythms=rhythm_choices(site.rules.announce_at),
        longest=LONGEST_ADDRESS,
    )


def _row(site: Site, one: Subscription, named: Followed) -> Row:
    daily_at, local = site.rules.announce_at, site.rules.local_date
    ended = one.ended_at
    return Row(
        id=one.id,
        name=named.words,
        title=named.words[:1].upper() + named.words[1:],
        preset=preset_of(one.kinds) or "",
        rhythm=rhythm_name(one.rhythm),
        chosen=chosen_words(one.kinds, one.rhythm, reminders=one.reminders, daily_at=daily_at),
        ended_on=plain_day(local(ended)) if ended else "",
        undo_until=plain_day(local(ended + UNDO_FOR)) if ended else "",
    )
