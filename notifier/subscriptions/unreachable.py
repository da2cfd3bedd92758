"""Addresses that mail does not reach, or whose owner wants none: all that they follow ends at once."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.delivery import mailbox
from notifier.subscriptions import course, store
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.retention import MAIL_CHANNEL
from notifier.subscriptions.suppression import suppress
from notifier.subscriptions.tables import subscriber
from notifier.subscriptions.tokens import Signer

NO_MAILBOX = timedelta(days=730)
"""24 months: how long an address without a mailbox is not written to, whoever types it (promises §6)."""


async def end_address(
    conn: AsyncConnection,
    subscriber_id: int,
    now: datetime,
    *,
    signer: Signer,
    reason: EndReason = EndReason.REFUSED,
) -> None:
    """End all that an address follows, because it is no mailbox, or because its owner complained.

    It is written to no more: for 24 months or, after a complaint, until somebody lifts that.
    """
    key = await end_all(conn, subscriber_id, reason=reason, now=now)
    if key is not None:
        until = None if reason is EndReason.COMPLAINED else now + NO_MAILBOX
        await suppress(conn, signer.address_hash(key), reason, now=now, until=until)


async def end_all(
    conn: AsyncConnection, subscriber_id: int, *, reason: EndReason, now: datetime
) -> str | None:
    """End all that somebody follows, and what waits to be sent to them. Return the key of their address.

    None: it was erased, or it is an address of staff, which the settings name and nothing else ends.
    """
    query = select(subscriber.c.address_key, subscriber.c.channel).where(subscriber.c.id == subscriber_id)
    # Locked, since two processes may hear of it at once; not against rows that only point to it.
    row = (await conn.execute(query.with_for_update(key_share=True))).one()
    if row.channel != MAIL_CHANNEL:
        return None
    seq = await sequence.last(conn)
    for found in await store.active_of(conn, subscriber_id):
        await course.end(conn, found, seq=seq, reason=reason, now=now)
    await course.end_pending(conn, subscriber_id, now=now)
    await mailbox.cancel_waiting(conn, subscriber_id, now=now)
    key: str | None = row.address_key
    return key
