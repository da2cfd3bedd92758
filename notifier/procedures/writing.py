"""Procedures written to the database: new ones many at once, revisions one by one with who, when and why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.model import Coverage, Facts, Milestone, Procedure, Status
from notifier.procedures.revise import Revision
from notifier.procedures.source_store import WEB_PREFIX
from notifier.procedures.store import milestone_as_text, milestone_ids, reference_key
from notifier.procedures.tables import milestone, procedure, procedure_alias, revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a reading came from, as it is stored beside what was read.

    `source_key` is the watched source that speaks for the procedure from now on, and `covers` how much it
    says. `read_at` is when the body's own page was read; None where an operator typed the schedule.
    """

    source_key: str | None
    covers: Coverage
    read_at: datetime | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProcedure:
    """A procedure seen for the first time; its first reference becomes its slug."""

    reference: str
    revised: Revision
    draft: bool
    provenance: Provenance


async def add_all(conn: AsyncConnection, found: Sequence[NewProcedure], *, now: datetime) -> Sequence[int]:
    """Store procedures with their references and milestones. Return their ids, in order."""
    if not found:
        return []
    rows = [
        _fact_values(one.revised.facts)
        | _provenance_values(one.provenance)
        | {"slug": one.reference, "draft": one.draft, "first_seen_at": now, "changed_at": now}
        for one in found
    ]
    # Matched by slug: to return ids in order, SQLAlchemy inserts row by row on SQLite.
    added = await conn.execute(insert(procedure).returning(procedure.c.slug, procedure.c.id), rows)
    id_of = {row.slug: row.id for row in added}
    ids = [id_of[one.reference] for one in found]
    references = [
        (procedure_id, reference)
        for procedure_id, one in zip(ids, found, strict=True)
        for reference in (one.reference, *one.revised.aliases)
    ]
    await _add_aliases(conn, references)
    steps = [
        _milestone_values(procedure_id, position, step, now)
        for procedure_id, one in zip(ids, found, strict=True)
        for position, step in enumerate(one.revised.milestones)
    ]
    if steps:
        await conn.execute(insert(milestone), steps)
    return ids


async def apply(
    conn: AsyncConnection,
    stored: Procedure,
    revised: Revision,
    *,
    draft: bool,
    provenance: Provenance,
    now: datetime,
    actor: str,
    reason: str = "",
) -> int:
    """Write a revision of a stored procedure, with who, when, old, new and why. Return its number."""
    number = stored.revision + 1
    values = _fact_values(revised.facts) | _provenance_values(provenance)
    values |= {"revision": number, "draft": draft, "changed_at": now}
    await conn.execute(update(procedure).where(procedure.c.id == stored.id).values(values))
    await _add_aliases(conn, [(stored.id, reference) for reference in revised.aliases])
    before = {one.key: (position, one) for position, one in enumerate(stored.milestones)}
    for position, one in enumerate(revised.milestones):
        if before.get(one.key) != (position, one):
            old = before[one.key][1] if one.key in before else None
            await _write_milestone(conn, stored.id, position, old, one, now)
    ids = await milestone_ids(conn, stored.id)
    rows = [
        {
            "procedure_id": stored.id,
            "milestone_id": ids.get(change.subject),
            "at": now,
            "actor": actor,
            "old": _change_text(change.old),
            "new": _change_text(change.new),
            "reason": reason or f"{change.kind}: {change.subject}",
        }
        for change in revised.changes
    ]
    if rows:
        await conn.execute(insert(revision), rows)
    return number


async def note_readings(conn: AsyncConnection, found: Sequence[tuple[Procedure, Provenance]]) -> None:
    """Note that a source was read and says nothing new of these procedures.

    What many share is one statement for all; `as_of` is each one's own, so it is written only where it moved.
    """
    shared: dict[Provenance, list[int]] = {}
    dated: list[dict[str, object]] = []
    for one, provenance in found:
        known = Provenance(source_key=one.source_key, covers=one.covers, read_at=one.read_at, as_of=None)
        read = replace(provenance, as_of=None)
        if read != known:
            shared.setdefault(read, []).append(one.id)
        if provenance.as_of != one.as_of:
            dated.append({"of": one.id, "as_of": provenance.as_of})
    for read, ids in shared.items():
        values = {name: value for name, value in _provenance_values(read).items() if name != "as_of"}
        await conn.execute(update(procedure).where(procedure.c.id.in_(ids)).values(values))
    if dated:
        await conn.execute(update(procedure).where(procedure.c.id == bindparam("of")), dated)


async def note_read_again(
    conn: AsyncConnection, source_key: str, *, since: datetime | None, now: datetime
) -> Sequence[int]:
    """Note that a source says what it said when it was last read, at `since`. Return the procedures it is of.

    One that was no longer in that reading is left out.
    """
    mine = procedure.c.source_key == source_key
    if since is not None:
        mine &= procedure.c.read_at >= since
    done = await conn.execute(update(procedure).where(mine).values(read_at=now).returning(procedure.c.id))
    return list(done.scalars())


async def disown(conn: AsyncConnection, keys: Collection[str]) -> None:
    """Let procedures be nobody's whose watched source is none of `keys` any more; their dates stay."""
    gone = procedure.c.source_key.startswith(WEB_PREFIX) & procedure.c.source_key.not_in(keys)
    await conn.execute(update(procedure).where(gone).values(source_key=None))


async def _add_aliases(conn: AsyncConnection, wanted: Sequence[tuple[int, str]]) -> None:
    """Give procedures references; one that belongs to another procedure already stays there."""
    keys = {
        reference_key(reference): (procedure_id, reference) for procedure_id, reference in reversed(wanted)
    }
    if not keys:
        return
    query = select(procedure_alias.c.reference_key).where(procedure_alias.c.reference_key.in_(list(keys)))
    known = set(await conn.scalars(query))
    rows = [
        {"reference_key": key, "reference": reference, "procedure_id": procedure_id}
        for key, (procedure_id, reference) in keys.items()
        if key not in known
    ]
    if rows:
        await conn.execute(insert(procedure_alias), rows)


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


def _change_text(value: Milestone | str | None) -> str | None:
    return milestone_as_text(value) if isinstance(value, Milestone) else value


def _provenance_values(provenance: Provenance) -> dict[str, Any]:
    return {
        "source_key": provenance.source_key,
        "covers": provenance.covers,
        "read_at": provenance.read_at,
        "as_of": provenance.as_of,
    }


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
        "reason": facts.reason,
    }
