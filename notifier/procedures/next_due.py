"""Which date speaks next: the one thing that people ask of a service that is silent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.due import DueState
from notifier.procedures.model import Procedure
from notifier.procedures.store import load
from notifier.procedures.tables import due, milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDue:
    """The next instant at which something is to be announced, and every procedure that speaks then."""

    at: datetime
    procedures: tuple[Procedure, ...]


async def after(conn: AsyncConnection, now: datetime) -> NextDue | None:
    """Return what speaks next after `now`; None when no date is to come.

    What is due already and was put off is not to come: it is late.
    """
    pending = (due.c.state == DueState.PENDING, due.c.due_at > now)
    at: datetime | None = await conn.scalar(
        select(due.c.attempt_after)
        .where(*pending, due.c.attempt_after > now)
        .order_by(due.c.attempt_after)
        .limit(1)
    )
    if at is None:
        return None
    speaking = (
        select(milestone.c.procedure_id)
        .join(due, due.c.milestone_id == milestone.c.id)
        .where(*pending, due.c.attempt_after == at)
        .distinct()
    )
    ids = (await conn.scalars(speaking)).all()
    found = await load(conn, ids)
    return NextDue(at=at, procedures=tuple(found[one] for one in sorted(found)))
