"""Leases: a process owns what it sends; its id is the fencing token, new at each start. Machine time."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

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
    values = {"host": host, "renewed_at": machine_now, "expires_at": machine_now + LEASE}
    result = await conn.execute(insert(owner).values(values).returning(owner.c.id))
    return Lease(result.scalar_one(), machine_now + LEASE)


async def renew(conn: AsyncConnection, lease: Lease, *, machine_now: datetime) -> None:
    """Extend the lease.

    Raises:
        Lost: it had already expired; what it claimed is not ours any more.
    """
    expires_at = machine_now + LEASE
    result = await conn.execute(
        update(owner)
        .where(owner.c.id == lease.owner_id, owner.c.expires_at > machine_now)
        .values(renewed_at=machine_now, expires_at=expires_at)
    )
    if result.rowcount != 1:
        lease.expires_at = machine_now  # whatever the clocks say: no letter is begun under it any more
        raise Lost
    lease.expires_at = expires_at


async def alive(conn: AsyncConnection, *, machine_now: datetime) -> int:
    """Return how many owners hold their lease: processes that may be sending."""
    query = select(func.count()).select_from(owner).where(owner.c.expires_at > machine_now)
    found: int = (await conn.execute(query)).scalar_one()
    return found


async def expire_all(conn: AsyncConnection, *, machine_now: datetime) -> None:
    """End every lease at once: for the one server of a SQLite file, every other owner is dead."""
    await conn.execute(update(owner).where(owner.c.expires_at > machine_now).values(expires_at=machine_now))


async def take_back(conn: AsyncConnection, *, machine_now: datetime) -> int:
    """Return to the queue what no living owner is sending. Return how many: each may come twice.

    An owner that was frozen may claim once more when its row is gone already: that must come back too.
    """
    living = select(owner.c.id).where(owner.c.expires_at > machine_now)
    result = await conn.execute(
        update(delivery)
        .where(text("state = 'sending'"), delivery.c.owner_id.not_in(living))  # literal: a partial index
        .values(state=DeliveryState.PENDING, owner_id=None, next_at=machine_now)
    )
    # The newest row stays: SQLite would give its id again, and an id must fence off whoever had it before.
    newest = select(func.max(owner.c.id)).scalar_subquery()
    await conn.execute(delete(owner).where(owner.c.expires_at <= machine_now, owner.c.id < newest))
    return result.rowcount


async def sleep_until_renewal() -> None:
    """Wait for the next renewal."""
    await asyncio.sleep(RENEWAL_SECONDS)
