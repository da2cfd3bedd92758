"""Announcing: what is due becomes events and one mailing, in one transaction per sweep batch.

Crash before the commit: nothing happened. Crash after: all of it is written. The feeds are a view of the
same rows, so there is no second write to lose (decision 0005).
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.db import Database, Rank
from notifier.delivery.writing import POISON
from notifier.events.recording import Spoken, note, record
from notifier.events.saying import say_changes
from notifier.events.saying_dates import say_dates
from notifier.events.sweeping import take_sweep
from notifier.events.voice import Voice
from notifier.procedures import change_store, due_store

BATCH = 1_000
"""Due instants of one transaction, and so of one mailing: who follows everything gets one mail of them."""

PART = 100
"""Of these so many are read and said together: their rows are small, and the loop goes on in between."""

POISONED_PAUSE = timedelta(hours=1)
"""How far a row that cannot be announced is pushed, so that it holds up nobody else."""

Bell = Callable[[AsyncConnection], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What one batch came to. `more`: there may be another batch waiting."""

    events: int
    mailings: int
    more: bool


NOTHING = Announced(events=0, mailings=0, more=False)


async def announce(db: Database, voice: Voice, *, now: datetime, ring: Bell | None = None) -> Announced:
    """Announce what is due at `now`: at most one batch, in one transaction; in it, `ring` for its mailing."""
    async with db.read() as conn:  # nearly always there is nothing, and nobody has to wait for that
        if await holds.any_stands(conn) or not await _anything(conn, now):
            return NOTHING
    async with db.write(Rank.ANNOUNCE) as conn:
        if await holds.any_stands(conn) or not await take_sweep(conn, now):
            return NOTHING
        due_ids = [row.id for row in await due_store.ready(conn, now, BATCH, kept=True)]
        changed = await change_store.settled(conn, now, BATCH)
        spoken = [
            one for part in _parts(due_ids) for one in await _guarded(conn, say_dates, part, voice, now)
        ]
        spoken += [
            one for part in _parts(changed) for one in await _guarded(conn, say_changes, part, voice, now)
        ]
        told = await record(conn, spoken, now=now)
        mailed = {one.mailing_id for one in told} - {None}
        if mailed and ring is not None:
            await ring(conn)
    note(told)
    more = BATCH in (len(due_ids), len(changed))
    return Announced(events=len(told), mailings=len(mailed), more=more)


Saying = Callable[[AsyncConnection, Sequence[int], Voice, datetime], Awaitable[Sequence[Spoken]]]


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[first : first + PART] for first in range(0, len(ids), PART)]


async def _anything(conn: AsyncConnection, now: datetime) -> bool:
    """Whether something is due or has settled by now."""
    return bool(await due_store.ready(conn, now, 1)) or bool(await change_store.settled(conn, now, 1))


async def _guarded(
    conn: AsyncConnection, say: Saying, row_ids: Sequence[int], voice: Voice, now: datetime
) -> Sequence[Spoken]:
    """Keep one poisoned row from holding up the batch: it is undone, pushed an hour and alarmed.

    All are said at once; only if that fails, each half for itself, down to the row that is to blame.
    """
    try:
        async with conn.begin_nested():
            return await say(conn, row_ids, voice, now)
    except POISON:
        half = len(row_ids) // 2
        if half:
            return [
                *await _guarded(conn, say, row_ids[:half], voice, now),
                *await _guarded(conn, say, row_ids[half:], voice, now),
            ]
        log.exception("row_poisoned", extra={"row": row_ids[0], "what": say.__name__})
        push = due_store.set_aside if say is say_dates else change_store.push
        await push(conn, row_ids[0], now + POISONED_PAUSE)
        return ()
