"""Mailings: the moments at which people are written to, and the chunks of their fan-out."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Lane
from notifier.events.tables import event_topic, expansion, mailing, mailing_event
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.tables import subscription

CHUNK = 2_000
"""Followers of one chunk: its transaction stays under ten milliseconds."""


async def add_moment(
    conn: AsyncConnection, seqs: Sequence[int], *, lane: Lane, not_before: datetime
) -> int | None:
    """Store one mailing for the events of one sweep, and its open chunks. None: nobody follows them."""
    last = await _last_follower(conn, seqs)
    if last is None:
        return None
    values = {
        "slot_key": f"moment:{seqs[0]}",
        "kind": "moment",
        "lane": lane,
        "upto_seq": seqs[-1],
        "not_before": not_before,
    }
    found = (await conn.execute(insert(mailing).values(values).returning(mailing.c.id))).scalar_one()
    await conn.execute(insert(mailing_event), [{"mailing_id": found, "event_seq": seq} for seq in seqs])
    chunks = await _chunks(conn, seqs, last)
    await conn.execute(insert(expansion), [{"mailing_id": found, "lo": lo, "hi": hi} for lo, hi in chunks])
    return int(found)


async def next_opening(conn: AsyncConnection, *, after: datetime | None = None) -> datetime | None:
    """Return the earliest instant, later than `after`, at which an open chunk may be expanded."""
    query = (
        select(func.min(mailing.c.not_before))
        .join(expansion, expansion.c.mailing_id == mailing.c.id)
        .where(expansion.c.done_at.is_(None), mailing.c.stopped_at.is_(None))
    )
    if after is not None:
        query = query.where(mailing.c.not_before > after)
    found: datetime | None = await conn.scalar(query)
    return found


async def _last_follower(conn: AsyncConnection, seqs: Sequence[int]) -> int | None:
    query = (
        select(func.max(subscription.c.subscriber_id))
        .join(event_topic, event_topic.c.topic_id == subscription.c.topic_id)
        .where(event_topic.c.event_seq.in_(seqs), subscription.c.state == "active")
    )
    found: int | None = await conn.scalar(query)
    return found


async def _chunks(conn: AsyncConnection, seqs: Sequence[int], last: int) -> list[tuple[int, int]]:
    """Cut the ids of followers into even ranges (lo, hi], as many as there are thousands of them."""
    topics = select(event_topic.c.topic_id).where(event_topic.c.event_seq.in_(seqs)).distinct()
    ids = (await conn.scalars(topics)).all()
    count = max(1, -(-await subscriptions.followers(conn, ids) // CHUNK))
    edges = [last * place // count for place in range(count + 1)]
    return [(lo, hi) for lo, hi in pairwise(edges) if lo < hi]
