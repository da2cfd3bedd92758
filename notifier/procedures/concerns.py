"""What an operator should look at: dates that are held as their day comes, and statuses that mean nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.due import DueState
from notifier.procedures.model import Status
from notifier.procedures.tables import due, procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDates:
    """Dates that somebody holds though their day is near or past: of how many milestones, and the earliest
    instant (calendar)."""

    count: int
    earliest: datetime


async def held_dates(conn: AsyncConnection, until: datetime) -> HeldDates | None:
    """Return what is held of all that is due until then; None when nothing is."""
    query = select(func.count(func.distinct(due.c.milestone_id)), func.min(due.c.due_at)).where(
        due.c.state == DueState.HELD, due.c.due_at <= until
    )
    number, earliest = (await conn.execute(query)).one()
    return HeldDates(count=number, earliest=earliest) if number else None


async def unknown_statuses(conn: AsyncConnection) -> int:
    """Return how many procedures have a status whose word is not known, so that their dates do not count."""
    query = select(func.count()).where(procedure.c.status == Status.UNKNOWN, procedure.c.draft.is_(False))
    return await conn.scalar(query) or 0
