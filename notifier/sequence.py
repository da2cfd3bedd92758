"""The sequence of events: gapless and in commit order, on both databases.

A sequence of PostgreSQL is neither (a later number can be committed before an earlier one), which would
break ETags, paging and "confirmed before it". So the number is taken from a row, as the last act of the
writing transaction: whoever comes next waits for that commit.
"""

from sqlalchemy import Column, Table, Text, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.columns import Id, metadata

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("n", Id, nullable=False),
)

_EVENTS = counter.c.name == "event"


async def last(conn: AsyncConnection) -> int:
    """Return the number of the newest event; 0 when there is none."""
    return await conn.scalar(select(counter.c.n).where(_EVENTS)) or 0


async def settled(conn: AsyncConnection) -> int:
    """Return the same after every event that is being written now; the next waits for this transaction.

    Who confirms while events are announced is then either before all of them or after, and known in time.
    """
    query = select(counter.c.n).where(_EVENTS).with_for_update(read=True)
    return await conn.scalar(query) or 0


async def take(conn: AsyncConnection, count: int) -> range:
    """Take the next `count` numbers, for events that this transaction is about to write."""
    newest = update(counter).where(_EVENTS).values(n=counter.c.n + count).returning(counter.c.n)
    n: int = (await conn.execute(newest)).scalar_one()
    return range(n - count + 1, n + 1)
