"""Stopping by the link in a mail: it ends what that mail was sent for, and nothing else (promises §4).

A mail is forwarded more often than one thinks, so its link shows no address and opens no other door.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.db import Database, Rank
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.delivery.tables import delivery
from notifier.events.tables import event_topic, variant_event
from notifier.subscriptions import store
from notifier.subscriptions.model import EndReason, Subscription, SubscriptionState
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.tokens import Purpose, Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """What a mail was sent for. `active` are the subscriptions that its link would end; none: it has."""

    causes: tuple[Subscription, ...]

    @property
    def active(self) -> tuple[Subscription, ...]:
        """The subscriptions that are not ended yet."""
        return tuple(one for one in self.causes if one.state is SubscriptionState.ACTIVE)


async def look(db: Database, *, text: str, signer: Signer) -> StopView | None:
    """Say what a stop link would end; None when it is no link of ours."""
    async with db.read() as conn:
        return await _view(conn, text, signer)


async def stop(
    db: Database, *, text: str, signer: Signer, reason: EndReason, now: datetime
) -> StopView | None:
    """End what the mail was sent for. Doing it twice is doing it once; None when it is no link of ours."""
    async with db.write(Rank.WEB) as conn:
        view = await _view(conn, text, signer)
        if view is not None:
            await _end(conn, view, reason, now)
        return view


async def stop_delivery(
    conn: AsyncConnection, delivery_id: int, *, reason: EndReason, now: datetime
) -> StopView:
    """End what a mail was sent for; whoever calls has proof that its reader wants that."""
    view = await _view_of(conn, delivery_id)
    await _end(conn, view, reason, now)
    return view


async def _end(conn: AsyncConnection, view: StopView, reason: EndReason, now: datetime) -> None:
    seq = await sequence.last(conn)
    for one in view.active:
        await store.end(conn, one, seq=seq, reason=reason, now=now)


async def _view(conn: AsyncConnection, text: str, signer: Signer) -> StopView | None:
    token = signer.read(Purpose.STOP, text)
    if token is None:
        return None
    whose = select(delivery.c.subscriber_id).where(delivery.c.id == token.row_id)
    subscriber_id = await conn.scalar(whose)
    nonce = None if subscriber_id is None else await store.nonce_of(conn, subscriber_id)
    if nonce is None or not signer.believes(token, nonce):
        return None
    return await _view_of(conn, token.row_id)


async def _view_of(conn: AsyncConnection, delivery_id: int) -> StopView:
    query = select(delivery.c.subscriber_id, delivery.c.mailing_id, delivery.c.part, delivery.c.variant_id)
    row = (await conn.execute(query.where(delivery.c.id == delivery_id))).one()
    if row.mailing_id == REPLIES_MAILING:
        reply = (await store.replies(conn, [row.part]))[row.part]
        return StopView(causes=(reply.subscription,))
    causes = await _causes(conn, row.subscriber_id, row.variant_id)
    return StopView(causes=tuple((await store.load(conn, causes)).values()))


async def _causes(conn: AsyncConnection, subscriber_id: int, variant_id: int | None) -> list[int]:
    query = (
        select(subscription.c.id)
        .join(event_topic, event_topic.c.topic_id == subscription.c.topic_id)
        .join(variant_event, variant_event.c.event_seq == event_topic.c.event_seq)
        .where(variant_event.c.variant_id == variant_id, subscription.c.subscriber_id == subscriber_id)
        .where(subscription.c.kinds.bitwise_and(event_topic.c.kind_bit) != 0)
        .where(subscription.c.since_seq < event_topic.c.event_seq)
        .distinct()
    )
    return list((await conn.scalars(query)).all())
