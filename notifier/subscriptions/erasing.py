"""Erasing an address: what proves who was told what stays, under a keyed hash alone."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.subscriptions import store
from notifier.subscriptions.masking import without_masked
from notifier.subscriptions.model import EndReason, SubscriptionState
from notifier.subscriptions.tables import address_change, subscriber, subscription, subscription_history
from notifier.subscriptions.tokens import Signer


async def erase(
    conn: AsyncConnection, subscriber_id: int, *, signer: Signer, reason: EndReason, now: datetime
) -> None:
    """End all that somebody follows and forget the address; an address that is erased already stays so."""
    seq = await sequence.last(conn)
    for found in await store.active_of(conn, subscriber_id):
        await store.end(conn, found, seq=seq, reason=reason, now=now)
    await store.end_pending(conn, subscriber_id, now=now)
    key = await conn.scalar(select(subscriber.c.address_key).where(subscriber.c.id == subscriber_id))
    if key is None:
        return
    await conn.execute(
        update(subscriber)
        .where(subscriber.c.id == subscriber_id)
        .values(
            address=None,
            address_key=None,
            address_hash=signer.address_hash(key),
            state=SubscriptionState.ENDED,
        )
    )
    await _forget_wordings(conn, subscriber_id)
    await conn.execute(
        update(address_change)
        .where(address_change.c.subscriber_id == subscriber_id)
        .values(address=None, address_key=None)
    )


async def _forget_wordings(conn: AsyncConnection, subscriber_id: int) -> None:
    """Take out of the history what its wordings tell of the address."""
    lines = subscription_history.c
    query = (
        select(lines.id, lines.detail)
        .join(subscription, subscription.c.id == lines.subscription_id)
        .where(subscription.c.subscriber_id == subscriber_id)
    )
    for row in (await conn.execute(query)).all():
        plain = without_masked(row.detail)
        if plain != row.detail:
            await conn.execute(update(subscription_history).where(lines.id == row.id).values(detail=plain))
