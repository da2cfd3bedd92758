"""What a coordinator should look at now and then: dates held, dates without a day, dates long past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.due import DueState
from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState, Precision, Status, shown_id
from notifier.procedures.store import milestone_of
from notifier.procedures.tables import due, milestone, procedure

_RUNNING = procedure.c.status.in_([status for status in Status if status.running])
_COUNTS = (_RUNNING, ~procedure.c.draft, milestone.c.state == MilestoneState.PLANNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One date to look at, with the procedure it belongs to. `whole` is whether all of that is held."""

    slug: str
    shown_id: str
    milestone: Milestone
    whole: bool


async def held(conn: AsyncConnection) -> Sequence[Noted]:
    """Return every date that would still be said if nobody held it, earliest first."""
    waiting = select(due.c.milestone_id).where(due.c.state == DueState.HELD)
    return await _noted(conn, milestone.c.id.in_(waiting))


async def month_only(conn: AsyncConnection, *, first: date, last: date) -> Sequence[Noted]:
    """Return the dates of which only the month is known, where it begins by `last` and is not over."""
    months = (milestone.c.starts_on >= first.replace(day=1), milestone.c.starts_on <= last)
    return await _noted(conn, milestone.c.precision == Precision.MONTH, *months)


async def overdue(conn: AsyncConnection, *, today: date) -> Sequence[Noted]:
    """Return the publications whose day has passed and that nobody has seen (promises §1.3)."""
    return await _noted(
        conn,
        milestone.c.kind == MilestoneKind.PUBLICATION,
        milestone.c.precision == Precision.DAY,
        milestone.c.starts_on < today,
    )


async def _noted(conn: AsyncConnection, *wanted: ColumnElement[bool]) -> Sequence[Noted]:
    identity = (procedure.c.slug, procedure.c.process, procedure.c.id_number)
    query = (
        select(milestone, *identity, procedure.c.held.label("whole"))
        .join(procedure, procedure.c.id == milestone.c.procedure_id)
        .where(*_COUNTS, *wanted)
        .order_by(milestone.c.starts_on, milestone.c.id)
    )
    return [
        Noted(
            slug=row["slug"],
            shown_id=shown_id(row["process"], row["id_number"], row["slug"]),
            milestone=milestone_of(row),
            whole=row["whole"],
        )
        for row in (await conn.execute(query)).mappings()
    ]
