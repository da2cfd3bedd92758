"""What ends when its time is over, table by table: found by one statement, ended by another."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, exists, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.delivery.tables import delivery
from notifier.events.tables import gathered, mailing, variant, variant_event
from notifier.procedures import revision_store
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import (
    access,
    address_change,
    bounce,
    reply,
    subscriber,
    subscription,
    subscription_history,
)

CHUNK = 1_000
"""Rows that are changed in one transaction."""

FEW = CHUNK // 4
"""Subscriptions that are: each has some lines of history."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to end: `over` finds rows by their ids, and `end` ends those."""

    over: Select[Any]
    end: Callable[[AsyncConnection, Sequence[int]], Awaitable[int]]


async def until_none(db: Database, step: Step) -> int:
    """Do a step until it finds nothing more: looked for beside who writes, ended in short transactions."""
    count = 0
    while True:
        async with db.read() as conn:
            ids = (await conn.scalars(step.over.limit(CHUNK))).all()
        if not ids:
            return count
        async with db.write(Rank.HOUSEKEEPING) as conn:
            count += await step.end(conn, ids)


def rows(table: Table, *over: ColumnElement[bool]) -> Step:
    """Return how to delete rows."""

    async def end(conn: AsyncConnection, ids: Sequence[int]) -> int:
        return (await conn.execute(delete(table).where(table.c.id.in_(ids)))).rowcount

    return Step(select(table.c.id).where(*over).order_by(table.c.id), end)


def diagnostics(before: datetime) -> Step:
    """Return how to empty what bounces said."""

    async def end(conn: AsyncConnection, ids: Sequence[int]) -> int:
        return (await conn.execute(update(bounce).where(bounce.c.id.in_(ids)).values(diagnostic=""))).rowcount

    return Step(select(bounce.c.id).where(bounce.c.at < before, bounce.c.diagnostic != ""), end)


def contents(before: datetime) -> Step:
    """Return how to empty the variants of mailings of which no delivery is left.

    Their bare rows stay: to delete one, the database would look through all deliveries for it.
    """
    holds = exists().where(variant_event.c.variant_id == variant.c.id)
    delivered = exists().where(delivery.c.mailing_id == variant.c.mailing_id)
    over = (
        select(variant.c.id)
        .join(mailing, mailing.c.id == variant.c.mailing_id)
        .where(mailing.c.not_before < before, holds, ~delivered)
        .order_by(variant.c.id)
    )

    async def end(conn: AsyncConnection, ids: Sequence[int]) -> int:
        gone = delete(variant_event).where(variant_event.c.variant_id.in_(ids))
        return (await conn.execute(gone)).rowcount

    return Step(over, end)


def news(upto: int) -> Step:
    """Return how to delete what was gathered, event by event, up to one."""
    mailed = gathered.c.mailing_id.is_not(None)
    over = select(gathered.c.event_seq).where(gathered.c.event_seq <= upto, mailed).distinct()

    async def end(conn: AsyncConnection, seqs: Sequence[int]) -> int:
        key = (gathered.c.subscriber_id, gathered.c.event_seq)
        some = select(*key).where(gathered.c.event_seq.in_(seqs), mailed).limit(CHUNK)
        return (await conn.execute(delete(gathered).where(tuple_(*key).in_(some)))).rowcount

    return Step(over, end)


def subscriptions(before: datetime) -> Step:
    """Return how to delete what ended, with its history."""
    over = (
        select(subscription.c.id)
        .where(subscription.c.state == SubscriptionState.ENDED, subscription.c.ended_at < before)
        .where(~exists().where(reply.c.subscription_id == subscription.c.id))
        .order_by(subscription.c.id)
    )

    async def end(conn: AsyncConnection, ids: Sequence[int]) -> int:
        some = ids[:FEW]  # each has some lines of history
        lines = delete(subscription_history).where(subscription_history.c.subscription_id.in_(some))
        await conn.execute(lines)
        return (await conn.execute(delete(subscription).where(subscription.c.id.in_(some)))).rowcount

    return Step(over, end)


def hashes(before: datetime) -> Step:
    """Return how to forget by what an erased address was still known, once nothing is left to be found by it.

    The bare row stays, as `contents` says.
    """
    left = [
        exists().where(table.c.subscriber_id == subscriber.c.id)
        for table in (subscription, reply, access, address_change, gathered, bounce)
    ]
    over = select(subscriber.c.id).where(
        subscriber.c.address_hash.is_not(None), subscriber.c.created_at < before, ~or_(*left)
    )

    async def end(conn: AsyncConnection, ids: Sequence[int]) -> int:
        bare = update(subscriber).where(subscriber.c.id.in_(ids)).values(address_hash=None, nonce="")
        return (await conn.execute(bare)).rowcount

    return Step(over, end)


def names(before: datetime) -> Step:
    """Return how to forget who changed what by hand, and why."""
    return Step(revision_store.made_by_hand(before), revision_store.forget_names)


def still_delivered() -> ColumnElement[bool]:
    """Whether the delivery of a reply is still kept."""
    return exists().where(
        delivery.c.mailing_id == REPLIES_MAILING,
        delivery.c.subscriber_id == reply.c.subscriber_id,
        delivery.c.part == reply.c.id,
    )
