"""Procedures read from the database: rows become the values of `model.py` here and nowhere else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.model import (
    Coverage,
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Procedure,
    Status,
    shown_id,
)
from notifier.procedures.tables import milestone, procedure, procedure_alias

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


async def find_all(conn: AsyncConnection, references: Collection[str]) -> Mapping[str, Procedure]:
    """Return the procedures that have, or once had, one of these references, by its `reference_key`."""
    query = select(procedure_alias.c.reference_key, procedure_alias.c.procedure_id).where(
        procedure_alias.c.reference_key.in_([reference_key(one) for one in references])
    )
    ids = {row.reference_key: row.procedure_id for row in await conn.execute(query)}
    found = await load(conn, sorted(set(ids.values())))
    return {key: found[id_] for key, id_ in ids.items()}


async def lock(conn: AsyncConnection, reference_keys: Collection[str]) -> None:
    """Keep other processes from changing these procedures meanwhile; SQLite has one writer anyway.

    Others may still refer to them: an announcement that waited here would hold dates that are written next.
    """
    query = (
        select(procedure.c.id)
        .join(procedure_alias, procedure_alias.c.procedure_id == procedure.c.id)
        .where(procedure_alias.c.reference_key.in_(reference_keys))
        .order_by(procedure.c.id)
        .with_for_update(of=procedure, key_share=True)
    )
    if conn.dialect.name != "sqlite":
        await conn.execute(query)


async def titles(conn: AsyncConnection, ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    """Return the title to show and the shown id of these procedures."""
    columns = (
        procedure.c.id,
        procedure.c.slug,
        procedure.c.title,
        procedure.c.process,
        procedure.c.id_number,
    )
    found: dict[int, tuple[str, str]] = {}
    for id_, slug, title, process, id_number in await conn.execute(
        select(*columns).where(procedure.c.id.in_(ids))
    ):
        shown = shown_id(process, id_number, slug)
        found[id_] = (title or shown, shown)
    return found


async def load(conn: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Procedure]:
    """Return the procedures with these ids, whole."""
    if not ids:
        return {}
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
            source_key=row["source_key"],
            covers=Coverage(row["covers"] or Coverage.WHOLE),
            read_at=row["read_at"],
            as_of=row["as_of"],
        )
        for row in rows
    }


async def changed_at(conn: AsyncConnection, procedure_id: int) -> Mapping[str, datetime]:
    """Return when each milestone of a procedure last changed, by key."""
    query = select(milestone.c.key, milestone.c.changed_at).where(milestone.c.procedure_id == procedure_id)
    return {row.key: row.changed_at for row in await conn.execute(query)}


async def milestone_ids(conn: AsyncConnection, procedure_id: int) -> Mapping[str, int]:
    """Return the row ids of a procedure's milestones, by key."""
    return (await milestone_ids_of_all(conn, [procedure_id]))[procedure_id]


async def milestone_ids_of_all(
    conn: AsyncConnection, procedure_ids: Sequence[int]
) -> Mapping[int, Mapping[str, int]]:
    """Return the row ids of milestones, by procedure and key."""
    query = select(milestone.c.procedure_id, milestone.c.key, milestone.c.id)
    found: dict[int, dict[str, int]] = {one: {} for one in procedure_ids}
    for procedure_id, key, id_ in await conn.execute(
        query.where(milestone.c.procedure_id.in_(procedure_ids))
    ):
        found[procedure_id][key] = id_
    return found


async def of_source(conn: AsyncConnection, source_key: str) -> Sequence[str]:
    """Return the first references of the procedures for which a watched source speaks."""
    query = select(procedure.c.slug).where(procedure.c.source_key == source_key)
    return (await conn.scalars(query.order_by(procedure.c.id))).all()


async def count(conn: AsyncConnection) -> int:
    """Return how many procedures are stored."""
    return await conn.scalar(select(func.count()).select_from(procedure)) or 0


def milestone_as_text(one: Milestone) -> str:
    """Return a milestone as the text kept in revisions and waiting changes."""
    return _MILESTONE.dump_json(one).decode()


def milestone_from_text(text: str) -> Milestone:
    """Read a milestone back from `milestone_as_text`."""
    return _MILESTONE.validate_json(text)


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
        reason=row["reason"],
    )
