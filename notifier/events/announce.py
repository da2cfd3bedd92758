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
from notifier.events.recording import Spoken, note, record
from notifier.events.saying import say_changes, say_due
from notifier.events.sweeping import take_sweep
from notifier.events.voice import Voice
from notifier.procedures import change_store, due_store

BATCH = 500
"""Due instants of one transaction."""

POISONED_PAUSE = timedelta(hours=1)
"""How far a row that cannot be announced is pushed, so that it holds up nobody else."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What one batch came to. `more`: there may be another batch waiting."""

    events: int
    mailings: int
    more: bool


async def announce(db: Database, voice: Voice, *, now: datetime) -> Announced:
    """Announce what is due at `now`: at most one batch, in one transaction."""
    async with db.write(Rank.ANNOUNCE) as conn:
        if await holds.any_stands(conn) or not await take_sweep(conn, now):
            return Announced(events=0, mailings=0, more=False)
        due_ids = [row.id for row in await due_store.ready(conn, now, BATCH)]
        changed = await change_store.settled(conn, now, BATCH)
        spoken = [one for id_ in due_ids for one in await _guarded(conn, say_due, id_, voice, now)]
        spoken += [one for id_ in changed for one in await _guarded(conn, say_changes, id_, voice, now)]
        told = await record(conn, spoken, now=now)
    note(told)
    mailed = {one.mailing_id for one in told} - {None}
    return Announced(events=len(told), mailings=len(mailed), more=len(due_ids) == BATCH)


Saying = Callable[[AsyncConnection, int, Voice, datetime], Awaitable[Sequence[Spoken]]]


async def _guarded(
    conn: AsyncConnection, say: Saying, row_id: int, voice: Voice, now: datetime
) -> Sequence[Spoken]:
    """Keep one poisoned row from holding up the batch: it is undone, pushed an hour and alarmed."""
    try:
        async with conn.begin_nested():
            return await say(conn, row_id, voice, now)
    except (ValueError, LookupError, TypeError, ArithmeticError):
        log.exception("row_poisoned", extra={"row": row_id, "what": say.__name__})
        push = due_store.set_aside if say is say_due else change_store.push
        await push(conn, row_id, now + POISONED_PAUSE)
        return ()
