"""Erasing an address: what proves who was told what stays, under a keyed hash alone."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.subscriptions import store
from notifier.subscriptions.model import EndReason, SubscriptionState
from notifier.subscriptions.tables import address_change, subscriber
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
    await conn.execute(
        update(address_change)
        .where(address_change.c.subscriber_id == subscriber_id)
        .values(address=None, address_key=None)
    )
