"""Treating everything up to an instant as told: for a database that was restored from a backup.

What the backup calls unsaid may have been said after it was made. Feeds keep what was recorded; nothing more
is recorded or mailed about that time.
"""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import DeliveryState
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.delivery.tables import delivery
from notifier.events.tables import event, gathered, mailing
from notifier.procedures.due import DueState
from notifier.procedures.tables import change, due


async def treat_as_told(conn: AsyncConnection, until: datetime, *, now: datetime) -> int:
    """End what was to be said up to `until` (calendar time). Return how many dates, changes and mails."""
    dates = await conn.execute(
        update(due)
        .where(due.c.state == DueState.PENDING, due.c.due_at <= until)
        .values(state=DueState.HISTORY)
    )
    changes = await conn.execute(
        update(change).where(change.c.state == "pending", change.c.seen_at <= until).values(state="lapsed")
    )
    moments = select(mailing.c.id).where(mailing.c.id != REPLIES_MAILING, mailing.c.not_before <= until)
    await conn.execute(update(mailing).where(mailing.c.id.in_(moments)).values(stopped_at=now))
    mails = await conn.execute(
        update(delivery)
        .where(delivery.c.mailing_id.in_(moments))
        .where(delivery.c.state.in_((DeliveryState.PENDING, DeliveryState.SENDING)))
        .values(state=DeliveryState.CANCELLED, done_at=now)
    )
    said = select(event.c.seq).where(event.c.recorded_at <= until)
    await conn.execute(
        delete(gathered).where(gathered.c.mailing_id.is_(None), gathered.c.event_seq.in_(said))
    )
    return dates.rowcount + changes.rowcount + mails.rowcount
