"""The course of a subscription: asked, confirmed, ended, taken up again; and the history that proves it."""

import secrets
from datetime import datetime

from sqlalchemy import exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.subscriptions.model import EndReason, Rhythm, Subscription, SubscriptionState
from notifier.subscriptions.store import NONCE_BYTES
from notifier.subscriptions.tables import subscriber, subscription, subscription_history, topic
from notifier.subscriptions.topics import Topic


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


async def note(
    conn: AsyncConnection, subscription_id: int, what: str, *, now: datetime, detail: str = ""
) -> None:
    """Write one line of a subscription's history."""
    await conn.execute(
        insert(subscription_history).values(subscription_id=subscription_id, at=now, what=what, detail=detail)
    )


async def _count_follower(conn: AsyncConnection, followed: Topic, by: int) -> None:
    await conn.execute(
        update(topic)
        .where(topic.c.kind == followed.kind, topic.c.value == followed.value)
        .values(followers=topic.c.followers + by)
    )
