"""Leases: a process owns what it sends; its id is the fencing token, new at each start. Machine time.

On PostgreSQL the table goes by the database's clock, which is one for all: two machines that disagree by a
lease would take from each other what is being sent. What a process itself goes by (`Lease`) is its own clock.
"""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Interval, delete, func, insert, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.columns import UtcDateTime
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery, owner

LEASE = timedelta(seconds=45)
"""How long an owner that is not heard of keeps what it claimed."""

RENEWAL_SECONDS = 10.0
"""How often an owner renews: four may fail before anything is taken from it."""

MARGIN = timedelta(seconds=10)
"""A letter is not begun this close to the lease's end: it might end under another owner."""


class Lost(Exception):  # noqa: N818 - it names what happened
    """This process's lease has run out: somebody else may be sending what it claimed."""


class Lease:
    """What this process knows of its own lease, without asking the database."""

    def __init__(self, owner_id: int, expires_at: datetime) -> None:
        self.owner_id = owner_id
        self.expires_at = expires_at

    def holds(self, machine_now: datetime) -> bool:
        """Whether a letter may still be begun."""
        return machine_now < self.expires_at - MARGIN


async def register(conn: AsyncConnection, *, host: str, machine_now: datetime) -> Lease:
    """Take a new owner id."""
    values = {"host": host, **_renewed(conn, machine_now)}
    result = await conn.execute(insert(owner).values(values).returning(owner.c.id))
    return Lease(result.scalar_one(), machine_now + LEASE)


async def renew(conn: AsyncConnection, lease: Lease, *, machine_now: datetime) -> datetime:
    """Extend the lease. Return when it expires once this is committed; until then others see it end before.

    Raises:
        Lost: it had already expired; what it claimed is not ours any more.
    """
    result = await conn.execute(
        update(owner)
        .where(owner.c.id == lease.owner_id, owner.c.expires_at > _at(conn, machine_now))
        .values(_renewed(conn, machine_now))
    )
    if result.rowcount != 1:
        lease.expires_at = machine_now  # whatever the clocks say: no letter is begun under it any more
        raise Lost
    return machine_now + LEASE


async def alive(conn: AsyncConnection, *, machine_now: datetime, host: str | None = None) -> int:
    """Return how many owners hold their lease: processes that may be sending; of one host, if it is given."""
    query = select(func.count()).select_from(owner).where(owner.c.expires_at > _at(conn, machine_now))
    if host is not None:
        query = query.where(owner.c.host == host)
    found: int = (await conn.execute(query)).scalar_one()
    return found


async def expire_all(conn: AsyncConnection, *, machine_now: datetime) -> None:
    """End every lease at once: for the one server of a SQLite file, every other owner is dead."""
    at = _at(conn, machine_now)
    await conn.execute(update(owner).where(owner.c.expires_at > at).values(expires_at=at))


async def take_back(conn: AsyncConnection, *, machine_now: datetime) -> int:
    """Return to the queue what no living owner is sending. Return how many: each may come twice.

    An owner that was frozen may claim once more when its row is gone already: that must come back too.
    """
    at = _at(conn, machine_now)
    living = select(owner.c.id).where(owner.c.expires_at > at)
    result = await conn.execute(
        update(delivery)
        .where(text("state = 'sending'"), delivery.c.owner_id.not_in(living))  # literal: a partial index
        .values(state=DeliveryState.PENDING, owner_id=None, next_at=at, taken_back=delivery.c.taken_back + 1)
    )
    # The newest row stays: SQLite would give its id again, and an id must fence off whoever had it before.
    newest = select(func.max(owner.c.id)).scalar_subquery()
    await conn.execute(delete(owner).where(owner.c.expires_at <= at, owner.c.id < newest))
    return result.rowcount


def _renewed(conn: AsyncConnection, machine_now: datetime) -> dict[str, ColumnElement[datetime]]:
    return {"renewed_at": _at(conn, machine_now), "expires_at": _at(conn, machine_now, LEASE)}


def _at(
    conn: AsyncConnection, machine_now: datetime, later: timedelta = timedelta(0)
) -> ColumnElement[datetime]:
    """Return this instant, or a later one, by the clock that the table goes by."""
    if conn.dialect.name == "sqlite":
        return literal(machine_now + later, UtcDateTime())
    return func.clock_timestamp() + literal(later, Interval())


async def sleep_until_renewal() -> None:
    """Wait for the next renewal."""
    await asyncio.sleep(RENEWAL_SECONDS)
