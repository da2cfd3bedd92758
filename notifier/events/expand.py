"""Expansion: a mailing becomes one delivery per person, in chunks that can be restarted.

Each chunk is one transaction with its own `done_at`, so that it happens exactly once, however often the
process dies between two of them.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank, UtcDateTime
from notifier.events import store
from notifier.events.tables import expansion, mailing

log = logging.getLogger(__name__)

# The fastest rhythm among the matching subscriptions decides: only "at once" becomes a delivery here.
# ON CONFLICT is the belt to `done_at`.
_FAN_OUT = text(
    """
    INSERT INTO delivery (mailing_id, subscriber_id, part, lane, state, attempts, doubtful, next_at)
    SELECT :mailing, s.subscriber_id, 0, :lane, 'pending', 0, 0, :machine_now
    FROM mailing_event me
    JOIN event_topic et ON et.event_seq = me.event_seq
    JOIN subscription s ON s.topic_id = et.topic_id AND s.state = 'active'
    WHERE me.mailing_id = :mailing AND s.subscriber_id > :lo AND s.subscriber_id <= :hi
      AND (s.kinds & et.kind_bit) <> 0 AND s.since_seq < me.event_seq
    GROUP BY s.subscriber_id
    HAVING min(s.rhythm) = 0
    ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("machine_now", type_=UtcDateTime()))

# Whoever was sent what a correction takes back gets it too, whichever kinds they chose (promises §1.5).
_FAN_OUT_TO_TOLD = text(
    """
    INSERT INTO delivery (mailing_id, subscriber_id, part, lane, state, attempts, doubtful, next_at)
    SELECT DISTINCT :mailing, d.subscriber_id, 0, :lane, 'pending', 0, 0, :machine_now
    FROM mailing_event me
    JOIN event correction ON correction.seq = me.event_seq AND correction.kind = 'correction'
    JOIN mailing_event told ON told.event_seq = correction.corrects_seq
    JOIN delivery d ON d.mailing_id = told.mailing_id
    JOIN variant_event ve ON ve.variant_id = d.variant_id AND ve.event_seq = told.event_seq
    WHERE me.mailing_id = :mailing AND d.subscriber_id > :lo AND d.subscriber_id <= :hi
      AND (d.state IN ('accepted', 'sending') OR d.doubtful > 0)
      AND EXISTS (
        SELECT 1 FROM subscription s JOIN event_topic et ON et.topic_id = s.topic_id
        WHERE et.event_seq = correction.seq AND s.subscriber_id = d.subscriber_id AND s.state = 'active'
      )
    ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("machine_now", type_=UtcDateTime()))


async def expand(db: Database, *, now: datetime, machine_now: datetime) -> int | None:
    """Expand one open chunk. Return how many deliveries it made; None when no chunk is open at `now`."""
    async with db.write(Rank.EXPAND) as conn:
        done = await _expand(conn, now=now, machine_now=machine_now)
    if done is None:
        return None
    log.info(
        "expanded", extra={"mailing": done.mailing_id, "events": done.events, "deliveries": done.deliveries}
    )
    return done.deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """One chunk that was expanded."""

    mailing_id: int
    events: Sequence[str]
    deliveries: int


async def _expand(conn: AsyncConnection, *, now: datetime, machine_now: datetime) -> _Done | None:
    query = (
        select(expansion.c.mailing_id, expansion.c.lo, expansion.c.hi, mailing.c.lane)
        .join(mailing, mailing.c.id == expansion.c.mailing_id)
        .where(text("done_at IS NULL"), mailing.c.stopped_at.is_(None), mailing.c.not_before <= now)
        .order_by(mailing.c.lane, expansion.c.mailing_id, expansion.c.lo)
        .limit(1)
        .with_for_update(skip_locked=True, of=expansion)
    )
    chunk = (await conn.execute(query)).one_or_none()
    if chunk is None:
        return None
    values = {
        "mailing": chunk.mailing_id,
        "lane": chunk.lane,
        "lo": chunk.lo,
        "hi": chunk.hi,
        "machine_now": machine_now,
    }
    made = (await conn.execute(_FAN_OUT, values)).rowcount
    made += (await conn.execute(_FAN_OUT_TO_TOLD, values)).rowcount
    await conn.execute(
        update(expansion)
        .where(expansion.c.mailing_id == chunk.mailing_id, expansion.c.lo == chunk.lo)
        .values(done_at=now)
    )
    events = await store.public_ids(conn, chunk.mailing_id)
    return _Done(mailing_id=chunk.mailing_id, events=events, deliveries=made)
