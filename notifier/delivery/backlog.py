"""What waits to be handed over: asked by health at any moment, so answered from small indexes alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Lane
from notifier.delivery.tables import delivery

LOOKED_AT = 1_000
"""Mails of one lane, the next to be tried again, of which it is asked whether one is doubtful."""


class Waiting(StrEnum):
    """Why a delivery is not handed over yet."""

    READY = "ready"
    PUT_OFF = "put_off"
    """It is tried at a later instant: its server asked for that, or nobody may be mailed before."""
    SENDING = "sending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Deliveries of one lane that wait for one reason, and since when the oldest could be sent.

    `since` is machine time; None where none waits, or none may be sent yet.
    """

    lane: Lane
    waiting: Waiting
    count: int
    since: datetime | None


async def queued(conn: AsyncConnection, machine_now: datetime) -> Sequence[Queued]:
    """Return the whole queue. It counts index entries, some 20 million a second: remember the answer."""
    found = []
    for lane in Lane:
        mine = (text("state = 'pending'"), delivery.c.lane == lane)
        for waiting, instant in (
            (Waiting.READY, delivery.c.next_at <= machine_now),
            (Waiting.PUT_OFF, delivery.c.next_at > machine_now),
        ):
            query = select(func.count(), func.min(delivery.c.next_at)).where(*mine, instant)
            count, since = (await conn.execute(query)).one()
            since = since if waiting is Waiting.READY else None
            found.append(Queued(lane=lane, waiting=waiting, count=count, since=since))
    sending = (
        select(delivery.c.lane, func.count(), func.min(delivery.c.next_at))
        .where(text("state = 'sending'"))
        .group_by(delivery.c.lane)
    )
    of_lane = {lane: (count, since) for lane, count, since in await conn.execute(sending)}
    for lane in Lane:
        count, since = of_lane.get(lane, (0, None))
        found.append(Queued(lane=lane, waiting=Waiting.SENDING, count=count, since=since))
    return found


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
        if await conn.scalar(
            waits.where(delivery.c.lane == lane, delivery.c.attempts > delivery.c.doubtful).limit(1)
        ):
            return True
    return False


async def doubtful_at(conn: AsyncConnection, machine_now: datetime) -> datetime | None:
    """Return when (machine time) the first mail goes again whose answer was lost; None where none waits."""
    found = []
    for lane in Lane:
        waits = (
            select(delivery.c.next_at, delivery.c.doubtful)
            .where(text("state = 'pending'"), delivery.c.next_at > machine_now, delivery.c.lane == lane)
            .order_by(delivery.c.next_at)
            .limit(LOOKED_AT)
            .subquery()
        )
        found.append(await conn.scalar(select(func.min(waits.c.next_at)).where(waits.c.doubtful > 0)))
    return min((one for one in found if one is not None), default=None)
