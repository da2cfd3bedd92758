"""What will be said, before it is: each due instant decided as it will be when it comes, and told to nobody.

The sentences of an act, the staff letter and a simulation all rest on this one reading, so that none of them
promises what announcing would not do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events import drafts as drafting
from notifier.events import store
from notifier.events.decide import Say, Skip, decide
from notifier.events.model import Basis, EventKind
from notifier.events.preflight import Hold, Wait
from notifier.events.voice import Voice
from notifier.procedures import due_store
from notifier.procedures import store as procedures
from notifier.procedures.due import DueInstant, DueState, Edge
from notifier.procedures.due_store import DueRow
from notifier.procedures.model import Milestone, Procedure
from notifier.procedures.tables import due, milestone
from notifier.subscriptions import audience
from notifier.subscriptions.audience import Rhythms

LOADED = 500
"""Procedures read in one statement; SQLite takes some thirty thousand values at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What will be said of one due instant. `at` is calendar time, `day` the civil day it stands for.

    `title` are the words of its feed entry. `held`: it is not said until somebody releases it. `late_days`
    are the days by which it is late at `at`. `people` is who would get it now; nobody where it is not mailed.
    """

    at: datetime
    day: date
    procedure: Procedure
    milestone: Milestone
    edge: Edge
    kind: EventKind
    basis: Basis
    title: str
    held: bool
    late_days: int
    mailed: bool
    people: Rhythms


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A due instant whose moment has passed. `said` is how it is said now; None: it is not said any more."""

    instant: DueInstant
    milestone: Milestone
    said: Forecast | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    due: DueRow
    held: bool


async def forecast(
    conn: AsyncConnection, voice: Voice, *, start: datetime, end: datetime, procedure_id: int | None = None
) -> Sequence[Forecast]:
    """Return what will be said from `start` on and before `end`, earliest first, held dates too.

    It goes by the schedule as it is stored, and by who follows now; what is left unsaid by policy is left
    out. `procedure_id` asks for one procedure alone.
    """
    open_states = (DueState.PENDING, DueState.HELD)
    query = _rows().where(due.c.due_at >= start, due.c.due_at < end, due.c.state.in_(open_states))
    rows = await _of_one(conn, query, procedure_id)
    loaded = await _procedures(conn, rows)
    found = [await _of_row(conn, voice, row, loaded, at=row.due.instant.due_at) for row in rows]
    return [one for one in found if one is not None]


async def late(conn: AsyncConnection, voice: Voice, procedure_id: int, *, now: datetime) -> Sequence[Late]:
    """Return what of a procedure was due by `now` and is unsaid and not held: how the next sweep says it."""
    query = _rows().where(due.c.due_at <= now, due.c.state == DueState.PENDING)
    rows = await _of_one(conn, query, procedure_id)
    loaded = await _procedures(conn, rows)
    return [
        Late(
            instant=row.due.instant,
            milestone=_milestone(loaded[row.due.procedure_id], row.due),
            said=await _of_row(conn, voice, row, loaded, at=now),
        )
        for row in rows
    ]


def _rows() -> Select[int, str]:
    join = due.join(milestone, milestone.c.id == due.c.milestone_id)
    return select(due.c.id, due.c.state).select_from(join).order_by(due.c.due_at, due.c.id)


async def _of_one(conn: AsyncConnection, query: Select[int, str], procedure_id: int | None) -> list[_Row]:
    if procedure_id is not None:
        query = query.where(milestone.c.procedure_id == procedure_id)
    return [
        _Row(due=await due_store.row(conn, id_), held=state == DueState.HELD)
        for id_, state in (await conn.execute(query)).all()
    ]


async def _procedures(conn: AsyncConnection, rows: Sequence[_Row]) -> Mapping[int, Procedure]:
    ids = sorted({row.due.procedure_id for row in rows})
    found: dict[int, Procedure] = {}
    for first in range(0, len(ids), LOADED):
        found |= await procedures.load(conn, ids[first : first + LOADED])
    return found


def _milestone(found: Procedure, row: DueRow) -> Milestone:
    return next(one for one in found.milestones if one.key == row.milestone_key)


async def _of_row(
    conn: AsyncConnection, voice: Voice, row: _Row, loaded: Mapping[int, Procedure], *, at: datetime
) -> Forecast | None:
    """Decide about one due instant as if `at` were now. None: it is left unsaid."""
    found = loaded[row.due.procedure_id]
    one = _milestone(found, row.due)
    say = await _decision(conn, voice, row.due, found, one, at=at)
    if not isinstance(say, Say):
        return None
    draft = drafting.of_due(voice.scene(found, at), one, row.due.instant, say)
    people = Rhythms() if draft.no_mail else await audience.by_rhythm(conn, draft.topics, draft.kind_bit)
    if draft.kind is EventKind.CLOSING_SOON:  # reminders are sent at once, whatever the rhythm
        people = Rhythms(at_once=people.everybody)
    return Forecast(
        at=at,
        day=row.due.instant.local_date,
        procedure=found,
        milestone=one,
        edge=row.due.instant.edge,
        kind=draft.kind,
        basis=draft.basis,
        title=draft.payload.entry_title,
        held=row.held,
        late_days=say.late_days,
        mailed=not draft.no_mail,
        people=people,
    )


async def _decision(
    conn: AsyncConnection, voice: Voice, row: DueRow, found: Procedure, one: Milestone, *, at: datetime
) -> Say | Skip | Wait | Hold:
    """Decide as announcing does. The one place that knows how it asks.

    What a source will answer when it is asked again beforehand is not known: it goes by the schedule.
    """
    return decide(
        row.instant,
        one,
        status=found.status,
        known_since=row.known_since,
        opening_told_at=await _opening_told_at(conn, found, one),
        rules=voice.rules,
        now=at,
    )


async def _opening_told_at(conn: AsyncConnection, found: Procedure, one: Milestone) -> datetime | None:
    """Return when the opening of the present range was told, if it was: reminders mind it."""
    if one.dates.start is None:
        return None
    key = f"{found.slug}/{one.key}/{Edge.OPENS}/{one.dates.start}"
    return (await store.recorded_at(conn, [key])).get(key)
