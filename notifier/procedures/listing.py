"""Procedures as lists show them: what is open, what comes next, what somebody searches for. Never a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.model import (
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Status,
    shown_id,
)
from notifier.procedures.store import milestone_of
from notifier.procedures.tables import milestone, procedure, procedure_alias

SEARCH_WORDS = 8
"""More words than this are not looked for; each costs a reading of every title."""

_PUBLIC = ~procedure.c.draft
_RUNNING = procedure.c.status.in_([status for status in Status if status.running])
_STANDS = milestone.c.state != MilestoneState.WITHDRAWN
_SPANS = milestone.c.kind.in_([kind for kind in MilestoneKind if kind.spans])
_TO_COME = or_(milestone.c.state == MilestoneState.PLANNED, _SPANS)
_BY_TITLE = (func.lower(func.coalesce(procedure.c.title, procedure.c.slug)), procedure.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A procedure as one line of a list. `status_as_written` is the source's own word, if it gave one.

    `process` and `technology_type` are as the source writes them.
    """

    id: int
    slug: str
    title: str
    shown_id: str
    status: Status
    status_as_written: str | None
    process: str | None = None
    technology_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedLine:
    """One milestone with the procedure it belongs to."""

    procedure: Line
    milestone: Milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLine:
    """A procedure with its next milestone; None when none is known or its dates do not count."""

    procedure: Line
    next: Milestone | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some procedures: those with these ids, processes or technology types (both in small letters)."""

    ids: frozenset[int]
    processes: frozenset[str]
    technologies: frozenset[str]

    def has(self, line: Line) -> bool:
        """Whether a procedure belongs to it."""
        return (
            line.id in self.ids
            or (line.process or "").lower() in self.processes
            or (line.technology_type or "").lower() in self.technologies
        )


async def open_on(conn: AsyncConnection, day: date) -> tuple[DatedLine, ...]:
    """Return what is scheduled to be open on a day; what closes first at the head."""
    query = (
        _dates()
        .where(_SPANS, milestone.c.precision == Precision.DAY)
        .where(milestone.c.starts_on <= day, milestone.c.ends_on >= day)
        .order_by(milestone.c.ends_on, milestone.c.id)
    )
    return await _dated_lines(conn, query)


async def starting_from(conn: AsyncConnection, day: date, *, limit: int) -> tuple[DatedLine, ...]:
    """Return the first exact dates that begin on a day or after it."""
    return await _dated_lines(conn, _starting_from(day).limit(limit))


async def starting_within(conn: AsyncConnection, day: date, last: date) -> tuple[DatedLine, ...]:
    """Return the exact dates that begin between two days, both included."""
    return await _dated_lines(conn, _starting_from(day).where(milestone.c.starts_on <= last))


def _starting_from(day: date) -> Select[tuple[object, ...]]:
    return (
        _dates()
        .where(_TO_COME, milestone.c.precision == Precision.DAY, milestone.c.starts_on >= day)
        .order_by(milestone.c.starts_on, milestone.c.id)
    )


async def count(conn: AsyncConnection) -> int:
    """Return how many procedures are public."""
    return await conn.scalar(select(func.count()).select_from(procedure).where(_PUBLIC)) or 0


async def by_title(conn: AsyncConnection, *, today: date, offset: int, limit: int) -> tuple[NextLine, ...]:
    """Return a stretch of all public procedures in the order of their titles."""
    return await _with_next(conn, _lines().offset(offset).limit(limit), today)


async def with_number(conn: AsyncConnection, number: str, *, today: date) -> tuple[NextLine, ...]:
    """Return every public procedure with an ID number; at NICE several can share one (promises §1.11)."""
    return await _with_next(conn, _lines().where(procedure.c.id_number == number), today)


async def search(conn: AsyncConnection, text: str, *, today: date, limit: int) -> tuple[NextLine, ...]:
    """Return the procedures in which every word of `text` occurs: in a title, an identity or a process."""
    words = text.split()[:SEARCH_WORDS]
    if not words:
        return ()
    query = _lines().where(*(_has(word) for word in words)).limit(limit)
    return await _with_next(conn, query, today)


def _has(word: str) -> ColumnElement[bool]:
    number = func.coalesce(procedure.c.id_number, "")
    identity = func.coalesce(procedure.c.process, "") + number
    return or_(
        procedure.c.title.icontains(word, autoescape=True),
        identity.icontains(word, autoescape=True),
        ("ID" + number).icontains(word, autoescape=True),
        procedure.c.technology_type.icontains(word, autoescape=True),
        exists().where(
            procedure_alias.c.procedure_id == procedure.c.id,
            procedure_alias.c.reference.icontains(word, autoescape=True),
        ),
    )


_LINE_COLUMNS = [
    procedure.c[name].label(f"listed_{name}")
    for name in (
        "id",
        "slug",
        "title",
        "process",
        "technology_type",
        "id_number",
        "status",
        "status_as_written",
    )
]


def _lines() -> Select[tuple[object, ...]]:
    return select(*_LINE_COLUMNS).where(_PUBLIC).order_by(*_BY_TITLE)


def _dates() -> Select[tuple[object, ...]]:
    join = milestone.join(procedure, milestone.c.procedure_id == procedure.c.id)
    return select(milestone, *_LINE_COLUMNS).select_from(join).where(_PUBLIC, _RUNNING, _STANDS)


async def _dated_lines(conn: AsyncConnection, query: Select[tuple[object, ...]]) -> tuple[DatedLine, ...]:
    rows = (await conn.execute(query)).mappings()
    return tuple(DatedLine(procedure=_line(row), milestone=milestone_of(row)) for row in rows)


async def _with_next(
    conn: AsyncConnection, query: Select[tuple[object, ...]], today: date
) -> tuple[NextLine, ...]:
    found = [_line(row) for row in (await conn.execute(query)).mappings()]
    coming = await _next_of(conn, [one.id for one in found], today)
    return tuple(NextLine(procedure=one, next=coming.get(one.id)) for one in found)


async def _next_of(conn: AsyncConnection, ids: Sequence[int], today: date) -> Mapping[int, Milestone]:
    """Return the next milestone of each: the nearest exact day, else the nearest month."""
    last = func.coalesce(milestone.c.ends_on, milestone.c.starts_on)
    next_day = case((milestone.c.starts_on >= today, milestone.c.starts_on), else_=last)
    query = (
        _dates()
        .where(milestone.c.procedure_id.in_(ids), _TO_COME)
        .where(
            or_(
                and_(milestone.c.precision == Precision.DAY, last >= today),
                and_(milestone.c.precision == Precision.MONTH, last >= today.replace(day=1)),
            )
        )
        .order_by(milestone.c.precision != Precision.DAY, next_day, milestone.c.id)
    )
    coming: dict[int, Milestone] = {}
    for row in (await conn.execute(query)).mappings():
        coming.setdefault(row["listed_id"], milestone_of(row))
    return coming


def _line(row: RowMapping) -> Line:
    shown = shown_id(row["listed_process"], row["listed_id_number"], row["listed_slug"])
    return Line(
        id=row["listed_id"],
        slug=row["listed_slug"],
        title=row["listed_title"] or shown,
        shown_id=shown,
        status=Status(row["listed_status"]),
        status_as_written=row["listed_status_as_written"],
        process=row["listed_process"],
        technology_type=row["listed_technology_type"],
    )
