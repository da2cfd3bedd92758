"""The events that the public may read in the feed of everything."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.model import Event
from notifier.events.store import event_of
from notifier.events.tables import event
from notifier.procedures.tables import procedure


async def latest(conn: AsyncConnection, *, limit: int) -> tuple[Event, ...]:
    """Return the newest events of all procedures that are no drafts now, newest first.

    A procedure that was withdrawn from sight takes its events with it, and brings them back.
    """
    query = (
        select(event)
        .join(procedure, procedure.c.id == event.c.procedure_id)
        .where(~procedure.c.draft)
        .order_by(event.c.seq.desc())
        .limit(limit)
    )
    return tuple(event_of(row) for row in (await conn.execute(query)).mappings())
