"""Sources in the database: what each said last, so that nothing is read twice for news."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.tables import source


async def digest(conn: AsyncConnection, key: str) -> str | None:
    """Return the digest of what a source said last; None when it was never read."""
    found: str | None = await conn.scalar(select(source.c.digest).where(source.c.key == key))
    return found


async def note(conn: AsyncConnection, key: str, digest: str, *, now: datetime) -> bool:
    """Note that a source was read with this content. Return whether it was the first time."""
    known = await conn.scalar(select(source.c.id).where(source.c.key == key))
    if known is None:
        await conn.execute(insert(source).values(key=key, digest=digest, first_read_at=now, read_at=now))
        return True
    await conn.execute(update(source).where(source.c.id == known).values(digest=digest, read_at=now))
    return False
