"""Following one procedure ends by itself, 30 days after it is published or discontinued (promises §6)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.db import Database, Rank
from notifier.events.evidence import ENDS_AFTER
from notifier.events.model import EventKind
from notifier.events.tables import event
from notifier.subscriptions import store
from notifier.subscriptions.model import EndReason, Subscription, SubscriptionState
from notifier.subscriptions.tables import subscription, topic
from notifier.subscriptions.topics import TopicKind, procedure_topic

_ENDS = (EventKind.PUBLISHED, EventKind.DISCONTINUED)


async def end_followings(db: Database, *, now: datetime) -> int:
    """End what follows a single procedure that ended so long ago. Return how many subscriptions."""
    count = 0
    async with db.write(Rank.HOUSEKEEPING) as conn:
        seq = await sequence.last(conn)
        for procedure_id in await _ended(conn, now):
            for found in await _followers(conn, procedure_id):
                count += await store.end(conn, found, seq=seq, reason=EndReason.OVER, now=now)
    return count


async def _ended(conn: AsyncConnection, now: datetime) -> list[int]:
    """Return the procedures that ended before then and have not gone on since."""
    newest = func.max(event.c.seq)
    went_on = (
        select(event.c.procedure_id, newest.label("seq"))
        .where(event.c.kind == EventKind.RESTARTED)
        .group_by(event.c.procedure_id)
        .subquery()
    )
    query = (
        select(event.c.procedure_id)
        .outerjoin(went_on, went_on.c.procedure_id == event.c.procedure_id)
        .where(event.c.kind.in_(_ENDS), event.c.recorded_at < now - ENDS_AFTER)
        .where(event.c.seq > func.coalesce(went_on.c.seq, 0))
        .distinct()
    )
    return list((await conn.scalars(query)).all())


async def _followers(conn: AsyncConnection, procedure_id: int) -> list[Subscription]:
    wanted = procedure_topic(procedure_id)
    query = (
        select(subscription.c.id)
        .join(topic, topic.c.id == subscription.c.topic_id)
        .where(topic.c.kind == TopicKind.PROCEDURE, topic.c.value == wanted.value)
        .where(subscription.c.state == SubscriptionState.ACTIVE)
    )
    return list((await store.load(conn, list((await conn.scalars(query)).all()))).values())
