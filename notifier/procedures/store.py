"""Procedures in the database: rows become the values of `model.py` here and nowhere else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.model import (
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Procedure,
    Snapshot,
    Status,
)
from notifier.procedures.revise import Change, Revision
from notifier.procedures.tables import milestone, procedure, procedure_alias, revision

_MILESTONE = TypeAdapter(Milestone)


def reference_key(reference: str) -> str:
    """Return the form in which references are compared: people type them in any case."""
    return reference.strip().casefold()


async def find(conn: AsyncConnection, reference: str) -> Procedure | None:
    """Return the procedure that has, or once had, this reference."""
    query = select(procedure_alias.c.procedure_id).where(
        procedure_alias.c.reference_key == reference_key(reference)
    )
    found = await conn.scalar(query)
    return None if found is None else (await load(conn, [found]))[found]


async def load(conn: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Procedure]:
    """Return the procedures with these ids, whole."""
    rows = (await conn.execute(select(procedure).where(procedure.c.id.in_(ids)))).mappings().all()
    steps = await _milestones(conn, ids)
    aliases = await _references(conn, ids)
    return {
        row["id"]: Procedure(
            id=row["id"],
            slug=row["slug"],
            references=tuple(aliases.get(row["id"], (row["slug"],))),
            facts=_facts(row),
            milestones=tuple(steps.get(row["id"], ())),
            revision=row["revision"],
            draft=row["draft"],
            held=row["held"],
        )
        for row in rows
    }


async def ids_with_number(conn: AsyncConnection, number: str) -> Sequence[int]:
    """Return every procedure with this ID number: at NICE several can share one (promises §1.11)."""
    query = select(procedure.c.id).where(procedure.c.id_number == number, ~procedure.c.draft)
    return (await conn.scalars(query.order_by(procedure.c.id))).all()


async def changed_at(conn: AsyncConnection, procedure_id: int) -> Mapping[str, datetime]:
    """Return when each milestone of a procedure last changed, by key."""
    query = select(milestone.c.key, milestone.c.changed_at).where(milestone.c.procedure_id == procedure_id)
    return {row.key: row.changed_at for row in await conn.execute(query)}


async def read_at(conn: AsyncConnection, procedure_id: int) -> datetime | None:
    """Return when the body's own page was last read; None where the operator entered the schedule."""
    found: datetime | None = await conn.scalar(
        select(procedure.c.read_at).where(procedure.c.id == procedure_id)
    )
    return found


async def milestone_ids(conn: AsyncConnection, procedure_id: int) -> Mapping[str, int]:
    """Return the row ids of a procedure's milestones, by key."""
    query = select(milestone.c.key, milestone.c.id).where(milestone.c.procedure_id == procedure_id)
    return {row.key: row.id for row in await conn.execute(query)}


async def add(conn: AsyncConnection, snapshot: Snapshot, *, now: datetime, read_at: datetime | None) -> int:
    """Store a procedure seen for the first time; its first reference becomes its slug. Return its id."""
    values = _fact_values(snapshot.facts) | {
        "slug": snapshot.reference,
        "draft": snapshot.draft,
        "first_seen_at": now,
        "changed_at": now,
        "read_at": read_at,
    }
    result = await conn.execute(insert(procedure).values(values).returning(procedure.c.id))
    procedure_id: int = result.scalar_one()
    await conn.execute(
        insert(procedure_alias).values(
            reference_key=reference_key(snapshot.reference),
            reference=snapshot.reference,
            procedure_id=procedure_id,
        )
    )
    for position, one in enumerate(snapshot.milestones):
        await conn.execute(insert(milestone).values(_milestone_values(procedure_id, position, one, now)))
    return procedure_id


async def apply(
    conn: AsyncConnection,
    stored: Procedure,
    revised: Revision,
    *,
    draft: bool,
    now: datetime,
    read_at: datetime | None,
    actor: str,
) -> int:
    """Write a revision of a stored procedure, with who, when, old and new. Return the revision's number."""
    number = stored.revision + 1
    values = _fact_values(revised.facts) | {
        "revision": number,
        "draft": draft,
        "changed_at": now,
        "read_at": read_at,
    }
    await conn.execute(update(procedure).where(procedure.c.id == stored.id).values(values))
    before = {one.key: one for one in stored.milestones}
    for position, one in enumerate(revised.milestones):
        await _write_milestone(conn, stored.id, position, before.get(one.key), one, now)
    ids = await milestone_ids(conn, stored.id)
    for change in revised.changes:
        await _write_revision(conn, stored.id, ids.get(change.subject), change, now=now, actor=actor)
    return number


async def note_reading(conn: AsyncConnection, procedure_id: int, *, read_at: datetime | None) -> None:
    """Note that the source was read and says nothing new."""
    await conn.execute(update(procedure).where(procedure.c.id == procedure_id).values(read_at=read_at))


async def count(conn: AsyncConnection) -> int:
    """Return how many procedures are stored."""
    return await conn.scalar(select(func.count()).select_from(procedure)) or 0


def milestone_as_text(one: Milestone) -> str:
    """Return a milestone as the text kept in revisions and waiting changes."""
    return _MILESTONE.dump_json(one).decode()


def milestone_from_text(text: str) -> Milestone:
    """Read a milestone back from `milestone_as_text`."""
    return _MILESTONE.validate_json(text)


async def _write_milestone(
    conn: AsyncConnection,
    procedure_id: int,
    position: int,
    old: Milestone | None,
    new: Milestone,
    now: datetime,
) -> None:
    values = _milestone_values(procedure_id, position, new, now)
    if old is None:
        await conn.execute(insert(milestone).values(values))
        return
    if old == new:
        del values["changed_at"]
    if old.dates.same_days(new.dates):
        del values["dated_at"]
    where = (milestone.c.procedure_id == procedure_id, milestone.c.key == new.key)
    await conn.execute(update(milestone).where(*where).values(values))


async def _write_revision(
    conn: AsyncConnection,
    procedure_id: int,
    milestone_id: int | None,
    change: Change,
    *,
    now: datetime,
    actor: str,
) -> None:
    await conn.execute(
        insert(revision).values(
            procedure_id=procedure_id,
            milestone_id=milestone_id,
            at=now,
            actor=actor,
            old=_change_text(change.old),
            new=_change_text(change.new),
            reason=f"{change.kind}: {change.subject}",
        )
    )


def _change_text(value: Milestone | str | None) -> str | None:
    return milestone_as_text(value) if isinstance(value, Milestone) else value


async def _milestones(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, list[Milestone]]:
    query = select(milestone).where(milestone.c.procedure_id.in_(ids))
    found: dict[int, list[Milestone]] = {}
    for row in (await conn.execute(query.order_by(milestone.c.position, milestone.c.id))).mappings():
        found.setdefault(row["procedure_id"], []).append(milestone_of(row))
    return found


async def _references(conn: AsyncConnection, ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(procedure_alias.c.procedure_id, procedure_alias.c.reference)
    found: dict[int, list[str]] = {}
    for procedure_id, reference in await conn.execute(query.where(procedure_alias.c.procedure_id.in_(ids))):
        found.setdefault(procedure_id, []).append(reference)
    return found


def milestone_of(row: RowMapping) -> Milestone:
    """Turn a row of the milestone table into its value."""
    return Milestone(
        key=row["key"],
        label=row["label"],
        kind=MilestoneKind(row["kind"]),
        dates=Dates(
            start=row["starts_on"],
            end=row["ends_on"],
            precision=Precision(row["precision"]),
            closes_at=row["closes_at"],
            as_written=row["as_written"],
        ),
        state=MilestoneState(row["state"]),
        held=row["held"],
        revision=row["revision"],
    )


def _milestone_values(procedure_id: int, position: int, one: Milestone, now: datetime) -> dict[str, Any]:
    return {
        "procedure_id": procedure_id,
        "key": one.key,
        "position": position,
        "label": one.label,
        "kind": one.kind,
        "starts_on": one.dates.start,
        "ends_on": one.dates.end,
        "precision": one.dates.precision,
        "closes_at": one.dates.closes_at,
        "as_written": one.dates.as_written,
        "state": one.state,
        "revision": one.revision,
        "held": one.held,
        "changed_at": now,
        "dated_at": now,
    }


def _facts(row: RowMapping) -> Facts:
    return Facts(
        title=row["title"],
        status=Status(row["status"]),
        status_as_written=row["status_as_written"],
        decision=row["decision"],
        process=row["process"],
        technology_type=row["technology_type"],
        id_number=row["id_number"],
        description=row["description"],
        email=row["email"],
        link=row["link"],
        referral_date=row["referral_date"],
    )


def _fact_values(facts: Facts) -> dict[str, Any]:
    return {
        "title": facts.title,
        "status": facts.status or Status.UNKNOWN,
        "status_as_written": facts.status_as_written,
        "decision": facts.decision,
        "process": facts.process,
        "technology_type": facts.technology_type,
        "id_number": facts.id_number,
        "description": facts.description,
        "email": facts.email,
        "link": facts.link,
        "referral_date": facts.referral_date,
    }
