"""Mailings: the moments at which people are written to, and the chunks of their fan-out."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Select, exists, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import DeliveryState, Lane
from notifier.delivery.tables import delivery
from notifier.events.model import EventKind
from notifier.events.tables import (
    event,
    event_topic,
    expansion,
    mailing,
    mailing_event,
    variant,
    variant_event,
)
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import subscription

CHUNK = 3_000
"""Followers of one chunk: its transaction stays under ten milliseconds."""


async def add_moment(
    conn: AsyncConnection, seqs: Sequence[int], *, lane: Lane, not_before: datetime
) -> int | None:
    """Store one mailing for the events of one sweep, and its open chunks. None: nobody is to get them."""
    last = await _last_person(conn, seqs)
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


def told_people(seqs: Sequence[int]) -> Select[tuple[int]]:
    """Return the people who were sent an alert about one of these events and have not stopped its topics.

    Sent is what the server took, what is on its way, and what it may have taken: its answer was lost, or the
    process that had it in hand died.
    """
    perhaps = (delivery.c.doubtful > 0, delivery.c.taken_back > 0)
    sent = or_(delivery.c.state.in_((DeliveryState.ACCEPTED, DeliveryState.SENDING)), *perhaps)
    following = exists().where(
        event_topic.c.event_seq == variant_event.c.event_seq,
        subscription.c.topic_id == event_topic.c.topic_id,
        subscription.c.subscriber_id == delivery.c.subscriber_id,
        subscription.c.state == SubscriptionState.ACTIVE,
    )
    return (
        select(delivery.c.subscriber_id)
        .select_from(variant_event)
        .join(variant, variant.c.id == variant_event.c.variant_id)
        .join(
            delivery,
            (delivery.c.mailing_id == variant.c.mailing_id) & (delivery.c.variant_id == variant.c.id),
        )
        .where(variant_event.c.event_seq.in_(seqs), sent, following)
        .distinct()
    )


async def _last_person(conn: AsyncConnection, seqs: Sequence[int]) -> int | None:
    """Return the highest id among those who follow the events, or were told what they correct."""
    topics = select(event_topic.c.topic_id).where(event_topic.c.event_seq.in_(seqs)).distinct().subquery()
    # Topic by topic it is the last entry of an index; together, all of a million followers would be read.
    of_topic = (
        select(func.max(subscription.c.subscriber_id))
        .where(subscription.c.topic_id == topics.c.topic_id, text("subscription.state = 'active'"))
        .scalar_subquery()
    )
    followers = select(func.max(of_topic)).select_from(topics)
    corrected = await corrected_by(conn, seqs)
    told = select(func.max(told_people(corrected).subquery().c.subscriber_id)) if corrected else None
    last = [await conn.scalar(query) for query in (followers, told) if query is not None]
    return max((one for one in last if one is not None), default=None)


async def corrected_by(conn: AsyncConnection, seqs: Sequence[int]) -> Sequence[int]:
    """Return the events that corrections among these take back."""
    query = select(event.c.corrects_seq).where(
        event.c.seq.in_(seqs), event.c.kind == EventKind.CORRECTION, event.c.corrects_seq.is_not(None)
    )
    return (await conn.scalars(query)).all()


async def _chunks(conn: AsyncConnection, seqs: Sequence[int], last: int) -> list[tuple[int, int]]:
    """Cut the ids of followers into even ranges (lo, hi], as many as there are thousands of them."""
    topics = select(event_topic.c.topic_id).where(event_topic.c.event_seq.in_(seqs)).distinct()
    ids = (await conn.scalars(topics)).all()
    return even_ranges(last, await subscriptions.followers(conn, ids))


def even_ranges(last: int, people: int) -> list[tuple[int, int]]:
    """Cut the ids up to `last` into even ranges (lo, hi], each with about `CHUNK` of so many people."""
    count = max(1, -(-people // CHUNK))
    edges = [last * place // count for place in range(count + 1)]
    return [(lo, hi) for lo, hi in pairwise(edges) if lo < hi]
