"""The lifetimes of personal data (promises §6), kept by a daily job. Rows stay as evidence, addresses go."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.subscriptions.model import EndReason, SubscriptionState
from notifier.subscriptions.tables import subscriber, subscription

UNCONFIRMED = timedelta(days=7)
"""How long an address is kept that was typed and never confirmed."""

ENDED = timedelta(days=28)
"""How long an address is kept that follows nothing any more."""

CHUNK = 1_000
"""Addresses erased in one transaction."""

MAIL_CHANNEL = "mail"
"""The channel of people who follow something; staff are named in the settings, which end their mail."""

log = logging.getLogger(__name__)


async def forget(db: Database, *, now: datetime) -> int:
    """Erase the addresses whose time is over. Return how many."""
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await _end_unconfirmed(conn, now)
    erased = 0
    while count := await _erase_some(db, now):
        erased += count
    if erased:
        log.info("addresses_erased", extra={"count": erased})
    return erased


async def _end_unconfirmed(conn: AsyncConnection, now: datetime) -> None:
    await conn.execute(
        update(subscription)
        .where(subscription.c.state == SubscriptionState.PENDING, subscription.c.asked_at < now - UNCONFIRMED)
        .values(state=SubscriptionState.ENDED, ended_reason=EndReason.NEVER_CONFIRMED, ended_at=now)
    )


async def _erase_some(db: Database, now: datetime) -> int:
    async with db.write(Rank.HOUSEKEEPING) as conn:
        return await _erase(conn, now)


async def _erase(conn: AsyncConnection, now: datetime) -> int:
    """Erase whoever follows nothing, waits for nothing, and ended nothing lately that they had confirmed."""
    lately = _has((subscription.c.confirmed_at.is_not(None)) & (subscription.c.ended_at >= now - ENDED))
    over = (
        select(subscriber.c.id)
        .where(subscriber.c.address.is_not(None), subscriber.c.created_at < now - UNCONFIRMED)
        .where(~_has(subscription.c.state != SubscriptionState.ENDED), ~lately)
        .where(subscriber.c.channel == MAIL_CHANNEL)
        .limit(CHUNK)
    )
    result = await conn.execute(
        update(subscriber)
        .where(subscriber.c.id.in_(over))
        .values(address=None, address_key=None, state=SubscriptionState.ENDED)
    )
    return result.rowcount


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(subscription.c.id).where(subscription.c.subscriber_id == subscriber.c.id, condition))
