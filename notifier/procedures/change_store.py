"""Changes that wait until they have settled (promises §1.4): A→B→A says nothing, A→B→C says A→C."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.model import Milestone
from notifier.procedures.revise import Change, ChangeKind, classify
from notifier.procedures.store import milestone_as_text, milestone_from_text
from notifier.procedures.tables import change

STATUS = "status"
LISTED = "listed"
"""Subjects of a change that are no milestone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledChange:
    """A change of one procedure that is ready to be told."""

    id: int
    procedure_id: int
    change: Change
    revision: int
    seen_at: datetime


async def wait(
    conn: AsyncConnection,
    procedure_id: int,
    found: Change,
    *,
    revision: int,
    now: datetime,
    settles_at: datetime,
    told: bool = True,
) -> bool:
    """Let a change settle, merged with what already waits for the same subject.

    A change that is not `told` by itself only corrects what waits. Return whether everything is as it was
    before: then what waited has lapsed, and says nothing.
    """
    where = (change.c.procedure_id == procedure_id, change.c.subject == found.subject)
    query = select(change).where(*where, change.c.state == "pending")
    waiting = (await conn.execute(query)).mappings().one_or_none()
    if waiting is None and not told:
        return False
    if waiting is None:
        await conn.execute(
            insert(change).values(
                procedure_id=procedure_id,
                subject=found.subject,
                old=_as_text(found.old),
                new=_as_text(found.new),
                revision=revision,
                seen_at=now,
                settles_at=settles_at,
                state="pending",
            )
        )
        return False
    back = _kind(found.subject, _side(waiting, "old"), found.new) is None
    values = {"state": "lapsed"} if back else {"settles_at": settles_at}
    await conn.execute(
        update(change)
        .where(change.c.id == waiting["id"])
        .values(new=_as_text(found.new), revision=revision, **values)
    )
    return back


async def settled(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[int]:
    """Return the procedures whose waiting changes have all settled."""
    query = (
        select(change.c.procedure_id)
        .where(change.c.state == "pending")
        .group_by(change.c.procedure_id)
        .having(func.max(change.c.settles_at) <= now)
        .limit(limit)
    )
    return (await conn.scalars(query)).all()


async def take(conn: AsyncConnection, procedure_id: int) -> tuple[SettledChange, ...]:
    """Return the waiting changes of a procedure."""
    query = select(change).where(change.c.procedure_id == procedure_id, change.c.state == "pending")
    rows = (await conn.execute(query.order_by(change.c.id))).mappings().all()
    return tuple(found for row in rows if (found := _settled(row)) is not None)


async def close(conn: AsyncConnection, procedure_id: int) -> None:
    """Note that the waiting changes of a procedure have been told."""
    await conn.execute(
        update(change)
        .where(change.c.procedure_id == procedure_id, change.c.state == "pending")
        .values(state="announced")
    )


async def push(conn: AsyncConnection, procedure_id: int, until: datetime) -> None:
    """Ask again later."""
    await conn.execute(
        update(change)
        .where(change.c.procedure_id == procedure_id, change.c.state == "pending")
        .values(settles_at=until)
    )


async def next_settling(conn: AsyncConnection) -> datetime | None:
    """Return the earliest instant at which all that waits for one procedure has settled."""
    each = (
        select(func.max(change.c.settles_at).label("settles_at"))
        .where(change.c.state == "pending")
        .group_by(change.c.procedure_id)
        .subquery()
    )
    found: datetime | None = await conn.scalar(select(func.min(each.c.settles_at)))
    return found


def _settled(row: RowMapping) -> SettledChange | None:
    old, new = _side(row, "old"), _side(row, "new")
    kind = _kind(row["subject"], old, new)
    if kind is None:
        return None
    return SettledChange(
        id=row["id"],
        procedure_id=row["procedure_id"],
        change=Change(kind=kind, subject=row["subject"], old=old, new=new),
        revision=row["revision"],
        seen_at=row["seen_at"],
    )


def _kind(subject: str, old: Milestone | str | None, new: Milestone | str | None) -> ChangeKind | None:
    if subject == LISTED:
        return ChangeKind.LISTED
    if subject == STATUS:
        return None if old == new else ChangeKind.STATUS
    if not isinstance(new, Milestone):
        return None
    return classify(old if isinstance(old, Milestone) else None, new)


def _side(row: RowMapping, side: str) -> Milestone | str | None:
    text: str | None = row[side]
    if text is None or row["subject"] in (STATUS, LISTED):
        return text
    return milestone_from_text(text)


def _as_text(value: Milestone | str | None) -> str | None:
    return milestone_as_text(value) if isinstance(value, Milestone) else value
