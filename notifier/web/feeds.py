"""Feeds and calendars over HTTP: of everything, and of each procedure under any reference it ever had."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events import public as public_events
from notifier.events import store as events
from notifier.feeds import views
from notifier.feeds.caching import RENDER_VERSION
from notifier.feeds.calendar import CALENDAR_MEDIA_TYPE, render_calendar
from notifier.feeds.model import ATOM_MEDIA_TYPE, RSS_MEDIA_TYPE, FeedView
from notifier.procedures import public
from notifier.procedures import store as procedures
from notifier.procedures.public import Listed
from notifier.subscriptions.topics import procedure_topic
from notifier.web.compression import encoded
from notifier.web.documents import Asked, FirstSeen, Kept, Validators, asked, unchanged, whole
from notifier.web.keys import SITE, Site
from notifier.web.repeated import REPEATABLE
from notifier.web.shared_read import SharedRead

Render = Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What a document is about: one procedure, or everything (`listed` is None)."""

    listed: Listed | None
    publisher: views.Publisher
    validators: Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """One kind of document. `prepare` reads all it shows, and returns what makes its bytes.

    `of_events`: it changes with every event, and not with the schedule alone. `in_thread`: making it may
    leave the loop, which must stay free to announce.
    """

    folder: str
    suffix: str
    media_type: str
    of_events: bool
    in_thread: bool
    prepare: Callable[[AsyncConnection, _Subject], Awaitable[Render]]

    def path(self, name: str) -> str:
        """Return the path of the document, `name` being a slug or "all"."""
        return f"/{self.folder}/{name}.{self.suffix}"


def routes() -> list[web.RouteDef]:
    """Return the routes of all feeds and calendars."""
    kept, seen = Kept(), FirstSeen()
    shelves = [_Shelf(document, kept, seen) for document in (_ATOM, _RSS, _CALENDAR)]
    return [
        web.get(shelf.document.path(name), shelf.answer)
        for shelf in shelves
        for name in ("all", "{reference}")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What one read came to: the bytes, or what makes them, or None where the reader needs neither."""

    subject: _Subject
    content: bytes | Render | None = None


class _Shelf:
    """Answers for one kind of document, and keeps what was made last."""

    def __init__(self, document: _Document, kept: Kept, seen: FirstSeen) -> None:
        self.document = document
        self._kept = kept
        self._seen = seen
        # One at a time: readers who come together after an announcement need the work done once.
        self._making = asyncio.Lock()
        self._subjects: SharedRead[_Subject] = SharedRead()

    async def answer(self, request: web.Request) -> web.Response:
        """Answer GET and HEAD."""
        site, document = request.app[SITE], self.document
        reference = request.match_info.get("reference")
        want, now = asked(request), site.clock.now()
        found = await self._find(site, reference, want, now)
        if found is None:
            raise web.HTTPNotFound(text=_not_found(site, document))
        validators, listed = found.subject.validators, found.subject.listed
        if listed is not None and listed.slug != reference:
            # A reference of old, or in another case. Relative, so that it holds behind any proxy.
            raise web.HTTPMovedPermanently(f"{listed.slug}.{document.suffix}")
        request[REPEATABLE] = (
            True  # a later answer to the same may add a Last-Modified, and says nothing else
        )
        if found.content is None:
            return unchanged(validators, want, now)
        body = found.content
        if not isinstance(body, bytes):
            body = await self._made(found.subject, body, want)
        return whole(body, document.media_type, validators, want, now)

    async def _find(self, site: Site, reference: str | None, want: Asked, now: datetime) -> _Found | None:
        """Look no further than the answer needs: a reader whose copy is current costs one statement."""

        async def ask() -> _Subject | None:
            async with site.db.glance() as conn:
                return await _subject(conn, site, self.document, reference, self._seen)

        subject = await self._subjects.get(reference, ask)
        if subject is None:
            return None
        if (found := self._without_rows(subject, reference, want, now)) is not None:
            return found
        async with site.db.read() as conn:  # from one state: what the bytes show, and what tags them
            subject = await _subject(conn, site, self.document, reference, self._seen)
            if subject is None:
                return None
            if (found := self._without_rows(subject, reference, want, now)) is not None:
                return found
            return _Found(subject=subject, content=await self.document.prepare(conn, subject))

    def _without_rows(
        self, subject: _Subject, reference: str | None, want: Asked, now: datetime
    ) -> _Found | None:
        """Return what is found without reading what the document shows; None if that must be read."""
        if subject.listed is not None and subject.listed.slug != reference:
            return _Found(subject=subject)
        if want.holds(subject.validators, now):
            return _Found(subject=subject)
        body = self._kept.get(_address(self.document, subject.listed), subject.validators.tag(want.coding))
        return None if body is None else _Found(subject=subject, content=body)

    async def _made(self, subject: _Subject, render: Render, want: Asked) -> bytes:
        name, tag = _address(self.document, subject.listed), subject.validators.tag(want.coding)
        async with self._making:
            body = self._kept.get(name, tag)
            if body is None:
                plain = await asyncio.to_thread(render) if self.document.in_thread else render()
                body = await asyncio.to_thread(encoded, plain, want.coding)
                self._kept.put(name, tag, body)
            return body


async def _subject(
    conn: AsyncConnection, site: Site, document: _Document, reference: str | None, seen: FirstSeen
) -> _Subject | None:
    """Return what is asked for, with its validators; None where the public may see no such thing."""
    if reference is None:
        state: public_events.PublicState | None = await public_events.of_everything(conn)
    else:
        state = await public_events.of_procedure(conn, reference)
    if state is None:
        return None
    publisher = views.Publisher(service=site.service, rules=site.rules, since=state.since or views.BEFORE_ALL)
    seq, rendering = state.seq if document.of_events else 0, _rendering(publisher, state.restored_at)
    address = _address(document, state.listed)
    validators = Validators(
        seq=seq,
        revision=state.revision,
        rendering=rendering,
        seen_at=seen.since(address, (seq, state.revision, rendering), site.clock.now()),
    )
    return _Subject(listed=state.listed, publisher=publisher, validators=validators)


def _rendering(publisher: views.Publisher, restored_at: datetime | None) -> int:
    """Return a number for all that shapes every document: our code, the service's identity and its hours.

    And for the history since a backup was put back, which counts changes as the one did that it undid.
    """
    rules = publisher.rules
    shape = (publisher.service.model_dump_json(), rules.zone.key, rules.closes_at, publisher.since.year)
    history = () if restored_at is None else (restored_at.isoformat(),)
    return RENDER_VERSION << 32 | zlib.crc32(repr((*shape, *history)).encode())


def _address(document: _Document, listed: Listed | None) -> str:
    return document.path("all" if listed is None else listed.slug)


def _not_found(site: Site, document: _Document) -> str:
    """Say where to look; what was asked for is not repeated to anybody's browser."""
    noun, address = site.service.topic_noun, site.service.public_url
    return (
        f"There is no {noun} with this reference here. Every {noun} links to its feed and calendar from its "
        f"page, to be found from {address}/; everything together is at {address}{document.path('all')}.\n"
    )


async def _feed(conn: AsyncConnection, subject: _Subject) -> FeedView:
    listed = subject.listed
    if listed is None:
        newest = await public_events.latest(conn, limit=views.LONGEST)
        return views.feed_of_everything(subject.publisher, newest)
    newest = await events.latest(conn, procedure_topic(listed.id), limit=views.LONGEST)
    procedure = (await procedures.load(conn, [listed.id]))[listed.id]
    return views.feed_of(subject.publisher, procedure, newest, first_seen_at=listed.first_seen_at)


async def _atom(conn: AsyncConnection, subject: _Subject) -> Render:
    return partial(_render_atom, await _feed(conn, subject))


async def _rss(conn: AsyncConnection, subject: _Subject) -> Render:
    return partial(_render_rss, await _feed(conn, subject))


def _render_atom(view: FeedView) -> bytes:
    from notifier.feeds.atom_rss import render_atom  # noqa: PLC0415 - feedgen loads when a feed is first made

    return render_atom(view)


def _render_rss(view: FeedView) -> bytes:
    from notifier.feeds.atom_rss import render_rss  # noqa: PLC0415

    return render_rss(view)


async def _calendar(conn: AsyncConnection, subject: _Subject) -> Render:
    listed = subject.listed
    every = await public.every(conn) if listed is None else [listed]
    ids = [one.id for one in every]
    found, stamps = await procedures.load(conn, ids), await public.stamps(conn, ids)
    schedules = [
        views.Schedule(
            procedure=found[one.id], first_seen_at=one.first_seen_at, changed_at=stamps.get(one.id, {})
        )
        for one in every
    ]
    if listed is None:
        return lambda: render_calendar(views.calendar_of_everything(subject.publisher, schedules))
    return lambda: render_calendar(views.calendar_of(subject.publisher, schedules[0]))


_ATOM = _Document(
    folder="feeds",
    suffix="atom",
    media_type=ATOM_MEDIA_TYPE,
    of_events=True,
    in_thread=True,
    prepare=_atom,
)
# On the loop: no other thread may run while feedgen has changed the locale.
_RSS = _Document(
    folder="feeds", suffix="rss", media_type=RSS_MEDIA_TYPE, of_events=True, in_thread=False, prepare=_rss
)
# In a thread: the calendar of a thousand procedures takes a second or two to write.
_CALENDAR = _Document(
    folder="calendar",
    suffix="ics",
    media_type=CALENDAR_MEDIA_TYPE,
    of_events=False,
    in_thread=True,
    prepare=_calendar,
)
