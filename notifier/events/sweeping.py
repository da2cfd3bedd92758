"""The sweep row: whoever holds it is the only process that makes mailings now."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.tables import sweep


async def take_sweep(conn: AsyncConnection, swept_at: datetime | None = None) -> bool:
    """Hold the sweep row to the end of the transaction: two sweepers must not make two mails of one moment.

    `swept_at` is noted where it is given. Return False when another process holds it.
    """
    row = await conn.scalar(select(sweep.c.id).with_for_update(skip_locked=True))
    if row is not None and swept_at is not None:
        await conn.execute(update(sweep).values(swept_at=swept_at))
    return row is not None
