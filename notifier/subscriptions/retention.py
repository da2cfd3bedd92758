"""The lifetimes of personal data (promises §6), kept by a daily job. Rows stay as evidence, addresses go.

What proves who was told what has a lifetime of its own (`events/proof/lifetimes.py`).
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Table, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank, home_of
from notifier.subscriptions.erasing import CHUNK, forget_addresses
from notifier.subscriptions.erasures import KEPT, ErasureLog
from notifier.subscriptions.model import EndReason, SubscriptionState
from notifier.subscriptions.tables import address_change, bounce, subscriber, subscription, suppression
from notifier.subscriptions.tokens import Signer

UNCONFIRMED = timedelta(days=7)
"""How long an address is kept that was typed and never confirmed, a new address of somebody included."""

ENDED = timedelta(days=28)
"""How long an address is kept that follows nothing any more."""

RAW = timedelta(days=7)
"""How long the bytes of a bounce are kept."""

ERASED = CHUNK // 4
"""Addresses erased in one transaction: each is an UPDATE of its own."""

MAIL_CHANNEL = "mail"
"""The channel of people who follow something; staff are named in the settings, which end their mail."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What becomes of rows of a table whose time is over."""

    table: Table
    over: Select[int]
    values: Mapping[str, object]


async def forget(db: Database, *, signer: Signer, now: datetime, machine_now: datetime) -> int:
    """Erase the addresses whose time is over, and whatever else is kept for days only. Return how many."""
    await _in_chunks(db, _unconfirmed(now))
    erased = await _erase(db, signer, now)
    if erased:
        log.info("addresses_erased", extra={"count": erased})
    await _in_chunks(db, _new_addresses(machine_now))
    await _in_chunks(db, _raw_bounces(now))
    async with db.read() as conn:
        home = home_of(conn)
        lifted = await conn.scalar(select(suppression.c.until).where(suppression.c.until <= now).limit(1))
    if lifted is not None:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            await conn.execute(delete(suppression).where(suppression.c.until <= now))
    await asyncio.to_thread(ErasureLog(home).drop, now - KEPT)
    return erased


async def _erase(db: Database, signer: Signer, now: datetime) -> int:
    """Erase whose time is over; they are looked for without holding up who writes, and again then."""
    count = after = 0
    while True:
        async with db.read() as conn:
            found = await _over(conn, now, subscriber.c.id > after)
        if not found:
            return count
        after = max(found)
        async with db.write(Rank.HOUSEKEEPING) as conn:
            keys = await _over(conn, now, subscriber.c.id.in_(found))
            await forget_addresses(conn, keys, signer=signer, now=now)
        count += len(keys)


async def _over(conn: AsyncConnection, now: datetime, whom: ColumnElement[bool]) -> Mapping[int, str]:
    """Return who follows nothing, waits for nothing, and ended nothing lately that they had confirmed."""
    lately = _has((subscription.c.confirmed_at.is_not(None)) & (subscription.c.ended_at >= now - ENDED))
    query = (
        select(subscriber.c.id, subscriber.c.address_key)
        .where(subscriber.c.address_key.is_not(None), subscriber.c.created_at < now - UNCONFIRMED)
        .where(~_has(subscription.c.state != SubscriptionState.ENDED), ~lately)
        .where(subscriber.c.channel == MAIL_CHANNEL, whom)
        .order_by(subscriber.c.id)
        .limit(ERASED)
    )
    return {row.id: row.address_key for row in await conn.execute(query)}


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(subscription.c.id).where(subscription.c.subscriber_id == subscriber.c.id, condition))


def _unconfirmed(now: datetime) -> _Step:
    """End what was asked for and never confirmed."""
    over = select(subscription.c.id).where(
        subscription.c.state == SubscriptionState.PENDING, subscription.c.asked_at < now - UNCONFIRMED
    )
    ended = {"state": SubscriptionState.ENDED, "ended_reason": EndReason.NEVER_CONFIRMED, "ended_at": now}
    return _Step(table=subscription, over=over, values=ended)


def _new_addresses(machine_now: datetime) -> _Step:
    """Forget where somebody wanted their alerts to go: they go there now, or it was never confirmed."""
    unconfirmed = address_change.c.asked_at < machine_now - UNCONFIRMED
    over = select(address_change.c.id).where(
        address_change.c.address.is_not(None), or_(address_change.c.done_at.is_not(None), unconfirmed)
    )
    return _Step(table=address_change, over=over, values={"address": None, "address_key": None})


def _raw_bounces(now: datetime) -> _Step:
    over = select(bounce.c.id).where(bounce.c.raw.is_not(None), bounce.c.at < now - RAW)
    return _Step(table=bounce, over=over, values={"raw": None})


async def _in_chunks(db: Database, step: _Step) -> None:
    """Change rows by ids in chunks, until none is over; they are looked for without holding up who writes."""
    while True:
        async with db.read() as conn:
            ids = (await conn.scalars(step.over.limit(CHUNK))).all()
        if not ids:
            return
        async with db.write(Rank.HOUSEKEEPING) as conn:
            mine = step.table.c.id.in_(ids) & step.table.c.id.in_(step.over)
            await conn.execute(update(step.table).where(mine).values(step.values))
