"""Expansion: a mailing becomes one delivery per person, in chunks that can be restarted.

What somebody wants at once becomes a delivery; what they want daily or weekly is gathered, until their slot's
own mailing is expanded here too.

Each chunk is one transaction with its own `done_at`, so that it happens exactly once, however often the
process dies between two of them.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.columns import UtcDateTime
from notifier.db import Database, Rank, is_overtaken
from notifier.events import store
from notifier.events.model import EventKind
from notifier.events.slots import rhythm_of
from notifier.events.tables import expansion, mailing
from notifier.subscriptions.model import Rhythm

TRIES = 5
"""How often a chunk is tried while others change what it reads."""

log = logging.getLogger(__name__)

# What a moment says, by topic and kind, with the last event of each: who had chosen that kind before it gets
# a mail. So a moment of a thousand events costs a chunk no more than one event does. ON CONFLICT: who follows
# several of the topics gets one mail, and it is the belt to `done_at`. Reminders are sent at once whatever
# the rhythm (promises §6).
_FAN_OUT = text(
    """
    INSERT INTO delivery (mailing_id, subscriber_id, part, lane, state, attempts, doubtful, next_at)
    WITH said AS MATERIALIZED (
      SELECT et.topic_id, et.kind_bit, max(et.event_seq) AS seq
      FROM mailing_event me JOIN event_topic et ON et.event_seq = me.event_seq
      WHERE me.mailing_id = :mailing GROUP BY et.topic_id, et.kind_bit
    )
    SELECT :mailing, s.subscriber_id, 0, :lane, 'pending', 0, 0, :machine_now
    FROM said JOIN subscription s ON s.topic_id = said.topic_id AND s.state = 'active'
    WHERE s.subscriber_id > :lo AND s.subscriber_id <= :hi
      AND (s.kinds & said.kind_bit) <> 0 AND s.since_seq < said.seq
      AND (s.rhythm = 0 OR said.kind_bit = :reminder)
    ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("machine_now", type_=UtcDateTime()))

# The fastest rhythm among the subscriptions that match an event decides whether it waits for a digest.
_GATHER = text(
    """
    INSERT INTO gathered (subscriber_id, event_seq, rhythm)
    SELECT s.subscriber_id, me.event_seq, min(s.rhythm)
    FROM mailing_event me
    JOIN event_topic et ON et.event_seq = me.event_seq
    JOIN subscription s ON s.topic_id = et.topic_id AND s.state = 'active'
    WHERE me.mailing_id = :mailing AND s.subscriber_id > :lo AND s.subscriber_id <= :hi
      AND (s.kinds & et.kind_bit) <> 0 AND s.since_seq < me.event_seq
      AND s.rhythm > 0 AND et.kind_bit <> :reminder AND et.kind_bit <> :correction
      AND NOT EXISTS (
        SELECT 1 FROM subscription fast JOIN event_topic ft ON ft.topic_id = fast.topic_id
        WHERE fast.subscriber_id = s.subscriber_id AND fast.state = 'active' AND fast.rhythm = 0
          AND ft.event_seq = me.event_seq
          AND (fast.kinds & ft.kind_bit) <> 0 AND fast.since_seq < me.event_seq
      )
    GROUP BY s.subscriber_id, me.event_seq
    ON CONFLICT DO NOTHING
    """
)
_ANYBODY_GATHERS = text("SELECT 1 FROM subscription WHERE state = 'active' AND rhythm > 0 LIMIT 1")
_ANY_CORRECTION = text(
    """
    SELECT 1 FROM mailing_event me JOIN event ON event.seq = me.event_seq
    WHERE me.mailing_id = :mailing AND event.kind = 'correction' LIMIT 1
    """
)

# Whoever may be getting a correction now hears of its change there, and not again in a digest: binding knows.
_LEAVE_TO_BINDING = text(
    """
    DELETE FROM gathered
    WHERE mailing_id IS NULL AND subscriber_id > :lo AND subscriber_id <= :hi
      AND event_seq IN (
        SELECT twin.seq FROM event twin JOIN mailing_event me ON me.event_seq = twin.seq
        JOIN event correction ON correction.procedure_id = twin.procedure_id
        JOIN mailing_event other ON other.event_seq = correction.seq AND other.mailing_id = me.mailing_id
        WHERE me.mailing_id = :mailing AND correction.kind = 'correction'
      )
      AND EXISTS (
        SELECT 1 FROM delivery d
        WHERE d.mailing_id = :mailing AND d.subscriber_id = gathered.subscriber_id AND d.part = 0
      )
    """
)

# Whoever was sent what a correction takes back gets it too, whichever kinds they chose (promises §1.5).
_FAN_OUT_TO_TOLD = text(
    """
    INSERT INTO delivery (mailing_id, subscriber_id, part, lane, state, attempts, doubtful, next_at)
    SELECT DISTINCT :mailing, d.subscriber_id, 0, :lane, 'pending', 0, 0, :machine_now
    FROM mailing_event me
    JOIN event correction ON correction.seq = me.event_seq AND correction.kind = 'correction'
    JOIN variant_event ve ON ve.event_seq = correction.corrects_seq
    JOIN variant v ON v.id = ve.variant_id
    JOIN delivery d ON d.mailing_id = v.mailing_id AND d.variant_id = v.id
    WHERE me.mailing_id = :mailing AND d.subscriber_id > :lo AND d.subscriber_id <= :hi
      AND (d.state IN ('accepted', 'sending') OR d.doubtful > 0 OR d.taken_back > 0)
      AND EXISTS (
        SELECT 1 FROM subscription s JOIN event_topic et ON et.topic_id = s.topic_id
        WHERE et.event_seq = correction.seq AND s.subscriber_id = d.subscriber_id AND s.state = 'active'
      )
    ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("machine_now", type_=UtcDateTime()))

# What waits for a slot, of one chunk's people. A slot holds what had occurred by its hour.
_WAITING = """
    gathered.mailing_id IS NULL AND gathered.rhythm = :rhythm
      AND gathered.subscriber_id > :lo AND gathered.subscriber_id <= :hi AND gathered.event_seq <= :upto
      AND EXISTS (SELECT 1 FROM event WHERE event.seq = gathered.event_seq AND event.occurred_at <= :slot)
"""
_TAKE_GATHERED = text(
    f"UPDATE gathered SET mailing_id = :mailing WHERE {_WAITING} RETURNING subscriber_id"  # noqa: S608 - likewise
).bindparams(bindparam("slot", type_=UtcDateTime()))
_DIGEST = text(
    """
    INSERT INTO delivery (mailing_id, subscriber_id, part, lane, state, attempts, doubtful, next_at)
    VALUES (:mailing, :subscriber, 0, :lane, 'pending', 0, 0, :machine_now)
    ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("machine_now", type_=UtcDateTime()))


async def expand(db: Database, *, now: datetime, machine_now: datetime) -> int | None:
    """Expand one open chunk. Return how many deliveries it made; None when no chunk is open at `now`."""
    done = await _expand_undisturbed(db, now=now, machine_now=machine_now)
    if done is None:
        return None
    log.info(
        "expanded", extra={"mailing": done.mailing_id, "events": done.events, "deliveries": done.deliveries}
    )
    return done.deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """One chunk that was expanded; a digest is known by its slot, not by events."""

    mailing_id: int
    events: Sequence[str]
    deliveries: int


async def _expand_undisturbed(db: Database, *, now: datetime, machine_now: datetime) -> _Done | None:
    """Expand in one state of the tables: a rhythm that changes must not fall between two statements.

    Raises:
        DBAPIError: the database refuses, or others came first each time; the chunk is still open.
    """
    for left in reversed(range(TRIES)):
        try:
            async with db.write(Rank.EXPAND, one_state=True) as conn:
                return await _expand(conn, now=now, machine_now=machine_now)
        except DBAPIError as error:
            if not left or not is_overtaken(error):
                raise
    return None


async def any_open(db: Database, *, now: datetime) -> bool:
    """Whether a chunk is open at `now`."""
    async with db.read() as conn:
        return (await conn.execute(_open(now))).first() is not None


def _open(now: datetime) -> Select[Any]:
    """Return the most urgent open chunk."""
    return (
        select(expansion.c.lo, expansion.c.hi, mailing)
        .join(mailing, mailing.c.id == expansion.c.mailing_id)
        .where(text("done_at IS NULL"), mailing.c.stopped_at.is_(None), mailing.c.not_before <= now)
        .order_by(mailing.c.lane, expansion.c.mailing_id, expansion.c.lo)
        .limit(1)
    )


async def _expand(conn: AsyncConnection, *, now: datetime, machine_now: datetime) -> _Done | None:
    query = _open(now).with_for_update(skip_locked=True, of=expansion)
    chunk = (await conn.execute(query)).mappings().one_or_none()
    if chunk is None:
        return None
    rhythm = rhythm_of(chunk["kind"])
    if rhythm is None:
        made = await _expand_moment(conn, chunk, machine_now)
    else:
        made = await _expand_digest(conn, chunk, rhythm, machine_now)
    await conn.execute(
        update(expansion)
        .where(expansion.c.mailing_id == chunk["id"], expansion.c.lo == chunk["lo"])
        .values(done_at=now)
    )
    events = await store.public_ids(conn, chunk["id"])
    return _Done(mailing_id=chunk["id"], events=events or [chunk["slot_key"]], deliveries=made)


async def _expand_moment(conn: AsyncConnection, chunk: RowMapping, machine_now: datetime) -> int:
    people = {"mailing": chunk["id"], "lo": chunk["lo"], "hi": chunk["hi"]}
    queued = {"lane": chunk["lane"], "machine_now": machine_now}
    reminder, correction = EventKind.CLOSING_SOON.bit, EventKind.CORRECTION.bit
    made = (await conn.execute(_FAN_OUT, {**people, **queued, "reminder": reminder})).rowcount
    corrects = await conn.scalar(_ANY_CORRECTION, {"mailing": chunk["id"]}) is not None
    if corrects:
        made += (await conn.execute(_FAN_OUT_TO_TOLD, {**people, **queued})).rowcount
    if await conn.scalar(_ANYBODY_GATHERS):
        await conn.execute(_GATHER, {**people, "reminder": reminder, "correction": correction})
        if corrects:
            await conn.execute(_LEAVE_TO_BINDING, people)
    return made


async def _expand_digest(
    conn: AsyncConnection, chunk: RowMapping, rhythm: Rhythm, machine_now: datetime
) -> int:
    """Take what waits for the slot, and make one delivery for each person of whom something was taken."""
    waiting = {
        "mailing": chunk["id"],
        "lo": chunk["lo"],
        "hi": chunk["hi"],
        "rhythm": int(rhythm),
        "upto": chunk["upto_seq"],
        "slot": chunk["not_before"],
    }
    people = sorted(set(await conn.scalars(_TAKE_GATHERED, waiting)))
    queued = {"mailing": chunk["id"], "lane": chunk["lane"], "machine_now": machine_now}
    if people:
        await conn.execute(_DIGEST, [{**queued, "subscriber": one} for one in people])
    return len(people)
