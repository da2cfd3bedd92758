"""What a weekly digest adds to its news: what is open and what comes next, of all that its reader follows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.language import say, say_many
from notifier.events.titles import clean, quoted
from notifier.events.wording import full_day
from notifier.events.words import Link, OverviewPart, OverviewRow
from notifier.procedures import listing
from notifier.procedures.listing import DatedLine, Group
from notifier.settings import Service
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import subscription, topic
from notifier.subscriptions.topics import Topic, TopicKind

AHEAD = timedelta(days=14)

MOST_ROWS = 10
"""Rows of one part; whoever follows everything would otherwise get a mail that nobody reads to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What is open and what comes within two weeks, of all procedures: read once for all readers."""

    opened: Sequence[DatedLine]
    coming: Sequence[DatedLine]


async def followed_topics(
    conn: AsyncConnection, subscriber_ids: Collection[int]
) -> Mapping[int, frozenset[Topic]]:
    """Return everything that each of these people follows."""
    query = (
        select(subscription.c.subscriber_id, topic.c.kind, topic.c.value)
        .join(topic, topic.c.id == subscription.c.topic_id)
        .where(subscription.c.subscriber_id.in_(subscriber_ids))
        .where(subscription.c.state == SubscriptionState.ACTIVE)
    )
    found: dict[int, set[Topic]] = {}
    for row in await conn.execute(query):
        found.setdefault(row.subscriber_id, set()).add(Topic(kind=TopicKind(row.kind), value=row.value))
    return {who: frozenset(topics) for who, topics in found.items()}


async def read_agenda(conn: AsyncConnection, today: date) -> Agenda:
    """Read what is open today and what comes within two weeks."""
    return Agenda(
        opened=await listing.open_on(conn, today),
        coming=await listing.starting_within(conn, today + timedelta(days=1), today + AHEAD),
    )


def overview(agenda: Agenda, topics: Collection[Topic], *, service: Service) -> tuple[OverviewPart, ...]:
    """Return what is open and what comes of what somebody follows; a part with no rows is left out."""
    group = _group(topics)
    opened, coming = (
        [one for one in dates if group is None or group.has(one.procedure)]
        for dates in (agenda.opened, agenda.coming)
    )
    return overview_words(opened, coming, service=service)


def overview_words(
    opened: Sequence[DatedLine], soon: Sequence[DatedLine], *, service: Service
) -> tuple[OverviewPart, ...]:
    """Return the words of what is open and of what comes soon."""
    parts = (
        _part(say("Open now"), opened, _until, service),
        _part(say("Next 14 days"), soon, _on, service),
    )
    return tuple(part for part in parts if part.rows)


def _group(topics: Collection[Topic]) -> Group | None:
    """Return which procedures these topics are about; None: all of them."""
    if any(one.kind is TopicKind.ALL for one in topics):
        return None
    values = {
        kind: frozenset(one.value for one in topics if one.kind is kind)
        for kind in (TopicKind.PROCEDURE, TopicKind.PROCESS, TopicKind.TECHNOLOGY)
    }
    return Group(
        ids=frozenset(int(value) for value in values[TopicKind.PROCEDURE]),
        processes=values[TopicKind.PROCESS],
        technologies=values[TopicKind.TECHNOLOGY],
    )


def _part(
    heading: str, found: Sequence[DatedLine], when: Callable[[DatedLine], str], service: Service
) -> OverviewPart:
    left = len(found) - MOST_ROWS
    words = say_many("And {number} more", "And {number} more", left)
    return OverviewPart(
        heading=heading,
        rows=tuple(_row(one, when(one), service) for one in found[:MOST_ROWS]),
        more=Link(text=words, url=f"{service.public_url}/") if left > 0 else None,
    )


def _row(one: DatedLine, when: str, service: Service) -> OverviewRow:
    line = one.procedure
    page = f"{service.public_url}/procedures/{quote(line.slug, safe='')}"
    return OverviewRow(topic=Link(text=quoted(line.title, line.shown_id), url=page), when=when)


def _until(one: DatedLine) -> str:
    end = one.milestone.dates.end or one.milestone.dates.start
    label = clean(one.milestone.label)
    return label if end is None else say("{label}, until {day}", label=label, day=full_day(end))


def _on(one: DatedLine) -> str:
    dates, label = one.milestone.dates, clean(one.milestone.label)
    if dates.start is None:
        return label
    if one.milestone.kind.spans and dates.end is not None:
        opens, ends = full_day(dates.start), full_day(dates.end)
        return say("{label}, from {day} to {last}", label=label, day=opens, last=ends)
    return say("{label}, {day}", label=label, day=full_day(dates.start))
