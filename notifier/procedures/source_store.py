"""Sources in the database: what each said last, so that nothing is read twice for news."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.tables import source


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """A source that was read: its content's digest, and which procedure it speaks for; empty where many."""

    digest: str
    reference_key: str


async def known(conn: AsyncConnection) -> Mapping[str, KnownSource]:
    """Return every source that was ever read, by key."""
    rows = await conn.execute(select(source.c.key, source.c.digest, source.c.reference_key))
    return {row.key: KnownSource(digest=row.digest, reference_key=row.reference_key) for row in rows}


async def note(
    conn: AsyncConnection, key: str, *, now: datetime, digest: str = "", reference_key: str = ""
) -> bool:
    """Note that a source was read with this content. Return whether it was the first time."""
    values = {"digest": digest, "reference_key": reference_key, "read_at": now}
    found = await conn.scalar(select(source.c.id).where(source.c.key == key))
    if found is None:
        await conn.execute(insert(source).values(key=key, first_read_at=now, **values))
        return True
    await conn.execute(update(source).where(source.c.id == found).values(values))
    return False
