"""Due instants in the database: the schedule that the alarm clock is set by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Row, RowMapping, and_, bindparam, exists, false, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.due import Arming, CheckedAs, DueInstant, DueState, Edge, NewDue, StoredDue
from notifier.procedures.tables import derivation, due, milestone, procedure

ASKED_LATELY = timedelta(hours=1)
"""A date that waits for its source is asked about at least this often; otherwise nobody looks after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """A due instant that asks to be announced, with what decides how it is said.

    `known_since` is when the milestone got its present dates. `checked_at` is when its source was last asked
    about this instant, and `checked_as` what came of it.
    """

    id: int
    procedure_id: int
    milestone_id: int
    milestone_key: str
    instant: DueInstant
    known_since: datetime
    checked_at: datetime | None
    checked_as: CheckedAs | None


async def of_procedure(conn: AsyncConnection, procedure_id: int) -> Sequence[StoredDue]:
    """Return every stored due instant of a procedure."""
    return (await of_procedures(conn, [procedure_id]))[procedure_id]


async def of_procedures(
    conn: AsyncConnection, procedure_ids: Sequence[int]
) -> Mapping[int, Sequence[StoredDue]]:
    """Return every stored due instant of these procedures."""
    query = (
        select(due, milestone.c.key, milestone.c.procedure_id)
        .join(milestone, milestone.c.id == due.c.milestone_id)
        .where(milestone.c.procedure_id.in_(procedure_ids))
    )
    found: dict[int, list[StoredDue]] = {one: [] for one in procedure_ids}
    for row in (await conn.execute(query)).mappings():
        stored = StoredDue(
            id=row["id"], milestone_key=row["key"], instant=_instant(row), state=DueState(row["state"])
        )
        found[row["procedure_id"]].append(stored)
    return found


async def apply(conn: AsyncConnection, found: Sequence[tuple[Arming, Mapping[str, int]]]) -> None:
    """Write what `due.arm` decided for procedures, each with the row ids of its milestones by key."""
    new = [(milestone_ids[one.milestone_key], one) for arming, milestone_ids in found for one in arming.new]
    await add_all(conn, new)
    rows = [
        {
            "of": change.id,
            "state": change.state,
            "zone": change.instant.zone,
            "due_at": change.instant.due_at,
            "attempt_after": change.instant.due_at,
        }
        for arming, _ in found
        for change in arming.updates
    ]
    if rows:
        await conn.execute(update(due).where(due.c.id == bindparam("of")), rows)


async def add_all(conn: AsyncConnection, found: Sequence[tuple[int, NewDue]]) -> None:
    """Store new due instants, each with the row id of its milestone."""
    rows = [
        {
            "milestone_id": milestone_id,
            "edge": one.instant.edge,
            "local_date": one.instant.local_date,
            "zone": one.instant.zone,
            "due_at": one.instant.due_at,
            "attempt_after": one.instant.due_at,
            "state": one.state,
        }
        for milestone_id, one in found
    ]
    if rows:
        await conn.execute(insert(due), rows)


async def ready(
    conn: AsyncConnection, now: datetime, limit: int, *, kept: bool = False
) -> Sequence[Row[tuple[int]]]:
    """Return the ids of what is due, earliest first.

    When `kept`, nobody changes them until the transaction ends; what another process changed just now is left
    out if it is not due any more.
    """
    query = select(due.c.id).where(due.c.state == DueState.PENDING, due.c.attempt_after <= now)
    query = query.order_by(due.c.attempt_after, due.c.id).limit(limit)
    return (await conn.execute(query.with_for_update() if kept else query)).all()


async def row(conn: AsyncConnection, due_id: int) -> DueRow:
    """Return one due instant with what decides how it is said."""
    (found,) = await rows(conn, [due_id])
    return found


async def rows(conn: AsyncConnection, due_ids: Sequence[int]) -> Sequence[DueRow]:
    """Return due instants with what decides how they are said, in the order of `due_ids`."""
    query = (
        select(due, milestone.c.key, milestone.c.procedure_id, milestone.c.dated_at)
        .join(milestone, milestone.c.id == due.c.milestone_id)
        .where(due.c.id.in_(due_ids))
    )
    found = {one["id"]: _due_row(one) for one in (await conn.execute(query)).mappings()}
    return [found[one] for one in due_ids]


async def announced_days(
    conn: AsyncConnection, edge: Edge, milestone_ids: Sequence[int]
) -> frozenset[tuple[int, date]]:
    """Return on which days this side of milestones was announced, by this transaction or before."""
    query = select(due.c.milestone_id, due.c.local_date).where(
        due.c.milestone_id.in_(milestone_ids), due.c.edge == edge, due.c.state == DueState.ANNOUNCED
    )
    return frozenset((one.milestone_id, one.local_date) for one in await conn.execute(query))


async def settle(conn: AsyncConnection, due_ids: Iterable[int], state: DueState) -> None:
    """Give pending due instants their end: announced, skipped or history."""
    ids = list(due_ids)
    if ids:
        pending = due.c.state == DueState.PENDING
        await conn.execute(update(due).where(due.c.id.in_(ids), pending).values(state=state))


async def push(conn: AsyncConnection, due_ids: Sequence[int], until: datetime) -> None:
    """Ask due instants again later; they stay due since their own instants."""
    await conn.execute(update(due).where(due.c.id.in_(due_ids)).values(attempt_after=until))


async def set_aside(conn: AsyncConnection, due_id: int, until: datetime) -> None:
    """Ask a due instant that cannot be announced again later; whatever its source said counts no more."""
    await conn.execute(
        update(due).where(due.c.id == due_id).values(attempt_after=until, checked_at=None, checked_as=None)
    )


async def next_attempt(conn: AsyncConnection) -> datetime | None:
    """Return the earliest instant at which something is to be announced."""
    query = select(func.min(due.c.attempt_after)).where(due.c.state == DueState.PENDING)
    found: datetime | None = await conn.scalar(query)
    return found


async def oldest_unannounced(conn: AsyncConnection, now: datetime) -> datetime | None:
    """Return since when something has been due and is still unannounced.

    What waits for its source by policy, which was asked lately and is asked again, is left out.
    """
    lately = func.coalesce(due.c.checked_at > now - ASKED_LATELY, false())
    waits = and_(lately, due.c.attempt_after > now)
    query = select(func.min(due.c.due_at)).where(due.c.state == DueState.PENDING, due.c.due_at <= now, ~waits)
    found: datetime | None = await conn.scalar(query)
    return found


async def armed_procedures(conn: AsyncConnection, *, after: int, limit: int) -> Sequence[int]:
    """Return the first procedures, by their ids after that one, that still have something to come."""
    to_come = (
        exists()
        .where(milestone.c.procedure_id == procedure.c.id, due.c.milestone_id == milestone.c.id)
        .where(due.c.state.in_((DueState.PENDING, DueState.HELD)))
    )
    query = select(procedure.c.id).where(procedure.c.id > after, to_come).order_by(procedure.c.id)
    return (await conn.scalars(query.limit(limit))).all()


async def derived_by(conn: AsyncConnection) -> str | None:
    """Return the fingerprint of the rules by which every instant was derived; None: not all by the same."""
    found: str | None = await conn.scalar(select(derivation.c.fingerprint))
    return found


async def note_derived_by(conn: AsyncConnection, fingerprint: str | None) -> None:
    """Note by which rules every instant is derived now; None while that is being changed."""
    await conn.execute(update(derivation).values(fingerprint=fingerprint))


async def note_derived_too_by(conn: AsyncConnection, fingerprint: str) -> None:
    """Note by which rules some instants are derived now: if others are noted, not all are by the same."""
    await conn.execute(
        update(derivation).where(derivation.c.fingerprint != fingerprint).values(fingerprint=None)
    )


def _due_row(row: RowMapping) -> DueRow:
    return DueRow(
        id=row["id"],
        procedure_id=row["procedure_id"],
        milestone_id=row["milestone_id"],
        milestone_key=row["key"],
        instant=_instant(row),
        known_since=row["dated_at"],
        checked_at=row["checked_at"],
        checked_as=CheckedAs(row["checked_as"]) if row["checked_as"] else None,
    )


def _instant(row: RowMapping) -> DueInstant:
    return DueInstant(
        edge=Edge(row["edge"]), local_date=row["local_date"], zone=row["zone"], due_at=row["due_at"]
    )
