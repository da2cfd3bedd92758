"""How many people something is told to, and how many of them go."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.subscriptions.model import EndReason, Rhythm, SubscriptionState
from notifier.subscriptions.tables import subscription, topic
from notifier.subscriptions.topics import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How many people followed anything then, and how many of them follow nothing now.

    Whose following ended by itself, because its procedure did, counts in neither.
    """

    before: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythms:
    """How many people something is told to, by how soon their mail comes. Nobody is in two of them."""

    at_once: int = 0
    daily: int = 0
    weekly: int = 0

    @property
    def everybody(self) -> int:
        """How many people that is together."""
        return self.at_once + self.daily + self.weekly


async def people(conn: AsyncConnection, topics: Collection[Topic]) -> int:
    """Return how many addresses follow at least one of the topics now, each counted once."""
    if not topics:
        return 0
    query = select(func.count(func.distinct(subscription.c.subscriber_id))).where(_follows(topics))
    return await conn.scalar(query) or 0


async def by_rhythm(conn: AsyncConnection, topics: Collection[Topic], kind_bit: int) -> Rhythms:
    """Return how many people would be told now of an event with these topics and this bit of its kind.

    Whoever follows several of the topics counts once, under the fastest rhythm, as they would be mailed.
    """
    if not topics:
        return Rhythms()
    chosen = subscription.c.kinds.bitwise_and(kind_bit) != 0
    each = (
        select(func.min(subscription.c.rhythm).label("rhythm"))
        .where(_follows(topics), chosen)
        .group_by(subscription.c.subscriber_id)
        .subquery()
    )
    query = select(each.c.rhythm, func.count().label("people")).group_by(each.c.rhythm)
    found = {row.rhythm: row.people for row in await conn.execute(query)}
    return Rhythms(
        at_once=found.get(Rhythm.AT_ONCE, 0),
        daily=found.get(Rhythm.DAILY, 0),
        weekly=found.get(Rhythm.WEEKLY, 0),
    )


async def following(conn: AsyncConnection, since: datetime) -> Following:
    """Return how many people followed anything at `since` (calendar time), and how many of them have gone.

    Reads every subscription: ask now and then, not at every request.
    """
    then = subscription.c.confirmed_at <= since
    lost = (
        (subscription.c.state == SubscriptionState.ENDED)
        & (subscription.c.ended_at > since)
        & (subscription.c.ended_reason != EndReason.OVER)
    )
    number = select(func.count(func.distinct(subscription.c.subscriber_id))).where(then)
    active = subscription.alias()
    still = exists(
        select(active.c.id).where(
            active.c.subscriber_id == subscription.c.subscriber_id,
            active.c.state == SubscriptionState.ACTIVE,
        )
    )
    before = await conn.scalar(number.where(or_(subscription.c.state == SubscriptionState.ACTIVE, lost)))
    gone = await conn.scalar(number.where(lost, ~still))
    return Following(before=before or 0, gone=gone or 0)


def _follows(topics: Collection[Topic]) -> ColumnElement[bool]:
    wanted = [(one.kind, one.value) for one in topics]
    followed = select(topic.c.id).where(tuple_(topic.c.kind, topic.c.value).in_(wanted))
    return subscription.c.topic_id.in_(followed) & (subscription.c.state == SubscriptionState.ACTIVE)
