"""Following one procedure ends by itself, 30 days after it is published or discontinued (promises §6)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.db import Database, Rank
from notifier.events.evidence import ENDS_AFTER
from notifier.events.model import EventKind
from notifier.events.tables import event
from notifier.subscriptions import course, store
from notifier.subscriptions.model import EndReason, Subscription, SubscriptionState
from notifier.subscriptions.tables import subscription, topic
from notifier.subscriptions.topics import TopicKind, procedure_topic

CHUNK = 100
"""Subscriptions that are ended in one transaction; nobody waits long for the writer."""

_ENDS = (EventKind.PUBLISHED, EventKind.DISCONTINUED)


async def end_followings(db: Database, *, now: datetime) -> int:
    """End what follows a single procedure that ended so long ago. Return how many subscriptions."""
    async with db.read() as conn:
        endings = await _ended(conn, now)
    count = 0
    for ending in endings:
        while ended := await _end_some(db, ending, now):
            count += ended
    return count


async def _end_some(db: Database, ending: "_Ending", now: datetime) -> int:
    async with db.write(Rank.HOUSEKEEPING) as conn:
        seq = await sequence.last(conn)
        found = await _followers(conn, ending.procedure_id, ending.seq)
        for one in found:
            await course.end(conn, one, seq=seq, reason=EndReason.OVER, now=now)
        return len(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """A procedure that ended, and the number of the event that said so."""

    procedure_id: int
    seq: int


async def _ended(conn: AsyncConnection, now: datetime) -> list[_Ending]:
    """Return the procedures that ended before then and have not gone on since."""
    newest = func.max(event.c.seq)
    went_on = (
        select(event.c.procedure_id, newest.label("seq"))
        .where(event.c.kind == EventKind.RESTARTED)
        .group_by(event.c.procedure_id)
        .subquery()
    )
    query = (
        select(event.c.procedure_id, newest.label("seq"))
        .outerjoin(went_on, went_on.c.procedure_id == event.c.procedure_id)
        .where(event.c.kind.in_(_ENDS), event.c.recorded_at < now - ENDS_AFTER)
        .where(event.c.seq > func.coalesce(went_on.c.seq, 0))
        .group_by(event.c.procedure_id)
    )
    return [_Ending(procedure_id=row.procedure_id, seq=row.seq) for row in await conn.execute(query)]


async def _followers(conn: AsyncConnection, procedure_id: int, seq: int) -> list[Subscription]:
    """Return who was told of the end; somebody who came later asked for something else."""
    wanted = procedure_topic(procedure_id)
    query = (
        select(subscription.c.id)
        .join(topic, topic.c.id == subscription.c.topic_id)
        .where(topic.c.kind == TopicKind.PROCEDURE, topic.c.value == wanted.value)
        .where(subscription.c.state == SubscriptionState.ACTIVE, subscription.c.since_seq < seq)
        .limit(CHUNK)
    )
    return list((await store.load(conn, list((await conn.scalars(query)).all()))).values())
