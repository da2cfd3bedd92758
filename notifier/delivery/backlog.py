"""What waits to be handed over: asked by health at any moment, so answered from small indexes alone."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Lane
from notifier.delivery.tables import delivery


async def ready_since(
    conn: AsyncConnection, machine_now: datetime, *, lanes: Iterable[Lane] = tuple(Lane)
) -> datetime | None:
    """Return since when (machine time) mail of these lanes has been ready; None when none waits.

    A mail that its server asked to bring again later is ready from then on, not before: one greylisting
    domain is no backlog. One that is being sent counts from when it was ready.
    """
    # States as literals: each query then reads one partial index, and no row of the millions that ended.
    # Lane by lane the first entry of that index is the answer.
    wanted = tuple(lanes)
    ready = [
        await conn.scalar(
            select(func.min(delivery.c.next_at)).where(text("state = 'pending'"), delivery.c.lane == lane)
        )
        for lane in wanted
    ]
    sending = await conn.scalar(
        select(func.min(delivery.c.next_at)).where(text("state = 'sending'"), delivery.c.lane.in_(wanted))
    )
    waiting = [one for one in (*ready, sending) if one is not None and one <= machine_now]
    return min(waiting, default=None)


async def put_off(conn: AsyncConnection, machine_now: datetime) -> bool:
    """Whether some mail was refused for now and waits to be tried again."""
    waits = select(delivery.c.id).where(text("state = 'pending'"), delivery.c.next_at > machine_now)
    for lane in Lane:  # lane by lane, so that a million that were never refused are not looked through
        if await conn.scalar(waits.where(delivery.c.lane == lane, delivery.c.attempts > 0).limit(1)):
            return True
    return False
