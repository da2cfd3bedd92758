"""Erasing an address: what proves who was told what stays, under a keyed hash alone."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.db import Database, Rank
from notifier.delivery import mailbox
from notifier.subscriptions import course, store
from notifier.subscriptions.erasures import KEPT, ErasureLog, remember
from notifier.subscriptions.masking import without_masked
from notifier.subscriptions.model import EndReason, SubscriptionState
from notifier.subscriptions.tables import (
    address_change,
    bounce,
    subscriber,
    subscription,
    subscription_history,
)
from notifier.subscriptions.tokens import Signer

CHUNK = 1_000
"""Addresses that are looked at, or erased, in one transaction."""

_FORGET = (
    update(subscriber)
    .where(subscriber.c.id == bindparam("who"))
    .values(address=None, address_key=None, address_hash=bindparam("hash"), state=SubscriptionState.ENDED)
)


async def erase(
    conn: AsyncConnection, subscriber_id: int, *, signer: Signer, reason: EndReason, now: datetime
) -> None:
    """End all that somebody follows and forget the address; an address that is erased already stays so.

    What mail servers and bounces said goes too, since it often repeats the address; their codes stay.
    The erasure is noted beside the database too (`erasures.py`), so that no restored backup brings it back.
    """
    seq = await sequence.last(conn)
    for found in await store.active_of(conn, subscriber_id):
        await course.end(conn, found, seq=seq, reason=reason, now=now)
    await course.end_pending(conn, subscriber_id, now=now)
    key = await conn.scalar(select(subscriber.c.address_key).where(subscriber.c.id == subscriber_id))
    if key is not None:
        await forget_addresses(conn, {subscriber_id: key}, signer=signer, now=now)
        await _forget_what_others_said(conn, subscriber_id, key)


async def forget_addresses(
    conn: AsyncConnection, keys: Mapping[int, str], *, signer: Signer, now: datetime
) -> None:
    """Forget the addresses of people who follow nothing; `keys` are their address keys, by subscriber."""
    hashes = {who: signer.address_hash(key) for who, key in keys.items()}
    if not hashes:
        return
    await remember(conn, hashes.values(), at=now)
    await _remember_left(conn, hashes, since=now - KEPT)
    await conn.execute(_FORGET, [{"who": who, "hash": hash_} for who, hash_ in hashes.items()])
    await _forget_wordings(conn, hashes)
    await conn.execute(update(bounce).where(bounce.c.subscriber_id.in_(hashes)).values(raw=None))
    await conn.execute(
        update(address_change)
        .where(address_change.c.subscriber_id.in_(hashes))
        .values(address=None, address_key=None)
    )


async def _forget_what_others_said(conn: AsyncConnection, subscriber_id: int, key: str) -> None:
    """Forget the words of servers and bounces, and that somebody wanted their alerts to go to this address.

    When an address goes by itself this stays for its own days: a link to confirm may be good still.
    """
    await mailbox.forget_words(conn, subscriber_id)
    await conn.execute(update(bounce).where(bounce.c.subscriber_id == subscriber_id).values(diagnostic=""))
    asked = update(address_change).where(address_change.c.address_key == key)
    await conn.execute(asked.values(address=None, address_key=None))


async def _remember_left(conn: AsyncConnection, who: Collection[int], *, since: datetime) -> None:
    """Note the addresses that these people had before: a backup from then has them there still.

    Each with the instant at which it was left, so that whoever signed up with it later is not taken for them.
    """
    query = select(address_change.c.left_hash, address_change.c.done_at).where(
        address_change.c.subscriber_id.in_(who),
        address_change.c.left_hash.is_not(None),
        address_change.c.done_at >= since,
    )
    for row in (await conn.execute(query)).all():
        await remember(conn, [row.left_hash], at=row.done_at)


async def erase_again(db: Database, *, signer: Signer, home: Path, now: datetime) -> int:
    """Erase what a restored database has forgotten it had erased. Return how many addresses.

    Whoever came back after their erasure is somebody new, and stays.
    """
    erased = await asyncio.to_thread(ErasureLog(home).read)
    count = after = 0
    while erased:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            query = (
                select(subscriber.c.id, subscriber.c.address_key, subscriber.c.created_at)
                .where(subscriber.c.address_key.is_not(None), subscriber.c.id > after)
                .order_by(subscriber.c.id)
                .limit(CHUNK)
            )
            rows = (await conn.execute(query)).all()
            for row in rows:
                at = erased.get(signer.address_hash(row.address_key))
                if at is not None and row.created_at <= at and not await _moved_there(conn, row.id, at):
                    await erase(conn, row.id, signer=signer, reason=EndReason.ERASED, now=now)
                    count += 1
        if not rows:
            break
        after = rows[-1].id
    return count


async def _moved_there(conn: AsyncConnection, subscriber_id: int, since: datetime) -> bool:
    """Whether somebody's alerts went to another address since then: perhaps to the one that was erased."""
    moved = exists().where(address_change.c.subscriber_id == subscriber_id, address_change.c.done_at >= since)
    return bool(await conn.scalar(select(moved)))


async def _forget_wordings(conn: AsyncConnection, subscriber_ids: Collection[int]) -> None:
    """Take out of the history what its wordings tell of the address."""
    lines = subscription_history.c
    query = (
        select(lines.id, lines.detail)
        .join(subscription, subscription.c.id == lines.subscription_id)
        .where(subscription.c.subscriber_id.in_(subscriber_ids))
    )
    for row in (await conn.execute(query)).all():
        plain = without_masked(row.detail)
        if plain != row.detail:
            await conn.execute(update(subscription_history).where(lines.id == row.id).values(detail=plain))
