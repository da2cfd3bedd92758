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
from notifier.events.preferences import take_up
from notifier.events.tables import event_topic, variant_event
from notifier.subscriptions import course, reply_store, store
from notifier.subscriptions.access import mail_link
from notifier.subscriptions.fence import Answer, Fence
from notifier.subscriptions.model import EndReason, Subscription, SubscriptionState
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.tokens import Purpose, Signer
from notifier.subscriptions.undoing import BY_MAIL, undoable

HOW_UNDONE = "with the link in a mail"
"""How the history says that a stop was taken back here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """What a mail was sent for. `active` are the subscriptions that its link would end; none: it has.

    No `causes` at all: nothing is sent for it, and there is nothing to end.
    `undoable` are those that such a link ended lately, and can take up again.
    """

    causes: tuple[Subscription, ...]
    undoable: tuple[Subscription, ...] = ()

    @property
    def active(self) -> tuple[Subscription, ...]:
        """The subscriptions that are not ended yet."""
        return tuple(one for one in self.causes if one.state is SubscriptionState.ACTIVE)


async def look(db: Database, *, text: str, signer: Signer, now: datetime) -> StopView | None:
    """Say what a stop link would end, or undo; None when it is no link of ours."""
    async with db.read() as conn:
        return await _view(conn, text, signer, now)


async def stop(
    db: Database, *, text: str, signer: Signer, reason: EndReason, now: datetime
) -> StopView | None:
    """End what the mail was sent for. Doing it twice is doing it once; None when it is no link of ours."""
    async with db.write(Rank.WEB) as conn:
        view = await _view(conn, text, signer, now)
        if view is not None:
            await _end(conn, view, reason, now)
        return view


async def stop_delivery(
    conn: AsyncConnection, delivery_id: int, *, reason: EndReason, now: datetime
) -> StopView:
    """End what a mail was sent for; whoever calls has proof that its reader wants that."""
    view = StopView(causes=(await _sent_of(conn, delivery_id)).causes)
    await _end(conn, view, reason, now)
    return view


async def _end(conn: AsyncConnection, view: StopView, reason: EndReason, now: datetime) -> None:
    seq = await sequence.last(conn)
    for one in view.active:
        await course.end(conn, one, seq=seq, reason=reason, now=now)


async def undo(db: Database, *, text: str, signer: Signer, now: datetime) -> bool:
    """Take up again what the mail was sent for and a link like this ended lately, and nothing else.

    Return whether there was anything to take up; doing it twice is doing it once.
    """
    async with db.write(Rank.WEB) as conn:
        view = await _view(conn, text, signer, now)
        again = () if view is None else view.undoable
        done = [await take_up(conn, one, how=HOW_UNDONE, signer=signer, now=now) for one in again]
        return any(done)


async def send_link(db: Database, *, text: str, fence: Fence) -> Answer:
    """Mail the link that opens everything to whom the mail was sent, whom the asker need not know."""
    async with db.write(Rank.WEB) as conn:
        found = await _sent(conn, text, fence.signer)
        return Answer.UNKNOWN if found is None else await mail_link(conn, found.subscriber_id, fence)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """The mail that a link stands in: to whom, and which subscriptions caused it."""

    subscriber_id: int
    causes: tuple[Subscription, ...]


async def _view(conn: AsyncConnection, text: str, signer: Signer, now: datetime) -> StopView | None:
    found = await _sent(conn, text, signer)
    if found is None:
        return None
    every = await store.every_of(conn, found.subscriber_id)
    causes = {one.id for one in found.causes}
    again = tuple(one for one in undoable(every, BY_MAIL, now=now) if one.id in causes and one.address)
    return StopView(causes=found.causes, undoable=again)


async def _sent(conn: AsyncConnection, text: str, signer: Signer) -> _Sent | None:
    token = signer.read(Purpose.STOP, text)
    if token is None:
        return None
    whose = select(delivery.c.subscriber_id).where(delivery.c.id == token.row_id)
    subscriber_id = await conn.scalar(whose)
    nonce = None if subscriber_id is None else await store.nonce_of(conn, subscriber_id)
    if nonce is None or not signer.believes(token, nonce):
        return None
    return await _sent_of(conn, token.row_id)


async def _sent_of(conn: AsyncConnection, delivery_id: int) -> _Sent:
    query = select(delivery.c.subscriber_id, delivery.c.mailing_id, delivery.c.part, delivery.c.variant_id)
    row = (await conn.execute(query.where(delivery.c.id == delivery_id))).one()
    if row.mailing_id == REPLIES_MAILING:
        subject = await reply_store.subject_of(conn, row.part)
        causes = () if subject is None else (subject,)
        return _Sent(subscriber_id=row.subscriber_id, causes=causes)
    ids = await _causes(conn, row.subscriber_id, row.variant_id)
    return _Sent(subscriber_id=row.subscriber_id, causes=tuple((await store.load(conn, ids)).values()))


async def _causes(conn: AsyncConnection, subscriber_id: int, variant_id: int | None) -> list[int]:
    """Return what a mail was sent for, as far as what is chosen today says so.

    Whoever chose fewer kinds since, or no reminders, still means what the mail is about.
    """
    about = (
        select(subscription.c.id)
        .join(event_topic, event_topic.c.topic_id == subscription.c.topic_id)
        .join(variant_event, variant_event.c.event_seq == event_topic.c.event_seq)
        .where(variant_event.c.variant_id == variant_id, subscription.c.subscriber_id == subscriber_id)
        .where(subscription.c.since_seq < event_topic.c.event_seq)
        .distinct()
    )
    chosen = about.where(subscription.c.kinds.bitwise_and(event_topic.c.kind_bit) != 0)
    found = list(await conn.scalars(chosen))
    return found or list(await conn.scalars(about))
