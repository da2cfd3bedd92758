"""The front page: what is open, what comes next, what changed, and a search. And the list of everything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from notifier.events import public as events
from notifier.events.titles import clean, full_title
from notifier.events.wording import dates_words, full_day
from notifier.procedures import listing
from notifier.procedures.due import Rules
from notifier.procedures.listing import DatedLine, Line, NextLine
from notifier.procedures.model import MilestoneKind, MilestoneState, Precision
from notifier.web.answer import closing, days_left, is_open
from notifier.web.history import changes
from notifier.web.keys import SITE, Site
from notifier.web.rendering import PAGES

COMING = 8
CHANGES = 6
LOOKED_THROUGH = 60
"""Recorded facts in which the latest changes are sought; most facts are no changes."""

ON_A_PAGE = 100
MOST_FOUND = 50
LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """Something that is open by its dates. `certain`: the source shows that it is."""

    slug: str
    title: str
    shown_id: str
    label: str
    until: str
    left: str
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingItem:
    """One date to come."""

    slug: str
    title: str
    shown_id: str
    label: str
    when: str
    machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicItem:
    """One procedure in a list, with its next date, or why it has none."""

    slug: str
    title: str
    shown_id: str
    label: str
    when: str


def routes() -> list[web.RouteDef]:
    """Return the routes of the lists."""
    return [
        web.get("/", _front),
        web.get("/search", _search),
        web.get("/procedures", _topics),
        web.get("/id/{number}", _number),
    ]


async def _front(request: web.Request) -> web.Response:
    site, now = request.app[SITE], request.app[SITE].clock.now()
    today = site.rules.local_date(now)
    async with site.db.read() as conn:
        opened = await listing.open_on(conn, today)
        # What begins today and is open already stands in the first list, hence the few more.
        coming = await listing.starting_from(conn, today, limit=COMING + len(opened))
        newest = await events.latest(conn, limit=LOOKED_THROUGH)
        total = await listing.count(conn)
    opened = tuple(one for one in opened if is_open(one.milestone, site.rules, now))
    known = {(one.procedure.id, one.milestone.key) for one in opened}
    later = [one for one in coming if (one.procedure.id, one.milestone.key) not in known][:COMING]
    return request.app[PAGES].kept(
        request,
        "front",
        for_all=_open_items(opened, MilestoneKind.CONSULTATION, site, today),
        for_some=_open_items(opened, MilestoneKind.WINDOW, site, today),
        coming=[_coming_item(one, site.rules, now) for one in later],
        changes=changes(newest, limit=CHANGES),
        total=total,
    )


async def _search(request: web.Request) -> web.Response:
    site = request.app[SITE]
    query = clean(request.query.get("q", ""))[:LONGEST_QUERY]
    async with site.db.read() as conn:
        found = await listing.search(conn, query, today=_today(site), limit=MOST_FOUND)
    items = [topic_item(one) for one in found]
    return request.app[PAGES].kept(request, "search", query=query, items=items, most=MOST_FOUND)


async def _topics(request: web.Request) -> web.Response:
    site = request.app[SITE]
    async with site.db.read() as conn:
        total = await listing.count(conn)
        pages = max(1, -(-total // ON_A_PAGE))
        page = _page_number(request.query.get("page", "1"))
        if not 1 <= page <= pages:
            raise web.HTTPNotFound(text="The list is not that long.")
        offset = (page - 1) * ON_A_PAGE
        found = await listing.by_title(conn, today=_today(site), offset=offset, limit=ON_A_PAGE)
    items = [topic_item(one) for one in found]
    return request.app[PAGES].kept(request, "topics", items=items, total=total, page=page, pages=pages)


async def _number(request: web.Request) -> web.Response:
    """List all that have the number, even if it is one: numbers repeat, so a redirect would be a guess."""
    site, number = request.app[SITE], clean(request.match_info["number"])
    async with site.db.read() as conn:
        found = await listing.with_number(conn, number, today=_today(site))
    if not found:
        raise web.HTTPNotFound(text=f"No {site.service.topic_noun} here has the ID number “{number}”.")
    items = [topic_item(one) for one in found]
    return request.app[PAGES].kept(request, "number", number=number, items=items)


def topic_item(one: NextLine) -> TopicItem:
    """Return the line of a procedure: its next date, or the status because of which there is none."""
    label, when = "", "No date to come"
    if not one.procedure.status.running:
        when = clean(one.procedure.status_as_written or "Status not known")
    elif one.next is not None:
        label = clean(one.next.label)
        when = dates_words(one.next.dates, weekdays=one.next.dates.precision is Precision.DAY)
    slug, title, shown = _named(one.procedure)
    return TopicItem(slug=slug, title=title, shown_id=shown, label=label, when=when)


def _open_items(
    found: Iterable[DatedLine], kind: MilestoneKind, site: Site, today: date
) -> Sequence[OpenItem]:
    return [_open_item(one, site, today) for one in found if one.milestone.kind is kind]


def _open_item(one: DatedLine, site: Site, today: date) -> OpenItem:
    slug, title, shown = _named(one.procedure)
    return OpenItem(
        slug=slug,
        title=title,
        shown_id=shown,
        label=clean(one.milestone.label),
        until=closing(one.milestone.dates, service=site.service, rules=site.rules),
        left=days_left(one.milestone.dates.end or today, today),
        certain=one.milestone.state is MilestoneState.REACHED,
    )


def _coming_item(one: DatedLine, rules: Rules, now: datetime) -> ComingItem:
    slug, title, shown = _named(one.procedure)
    start = one.milestone.dates.start or rules.local_date(now)
    opens = " opens" if one.milestone.kind.spans else ""
    return ComingItem(
        slug=slug,
        title=title,
        shown_id=shown,
        label=f"{clean(one.milestone.label)}{opens}",
        when=full_day(start),
        machine=start.isoformat(),
    )


def _named(line: Line) -> tuple[str, str, str]:
    return line.slug, full_title(line.title, line.shown_id), clean(line.shown_id)


def _today(site: Site) -> date:
    return site.rules.local_date(site.clock.now())


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0
