"""The page of one procedure; its first box answers "Can I do something now?" (promises §7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from notifier.events import store as events
from notifier.events.telling import web_address
from notifier.events.titles import clean, full_title
from notifier.events.wording import plain_day
from notifier.procedures import public, source_store
from notifier.procedures import store as procedures
from notifier.procedures.model import Procedure
from notifier.subscriptions.topics import procedure_topic
from notifier.web.answer import answer
from notifier.web.history import changes
from notifier.web.keys import SITE
from notifier.web.picture import picture
from notifier.web.read_line import reading_line
from notifier.web.rendering import PAGES
from notifier.web.schedule import date_lines, force
from notifier.web.standing import described_line, topic_line

CHANGES = 30
LOOKED_THROUGH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of what the body says beside the schedule; `href` is empty for plain text."""

    name: str
    value: str
    href: str = ""


def routes() -> list[web.RouteDef]:
    """Return the route of a procedure's page."""
    return [web.get("/procedures/{reference}", _topic)]


async def _topic(request: web.Request) -> web.Response:
    site, reference = request.app[SITE], request.match_info["reference"]
    pages, now = request.app[PAGES], request.app[SITE].clock.now()
    async with site.db.read() as conn:
        listed = await public.find(conn, clean(reference))
        if listed is None:
            noun = site.service.topic_noun
            raise web.HTTPNotFound(text=f"There is no {noun} “{clean(reference)}” here. Try the search.")
        if listed.slug != reference:
            raise web.HTTPMovedPermanently(f"{pages.base}/procedures/{quote(listed.slug, safe='')}")
        found = (await procedures.load(conn, [listed.id]))[listed.id]
        failing = {one.key: one.failing_since for one in await source_store.failing(conn)}
        newest = await events.latest(conn, procedure_topic(listed.id), limit=LOOKED_THROUGH)
    rules, service, read_at = site.rules, site.service, found.read_at
    return pages.kept(
        request,
        "topic",
        slug=found.slug,
        title=full_title(found.title, found.shown_id),
        shown_id=clean(found.shown_id),
        answer=answer(found, service=service, rules=rules, now=now),
        lines=date_lines(found, rules=rules, now=now),
        force=force(found, service=service),
        picture=picture(found, rules.local_date(now)),
        changes=changes(newest, limit=CHANGES, listed=True),
        facts=list(facts_of(found)),
        description=_paragraphs(found.facts.description),
        described=described_line(service, read_at),
        source=web_address(found.facts.link),
        read=reading_line(
            service, read_at, failing_since=failing.get(found.source_key or ""), rules=rules, now=now
        ),
        standing=topic_line(service, read_at, rules.zone.key),
    )


def facts_of(found: Procedure) -> Iterator[Fact]:
    """Give every fact that is known, in the order of the body's own page."""
    facts = found.facts
    texts = (
        ("Status", facts.status_as_written),
        ("Reason given", facts.reason),
        ("Decision", facts.decision),
        ("Process", facts.process),
        ("Technology type", facts.technology_type),
    )
    yield from (Fact(name=name, value=clean(text)) for name, text in texts if text)
    if facts.id_number:
        number = clean(facts.id_number)
        yield Fact(name="ID number", value=number, href=f"/id/{quote(number, safe='')}")
    yield Fact(name="References", value=", ".join(found.references))
    if facts.referral_date:
        yield Fact(name="Referral date", value=plain_day(facts.referral_date))
    if facts.email:
        yield Fact(name="Enquiries", value=clean(facts.email), href=_mailto(clean(facts.email)))


def _mailto(address: str) -> str:
    """Return the address as a link, if it looks like one that a mail program understands."""
    name, at, host = address.partition("@")
    plain = at and name and host and not any(mark in address for mark in ' <>"&?')
    return f"mailto:{quote(address, safe='@')}" if plain else ""


def _paragraphs(text: str | None) -> list[str]:
    return [clean(part) for part in (text or "").split("\n\n") if part.strip()]
