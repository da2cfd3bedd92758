"""How long what proves who was told what is kept (promises §6); a daily job ends it.

Everything goes in short transactions of a thousand rows at most, and nothing that is still open goes at all.
Events, mailings and procedures stay for good: nobody is named in them.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import attempt, delivery
from notifier.events.proof import ending
from notifier.events.tables import event
from notifier.subscriptions.tables import access, address_change, bounce, reply

WORDS = timedelta(days=90)
"""How long the replies of mail servers are kept: they often repeat an address."""

EVIDENCE_MONTHS = 18
STAFF_MONTHS = 24

CHUNK = 1_000
"""Rows that are changed in one transaction."""

TRIES = CHUNK // 10
"""Deliveries whose attempts are changed in one: each can have had a dozen."""

SPAN = 20_000
"""Deliveries that are looked at in one reading."""

_ENDED = (DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.CANCELLED)

log = logging.getLogger(__name__)


def months_before(instant: datetime, months: int) -> datetime:
    """Return the same day and hour so many months earlier; the last day of a month that has not so many."""
    ordinal = instant.year * 12 + instant.month - 1 - months
    year, month = divmod(ordinal, 12)
    for day in range(instant.day, 0, -1):
        try:
            return instant.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError(f"no month has no days: {instant}")


def is_over(recorded_at: datetime, *, now: datetime) -> bool:
    """Whether what was recorded then is so long ago that nothing proves any more who was told of it."""
    return recorded_at < months_before(now, EVIDENCE_MONTHS)


async def end_evidence(db: Database, *, now: datetime, machine_now: datetime) -> Counter[str]:
    """End what has been kept long enough. Return how many rows of each kind."""
    before, asked_before = months_before(now, EVIDENCE_MONTHS), months_before(machine_now, EVIDENCE_MONTHS)
    ended: Counter[str] = Counter()
    ended["words"] = await _end_words(db, now - WORDS)
    ended["deliveries"] = await _end_deliveries(db, before)
    for what, step in _steps(before, asked_before).items():
        ended[what] = await ending.until_none(db, step)
    async with db.read() as conn:
        upto = await conn.scalar(select(func.max(event.c.seq)).where(event.c.recorded_at < before)) or 0
    ended["gathered"] = await ending.until_none(db, ending.news(upto))
    ended["names"] = await ending.until_none(db, ending.names(months_before(now, STAFF_MONTHS)))
    if ended.total():
        log.info("evidence_ended", extra={what: count for what, count in ended.items() if count})
    return ended


def _steps(before: datetime, asked_before: datetime) -> dict[str, ending.Step]:
    """Return what is ended after the deliveries are, in an order in which nothing is still referred to."""
    return {
        "bounces": ending.rows(bounce, bounce.c.at < before),
        "contents": ending.contents(before),
        "replies": ending.rows(reply, reply.c.asked_at < asked_before, ~ending.still_delivered()),
        "accesses": ending.rows(access, access.c.asked_at < asked_before),
        "moves": ending.rows(
            address_change,
            address_change.c.asked_at < asked_before,
            or_(address_change.c.done_at.is_(None), address_change.c.done_at < before),
        ),
        "subscriptions": ending.subscriptions(before),
        "hashes": ending.hashes(before),
    }


async def _end_words(db: Database, before: datetime) -> int:
    """Empty what mail servers said. Looks at the oldest first, up to where everything is younger."""
    async with db.read() as conn:
        query = select(func.min(delivery.c.id), func.max(delivery.c.id))
        first, last = (await conn.execute(query)).one()
    count = await ending.until_none(db, ending.diagnostics(before))
    for low in range(first or 0, (last or -1) + 1, SPAN):
        async with db.read() as conn:
            of_span = delivery.c.id.between(low, low + SPAN - 1)
            old = select(delivery.c.id).where(of_span, delivery.c.done_at < before)
            ended = (await conn.scalars(old.where(delivery.c.reply.is_not(None)))).all()
            tried = select(attempt.c.delivery_id).where(attempt.c.at < before, attempt.c.reply != "")
            tries = (
                await conn.scalars(tried.where(attempt.c.delivery_id.between(low, low + SPAN - 1)))
            ).all()
            young = select(delivery.c.id).where(of_span, delivery.c.done_at >= before)
            any_old = bool(ended or tries) or await conn.scalar(old.limit(1)) is not None
            any_young = await conn.scalar(young.limit(1)) is not None
        if any_young and not any_old:
            break
        count += await _empty_words(db, ended, sorted(set(tries)), before)
    return count


async def _empty_words(db: Database, ended: Sequence[int], tries: Sequence[int], before: datetime) -> int:
    count = 0
    for place in range(0, len(ended), CHUNK):
        async with db.write(Rank.HOUSEKEEPING) as conn:
            mine = delivery.c.id.in_(ended[place : place + CHUNK])
            count += (await conn.execute(update(delivery).where(mine).values(reply=None))).rowcount
    for place in range(0, len(tries), TRIES):
        async with db.write(Rank.HOUSEKEEPING) as conn:
            tried = update(attempt).where(attempt.c.delivery_id.in_(tries[place : place + TRIES]))
            count += (await conn.execute(tried.where(attempt.c.at < before).values(reply=""))).rowcount
    return count


async def _end_deliveries(db: Database, before: datetime) -> int:
    """Delete deliveries, the oldest first, with what else is known of them.

    Their numbers are in the order in which they were queued, so a whole chunk of younger ones is the end.
    """
    count = after = 0
    while True:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            query = (
                select(delivery.c.id, delivery.c.done_at)
                .where(delivery.c.state.in_(_ENDED), delivery.c.id > after)
                .order_by(delivery.c.id)
                .limit(CHUNK)
            )
            rows = (await conn.execute(query)).all()
            old = [row.id for row in rows if row.done_at is not None and row.done_at < before]
            count += await _delete_deliveries(conn, old, before)
        if not old:
            return count
        after = rows[-1].id


async def _delete_deliveries(conn: AsyncConnection, ids: Sequence[int], before: datetime) -> int:
    """Delete these deliveries but for those of which something came back lately."""
    lately = select(bounce.c.delivery_id).where(bounce.c.delivery_id.in_(ids), bounce.c.at >= before)
    kept = set(await conn.scalars(lately))
    over = [one for one in ids if one not in kept]
    await conn.execute(delete(bounce).where(bounce.c.delivery_id.in_(over)))
    await conn.execute(delete(attempt).where(attempt.c.delivery_id.in_(over)))
    return (await conn.execute(delete(delivery).where(delivery.c.id.in_(over)))).rowcount
