"""Claiming: one transaction leases what is ready and binds it to what it says; after it that is composed.

Nothing is claimed while the instance is held, and only replies under the daily brake. A delivery that cannot
be bound holds up nobody else: it is put off and alarmed.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.clock import machine_now
from notifier.db import Database, Rank, is_overtaken
from notifier.delivery import allowance as allowances
from notifier.delivery import mailbox, outbox
from notifier.delivery.allowance import Allowance
from notifier.delivery.model import Binder, Bound, Claimed, Lane, Letter, Unwritten
from notifier.delivery.owners import Lease
from notifier.delivery.writing import POISON, Written, write_letters
from notifier.hold_kinds import HoldKind

POLL_SECONDS = 5.0
"""How long to wait for a ring before looking again: rings are hints, the table is the truth."""

HELD_POLL_SECONDS = 1.0
"""How long to wait while held, so that whoever resumes sees mail go at once."""

POISONED_PAUSE = timedelta(hours=1)
"""How long a delivery is put off that cannot be bound."""

TRIES = 3
"""How often a claim is tried that another transaction overtook: nothing of it is written."""

_BindClaimed = Callable[[AsyncConnection, Sequence[Claimed]], Awaitable[Bound]]

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
    claiming = _Claiming(bind=bind, lease=lease, limit=limit, now=now, allowance=allowance)
    try:
        bound = await claiming.undisturbed(db, claiming.bind_all)
    except POISON:
        # Nothing of it is written. A savepoint around each claim would cost all of them for this one.
        log.exception("claim_not_bound")
        bound = await claiming.undisturbed(db, claiming.bind_each)
    if isinstance(bound, Claim):
        return bound
    written = await write_letters(bound.letters)
    await _give_back(db, written, lease)
    for about, count in Counter(letter.about for letter in written.letters).items():
        log.info("claimed", extra={"events": about, "letters": count})
    return Claim(letters=written.letters, wait=0.0, more=bool(written.left))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claiming:
    """One claim, in the transaction it is given."""

    bind: Binder
    lease: Lease
    limit: int
    now: datetime
    allowance: Allowance

    async def undisturbed(self, db: Database, bind: _BindClaimed, *, tries: int = TRIES) -> Bound | Claim:
        """Claim and bind in one transaction, again if another overtook it."""
        try:
            async with db.write(Rank.OUTCOMES) as conn:
                return await self.claim(conn, bind)
        except DBAPIError as error:
            if tries == 1 or not is_overtaken(error):
                raise
        return await self.undisturbed(db, bind, tries=tries - 1)

    async def claim(self, conn: AsyncConnection, bind: _BindClaimed) -> Bound | Claim:
        """Claim and bind; a `Claim` without letters says why there is nothing."""
        stands = {one.kind for one in await holds.standing(conn, machine_now=machine_now())}
        if stands - {HoldKind.BRAKE}:
            return Claim(letters=(), wait=HELD_POLL_SECONDS, held=True)
        room = None
        if stands or self.allowance.per_day:
            room = await allowances.room(conn, self.allowance, now=self.now, machine_now=machine_now())
        full = room == 0  # then only replies are claimed, which may pass the day's limit
        claimed = await outbox.claim(
            conn,
            owner_id=self.lease.owner_id,
            limit=min(self.limit, room) if room else self.limit,
            machine_now=machine_now(),
            lanes=(Lane.REPLIES,) if full else tuple(Lane),
        )
        if not claimed:
            return Claim(letters=(), wait=HELD_POLL_SECONDS if full else await _until_next(conn))
        claimed = await mailbox.leave_waiting(conn, claimed, machine_now=machine_now())
        bound = await bind(conn, claimed)
        if bound.cancelled:
            await outbox.cancel(conn, bound.cancelled, now=self.now)
        return bound

    async def bind_all(self, conn: AsyncConnection, claimed: Sequence[Claimed]) -> Bound:
        """Bind all at once."""
        return await self.bind(conn, claimed, self.now)

    async def bind_each(self, conn: AsyncConnection, claimed: Sequence[Claimed]) -> Bound:
        """Bind each for itself, and put off what cannot be bound."""
        letters: list[Unwritten] = []
        cancelled: list[int] = []
        for one in claimed:
            try:
                async with conn.begin_nested():
                    bound = await self.bind(conn, [one], self.now)
            except POISON:
                log.exception("delivery_poisoned", extra={"delivery": one.delivery_id})
                until = machine_now() + POISONED_PAUSE
                owner_id = self.lease.owner_id
                await outbox.release(conn, [one.delivery_id], owner_id=owner_id, next_at=until)
            else:
                letters += bound.letters
                cancelled += bound.cancelled
        return Bound(letters=letters, cancelled=cancelled)


async def _give_back(db: Database, written: Written, lease: Lease) -> None:
    """Return what could not be composed, or not in time; a database that refuses gets it by the lease."""
    if not written.poisoned and not written.left:
        return
    async with db.write(Rank.OUTCOMES) as conn:
        until = machine_now() + POISONED_PAUSE
        await outbox.release(conn, written.poisoned, owner_id=lease.owner_id, next_at=until)
        await outbox.release(conn, written.left, owner_id=lease.owner_id)


async def _until_next(conn: AsyncConnection) -> float:
    ready_at = await outbox.next_ready(conn)
    if ready_at is None:
        return POLL_SECONDS
    return min(POLL_SECONDS, max(0.01, (ready_at - machine_now()).total_seconds()))
