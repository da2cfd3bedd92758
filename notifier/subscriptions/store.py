"""Subscribers and subscriptions as the database knows them; rows become values here and nowhere else.

What becomes of a subscription is written in `course.py`.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, Select, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.subscriptions.model import Rhythm, Subscription, SubscriptionState
from notifier.subscriptions.tables import (
    subscriber,
    subscription,
    topic,
)
from notifier.subscriptions.topics import Topic, TopicKind

NONCE_BYTES = 12


async def topic_id(conn: AsyncConnection, wanted: Topic) -> int:
    """Return the row of a topic, made if nobody named it before."""
    found = await find_topic(conn, wanted)
    if found is None:
        values = {"kind": wanted.kind, "value": wanted.value}
        found = (await conn.execute(insert(topic).values(values).returning(topic.c.id))).scalar_one()
    return int(found)


async def topic_ids(conn: AsyncConnection, wanted: Collection[Topic]) -> Mapping[Topic, int]:
    """Return the rows of topics, made for those that nobody named before."""
    found = await _find_topics(conn, wanted)
    new = [{"kind": one.kind, "value": one.value} for one in wanted if one not in found]
    if new:
        await conn.execute(insert(topic), new)
        found |= await _find_topics(conn, [one for one in wanted if one not in found])
    return found


async def _find_topics(conn: AsyncConnection, wanted: Collection[Topic]) -> dict[Topic, int]:
    # Kind by kind in one statement: of pairs, SQLite would look through every topic.
    of_kinds = [
        and_(topic.c.kind == kind, topic.c.value.in_([one.value for one in wanted if one.kind is kind]))
        for kind in sorted({one.kind for one in wanted})
    ]
    rows = await conn.execute(select(topic.c.kind, topic.c.value, topic.c.id).where(or_(*of_kinds)))
    return {Topic(kind=TopicKind(row.kind), value=row.value): row.id for row in rows}


async def find_topic(conn: AsyncConnection, wanted: Topic) -> int | None:
    """Return the row of a topic; None when nobody ever named it."""
    found: int | None = await conn.scalar(
        select(topic.c.id).where(topic.c.kind == wanted.kind, topic.c.value == wanted.value)
    )
    return found


async def followers(conn: AsyncConnection, topic_ids: Sequence[int]) -> int:
    """Return how many subscriptions follow these topics together."""
    return await conn.scalar(select(func.sum(topic.c.followers)).where(topic.c.id.in_(topic_ids))) or 0


async def subscriber_id(
    conn: AsyncConnection, *, address: str, address_key: str, now: datetime, language: str = "en"
) -> int:
    """Return the row of an address, made if it is new: its owner is then written to in `language`."""
    found = await conn.scalar(select(subscriber.c.id).where(subscriber.c.address_key == address_key))
    if found is None:
        values = {
            "address": address,
            "address_key": address_key,
            "language": language,
            "state": SubscriptionState.PENDING,
            "nonce": secrets.token_hex(NONCE_BYTES),
            "created_at": now,
        }
        result = await conn.execute(insert(subscriber).values(values).returning(subscriber.c.id))
        found = result.scalar_one()
    return int(found)


async def current(conn: AsyncConnection, subscriber_id: int, topic_id: int) -> Subscription | None:
    """Return the active or pending subscription of somebody to a topic; the active one first."""
    query = (
        _subscriptions()
        .where(subscription.c.subscriber_id == subscriber_id, subscription.c.topic_id == topic_id)
        .where(subscription.c.state != SubscriptionState.ENDED)
        .order_by(subscription.c.state)
        .limit(1)
    )
    row = (await conn.execute(query)).mappings().one_or_none()
    return None if row is None else subscription_of(row)


async def get(conn: AsyncConnection, subscription_id: int) -> Subscription | None:
    """Return one subscription."""
    query = _subscriptions().where(subscription.c.id == subscription_id)
    row = (await conn.execute(query)).mappings().one_or_none()
    return None if row is None else subscription_of(row)


async def load(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, Subscription]:
    """Return subscriptions by id."""
    rows = (await conn.execute(_subscriptions().where(subscription.c.id.in_(ids)))).mappings()
    return {row["id"]: subscription_of(row) for row in rows}


async def active_of(conn: AsyncConnection, subscriber_id: int) -> tuple[Subscription, ...]:
    """Return everything that somebody follows."""
    query = _subscriptions().where(
        subscription.c.subscriber_id == subscriber_id, subscription.c.state == SubscriptionState.ACTIVE
    )
    return tuple(subscription_of(row) for row in (await conn.execute(query)).mappings())


async def asks_for_any(conn: AsyncConnection, subscriber_id: int) -> bool:
    """Whether somebody follows anything, or has asked to and is yet to confirm it."""
    query = select(subscription.c.id).where(
        subscription.c.subscriber_id == subscriber_id, subscription.c.state != SubscriptionState.ENDED
    )
    return await conn.scalar(query.limit(1)) is not None


async def every_of(conn: AsyncConnection, subscriber_id: int) -> tuple[Subscription, ...]:
    """Return everything that somebody ever asked for, the oldest first."""
    query = _subscriptions().where(subscription.c.subscriber_id == subscriber_id).order_by(subscription.c.id)
    return tuple(subscription_of(row) for row in (await conn.execute(query)).mappings())


async def nonce_of(conn: AsyncConnection, subscriber_id: int) -> str | None:
    """Return the nonce that a subscriber's links are made with."""
    found: str | None = await conn.scalar(select(subscriber.c.nonce).where(subscriber.c.id == subscriber_id))
    return found


async def set_reminders(conn: AsyncConnection, subscriber_id: int, *, on: bool) -> None:
    """Keep whether somebody wants reminders; what they follow is not changed by it."""
    await conn.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(reminders=on))


def _subscriptions() -> Select[tuple[object, ...]]:
    return (
        select(
            subscription,
            subscriber.c.address,
            subscriber.c.language,
            subscriber.c.reminders,
            topic.c.kind,
            topic.c.value,
        )
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .join(topic, topic.c.id == subscription.c.topic_id)
    )


def subscription_of(row: RowMapping) -> Subscription:
    """Turn a row of `_subscriptions` into its value."""
    return Subscription(
        id=row["id"],
        subscriber_id=row["subscriber_id"],
        address=row["address"] or "",
        topic=Topic(kind=TopicKind(row["kind"]), value=row["value"]),
        kinds=row["kinds"],
        rhythm=Rhythm(row["rhythm"]),
        state=SubscriptionState(row["state"]),
        nonce=row["nonce"],
        language=row["language"],
        asked_at=row["asked_at"],
        confirm_until=row["confirm_until"],
        confirmed_at=row["confirmed_at"],
        ended_at=row["ended_at"],
        ended_reason=row["ended_reason"],
        reminders=row["reminders"],
    )
