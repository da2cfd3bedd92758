"""Asking a source again before a date speaks (pre-flight): which ones to ask when, and what came of it.

Only sources that are asked over the web take part: what stands in a file was said by its operator.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.due import CheckedAs, DueState, Edge
from notifier.procedures.model import MilestoneKind, MilestoneState
from notifier.procedures.source_store import WEB_PREFIX
from notifier.procedures.tables import change, due, milestone, procedure

_DATES = due.join(milestone).join(procedure)
_WATCHED = procedure.c.source_key.startswith(WEB_PREFIX)
_NOT_RELEASED = func.coalesce(due.c.checked_as, "") != CheckedAs.RELEASED


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A date that is to speak at `speaks_at`, its source, and when that was asked about it, if it was."""

    source_key: str
    speaks_at: datetime
    checked_at: datetime | None


async def waiting(conn: AsyncConnection, *, until: datetime) -> Sequence[Waiting]:
    """Return what is to speak until then, with its source; each kind of waiting once.

    What an operator has released speaks whatever its source says: nobody is asked about it.
    """
    query = (
        select(procedure.c.source_key, due.c.attempt_after, due.c.checked_at)
        .select_from(_DATES)
        .where(_WATCHED, due.c.state == DueState.PENDING, due.c.attempt_after <= until)
        .where(_NOT_RELEASED)
        .distinct()
    )
    return [
        Waiting(source_key=key, speaks_at=speaks_at, checked_at=checked_at)
        for key, speaks_at, checked_at in await conn.execute(query)
    ]


async def unseen_publications(conn: AsyncConnection, *, today: date) -> Sequence[str]:
    """Return the sources of publications that were announced as expected today and were not seen yet."""
    query = (
        select(procedure.c.source_key)
        .select_from(_DATES)
        .where(_WATCHED, due.c.state == DueState.ANNOUNCED, due.c.local_date == today)
        .where(due.c.edge == Edge.REACHED, milestone.c.kind == MilestoneKind.PUBLICATION)
        .where(milestone.c.state == MilestoneState.PLANNED)
        .distinct()
    )
    return (await conn.scalars(query)).all()


async def unsettled(conn: AsyncConnection) -> Mapping[str, datetime]:
    """Return the sources to read again before a change of theirs is told, and from when that counts."""
    query = (
        select(procedure.c.source_key, func.min(change.c.settles_at).label("settles_at"))
        .join(change, change.c.procedure_id == procedure.c.id)
        .where(_WATCHED, change.c.state == "pending", change.c.reads_left > 0)
        .group_by(procedure.c.source_key)
    )
    return {row.source_key: row.settles_at for row in await conn.execute(query)}


async def note_checked(
    conn: AsyncConnection,
    source_key: str,
    as_: CheckedAs,
    *,
    now: datetime,
    until: datetime,
    only: Collection[int] | None = None,
) -> int:
    """Note what came of asking a source, for its dates that are to speak until then. Return how many.

    `only` are the procedures it is noted for; None: all for which the source speaks.
    """
    mine = select(milestone.c.id).join(procedure).where(procedure.c.source_key == source_key)
    if only is not None:
        mine = mine.where(procedure.c.id.in_(only))
    done = await conn.execute(
        update(due)
        .where(due.c.state == DueState.PENDING, due.c.attempt_after <= until, due.c.milestone_id.in_(mine))
        .where(_NOT_RELEASED)
        .values(checked_at=now, checked_as=as_)
    )
    return done.rowcount


async def wake(conn: AsyncConnection, milestone_ids: Collection[int], *, now: datetime) -> None:
    """Let dates speak at once that waited to be seen: the source shows now that it happened."""
    await conn.execute(
        update(due)
        .where(due.c.milestone_id.in_(milestone_ids), due.c.state == DueState.PENDING)
        .where(due.c.due_at <= now, due.c.attempt_after > now)
        .values(attempt_after=now)
    )


async def let_go(conn: AsyncConnection, milestone_ids: Collection[int]) -> None:
    """Let dates speak that were held because their source could not be read: an operator decided."""
    await conn.execute(
        update(due)
        .where(due.c.milestone_id.in_(milestone_ids), due.c.checked_as == CheckedAs.UNREADABLE)
        .values(checked_as=CheckedAs.RELEASED)
    )


async def silent_since(conn: AsyncConnection, now: datetime, *, for_: timedelta) -> datetime | None:
    """Return since when a date has been due and silent because its source could not be read for that long."""
    query = (
        select(func.min(due.c.due_at))
        .where(due.c.state.in_((DueState.PENDING, DueState.HELD)))
        .where(due.c.checked_as == CheckedAs.UNREADABLE, due.c.due_at <= now - for_)
    )
    found: datetime | None = await conn.scalar(query)
    return found
