"""Claiming: one transaction leases what is ready and binds it to what it says.

Nothing is claimed while the instance is held. A delivery that cannot be bound holds up nobody else: it is
put off and alarmed.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.model import Binder, Bound, Claimed, Letter
from notifier.delivery.owners import Lease

POLL_SECONDS = 5.0
"""How long to wait for a ring before looking again: rings are hints, the table is the truth."""

POISONED_PAUSE = timedelta(hours=1)
"""How long a delivery is put off that cannot be bound."""

_POISON = (ValueError, LookupError, TypeError, ArithmeticError, AttributeError)

log = logging.getLogger(__name__)


async def claim_letters(
    db: Database, bind: Binder, lease: Lease, *, limit: int, now: datetime
) -> tuple[Sequence[Letter], float]:
    """Claim at most `limit` deliveries. Return letters, and the seconds to wait before the next claim."""
    async with db.write(Rank.OUTCOMES) as conn:
        if await holds.any_stands(conn):
            return (), POLL_SECONDS
        claimed = await outbox.claim(conn, owner_id=lease.owner_id, limit=limit, machine_now=machine_now())
        if not claimed:
            return (), await _until_next(conn)
        claimed = await outbox.leave_waiting(conn, claimed, machine_now=machine_now())
        bound = await _bind(conn, bind, claimed, lease, now)
        if bound.cancelled:
            await outbox.cancel(conn, bound.cancelled, now=now)
    for about, count in Counter(letter.about for letter in bound.letters).items():
        log.info("claimed", extra={"events": about, "letters": count})
    return bound.letters, 0.0


async def _bind(
    conn: AsyncConnection, bind: Binder, claimed: Sequence[Claimed], lease: Lease, now: datetime
) -> Bound:
    """Bind all at once; only if that fails, each for itself."""
    try:
        async with conn.begin_nested():
            return await bind(conn, claimed, now)
    except _POISON:
        log.exception("claim_not_bound", extra={"count": len(claimed)})
    letters: list[Letter] = []
    cancelled: list[int] = []
    for one in claimed:
        try:
            async with conn.begin_nested():
                bound = await bind(conn, [one], now)
        except _POISON:
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
