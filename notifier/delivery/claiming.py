"""Claiming: one transaction leases what is ready and binds it to what it says; after it that is composed.

Nothing is claimed while the instance is held, and only replies under the daily brake. A delivery that cannot
be bound holds up nobody else: it is put off and alarmed.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery import allowance as allowances
from notifier.delivery import mailbox, outbox
from notifier.delivery.allowance import Allowance
from notifier.delivery.model import Binder, Bound, Claimed, Lane, Letter, Unwritten
from notifier.delivery.owners import Lease
from notifier.delivery.writing import POISON, Written, write_letters

POLL_SECONDS = 5.0
"""How long to wait for a ring before looking again: rings are hints, the table is the truth."""

HELD_POLL_SECONDS = 1.0
"""How long to wait while held, so that whoever resumes sees mail go at once."""

POISONED_PAUSE = timedelta(hours=1)
"""How long a delivery is put off that cannot be bound."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim came to: letters, the seconds to wait before the next, and whether sending is held.

    `more`: some were given back, because there was no time to compose them.
    """

    letters: Sequence[Letter]
    wait: float
    held: bool = False
    more: bool = False


async def claim_letters(
    db: Database, bind: Binder, lease: Lease, *, limit: int, now: datetime, allowance: Allowance
) -> Claim:
    """Claim at most `limit` deliveries, and no more than the day has room for."""
    async with db.write(Rank.OUTCOMES) as conn:
        if await holds.mail_waits(conn, machine_now=machine_now()):
            return Claim(letters=(), wait=HELD_POLL_SECONDS, held=True)
        room = await allowances.room(conn, allowance, now=now, machine_now=machine_now())
        full = room == 0  # then only replies are claimed, which may pass the day's limit
        claimed = await outbox.claim(
            conn,
            owner_id=lease.owner_id,
            limit=min(limit, room) if room else limit,
            machine_now=machine_now(),
            lanes=(Lane.REPLIES,) if full else tuple(Lane),
        )
        if not claimed:
            return Claim(letters=(), wait=HELD_POLL_SECONDS if full else await _until_next(conn))
        claimed = await mailbox.leave_waiting(conn, claimed, machine_now=machine_now())
        bound = await _bind(conn, bind, claimed, lease, now)
        if bound.cancelled:
            await outbox.cancel(conn, bound.cancelled, now=now)
    written = await write_letters(bound.letters)
    await _give_back(db, written, lease)
    for about, count in Counter(letter.about for letter in written.letters).items():
        log.info("claimed", extra={"events": about, "letters": count})
    return Claim(letters=written.letters, wait=0.0, more=bool(written.left))


async def _give_back(db: Database, written: Written, lease: Lease) -> None:
    """Return what could not be composed, or not in time; a database that refuses gets it by the lease."""
    if not written.poisoned and not written.left:
        return
    async with db.write(Rank.OUTCOMES) as conn:
        until = machine_now() + POISONED_PAUSE
        await outbox.release(conn, written.poisoned, owner_id=lease.owner_id, next_at=until)
        await outbox.release(conn, written.left, owner_id=lease.owner_id)


async def _bind(
    conn: AsyncConnection, bind: Binder, claimed: Sequence[Claimed], lease: Lease, now: datetime
) -> Bound:
    """Bind all at once; only if that fails, each for itself."""
    try:
        async with conn.begin_nested():
            return await bind(conn, claimed, now)
    except POISON:
        log.exception("claim_not_bound", extra={"count": len(claimed)})
    letters: list[Unwritten] = []
    cancelled: list[int] = []
    for one in claimed:
        try:
            async with conn.begin_nested():
                bound = await bind(conn, [one], now)
        except POISON:
            log.exception("delivery_poisoned", extra={"delivery": one.delivery_id})
            until = machine_now() + POISONED_PAUSE
            await outbox.release(conn, [one.delivery_id], owner_id=lease.owner_id, next_at=until)
        else:
            letters += bound.letters
            cancelled += bound.cancelled
    return Bound(letters=letters, cancelled=cancelled)


async def _until_next(conn: AsyncConnection) -> float:
    ready_at = await outbox.next_ready(conn)
    if ready_at is None:
        return POLL_SECONDS
    return min(POLL_SECONDS, max(0.01, (ready_at - machine_now()).total_seconds()))
