"""Subscribers and subscriptions in the database; rows become values here and nowhere else."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, Select, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.subscriptions.model import EndReason, Rhythm, Subscription, SubscriptionState
from notifier.subscriptions.tables import (
    subscriber,
    subscription,
    subscription_history,
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


async def ask(
    conn: AsyncConnection,
    *,
    subscriber_id: int,
    topic_id: int,
    kinds: int,
    now: datetime,
    confirm_until: datetime,
    rhythm: Rhythm = Rhythm.AT_ONCE,
) -> int:
    """Store a subscription that waits for its confirmation. Return its id."""
    values = {
        "subscriber_id": subscriber_id,
        "topic_id": topic_id,
        "kinds": kinds,
        "rhythm": rhythm,
        "state": SubscriptionState.PENDING,
        "nonce": secrets.token_hex(NONCE_BYTES),
        "asked_at": now,
        "confirm_until": confirm_until,
    }
    found = (
        await conn.execute(insert(subscription).values(values).returning(subscription.c.id))
    ).scalar_one()
    await note(conn, found, "asked", now=now)
    return int(found)


async def ask_again(
    conn: AsyncConnection,
    subscription_id: int,
    *,
    kinds: int,
    now: datetime,
    confirm_until: datetime,
    rhythm: Rhythm = Rhythm.AT_ONCE,
) -> None:
    """Let a new link confirm what the form says now; links sent before stay good as long."""
    await conn.execute(
        update(subscription)
        .where(subscription.c.id == subscription_id)
        .values(kinds=kinds, rhythm=rhythm, asked_at=now, confirm_until=confirm_until)
    )
    await note(conn, subscription_id, "asked again", now=now)


async def activate(
    conn: AsyncConnection,
    found: Subscription,
    *,
    since_seq: int,
    wording: str,
    now: datetime,
    kinds: int | None = None,
) -> bool:
    """Confirm a pending subscription, to `kinds` or as asked.

    Return False when that had been done before, or when the same is followed by another one.
    """
    twin = subscription.alias()
    followed = exists().where(
        twin.c.subscriber_id == subscription.c.subscriber_id,
        twin.c.topic_id == subscription.c.topic_id,
        twin.c.state == SubscriptionState.ACTIVE,
    )
    result = await conn.execute(
        update(subscription)
        .where(subscription.c.id == found.id, subscription.c.state == SubscriptionState.PENDING, ~followed)
        .values(
            state=SubscriptionState.ACTIVE,
            confirmed_at=now,
            since_seq=since_seq,
            kinds=found.kinds if kinds is None else kinds,
        )
    )
    if result.rowcount != 1:
        return False
    await conn.execute(
        update(subscriber)
        .where(subscriber.c.id == found.subscriber_id)
        .values(state=SubscriptionState.ACTIVE)
    )
    await _count_follower(conn, found.topic, 1)
    await note(conn, found.id, "confirmed", detail=wording, now=now)
    return True


async def end(conn: AsyncConnection, found: Subscription, *, seq: int, reason: str, now: datetime) -> bool:
    """End an active subscription. Return False when it had ended before."""
    result = await conn.execute(
        update(subscription)
        .where(subscription.c.id == found.id, subscription.c.state == SubscriptionState.ACTIVE)
        .values(state=SubscriptionState.ENDED, ended_seq=seq, ended_reason=reason, ended_at=now)
    )
    if result.rowcount != 1:
        return False
    await _count_follower(conn, found.topic, -1)
    await note(conn, found.id, "ended", detail=reason, now=now)
    return True


async def revive(conn: AsyncConnection, found: Subscription, *, how: str, now: datetime) -> bool:
    """Take the end of a subscription back. Return False when that had been done before."""
    result = await conn.execute(
        update(subscription)
        .where(subscription.c.id == found.id, subscription.c.state == SubscriptionState.ENDED)
        .values(state=SubscriptionState.ACTIVE, ended_seq=None, ended_reason=None, ended_at=None)
    )
    if result.rowcount != 1:
        return False
    await _count_follower(conn, found.topic, 1)
    await note(conn, found.id, "undone", detail=how, now=now)
    return True


async def end_pending(conn: AsyncConnection, subscriber_id: int, *, now: datetime) -> None:
    """Let no link confirm any more what somebody was asked to confirm."""
    await conn.execute(
        update(subscription)
        .where(subscription.c.subscriber_id == subscriber_id)
        .where(subscription.c.state == SubscriptionState.PENDING)
        .values(state=SubscriptionState.ENDED, ended_reason=EndReason.NEVER_CONFIRMED, ended_at=now)
    )


async def end_twins(conn: AsyncConnection, found: Subscription, *, now: datetime) -> None:
    """Let no link confirm any more what somebody asked for again, since they follow it by `found`."""
    topic_id = select(subscription.c.topic_id).where(subscription.c.id == found.id).scalar_subquery()
    ended = await conn.scalars(
        update(subscription)
        .where(subscription.c.subscriber_id == found.subscriber_id, subscription.c.topic_id == topic_id)
        .where(subscription.c.state == SubscriptionState.PENDING)
        .values(state=SubscriptionState.ENDED, ended_reason=EndReason.NEVER_CONFIRMED, ended_at=now)
        .returning(subscription.c.id)
    )
    for id_ in ended.all():
        await note(conn, id_, "ended", detail=EndReason.NEVER_CONFIRMED, now=now)


async def active_of(conn: AsyncConnection, subscriber_id: int) -> tuple[Subscription, ...]:
    """Return everything that somebody follows."""
    query = _subscriptions().where(
        subscription.c.subscriber_id == subscriber_id, subscription.c.state == SubscriptionState.ACTIVE
    )
    return tuple(subscription_of(row) for row in (await conn.execute(query)).mappings())


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


async def note(
    conn: AsyncConnection, subscription_id: int, what: str, *, now: datetime, detail: str = ""
) -> None:
    """Write one line of a subscription's history."""
    await conn.execute(
        insert(subscription_history).values(subscription_id=subscription_id, at=now, what=what, detail=detail)
    )


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


async def _count_follower(conn: AsyncConnection, followed: Topic, by: int) -> None:
    await conn.execute(
        update(topic)
        .where(topic.c.kind == followed.kind, topic.c.value == followed.value)
        .values(followers=topic.c.followers + by)
    )
