"""What the public may see of procedures: all but drafts. Feeds and calendars are made from these reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.store import reference_key
from notifier.procedures.tables import milestone, procedure, procedure_alias, revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One procedure that is no draft, as far as its addresses and validators go."""

    id: int
    slug: str
    revision: int
    first_seen_at: datetime
    changed_at: datetime


LISTED = tuple(procedure.c[field.name] for field in fields(Listed))
"""The columns that make a `Listed`."""

LISTED_UNDER = (
    select(*LISTED)
    .join(procedure_alias, procedure_alias.c.procedure_id == procedure.c.id)
    .where(procedure_alias.c.reference_key == bindparam("key"), ~procedure.c.draft)
)
"""The procedure that has, or once had, the reference with this `key`, unless it is a draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The processes and technology types of procedures, as the source spells them, by their folded case."""

    processes: Mapping[str, str]
    technology_types: Mapping[str, str]


async def groups(conn: AsyncConnection) -> Groups:
    """Return the groups that procedures which are no drafts belong to, in the order of their names."""
    return Groups(
        processes=await _spellings(conn, procedure.c.process),
        technology_types=await _spellings(conn, procedure.c.technology_type),
    )


async def _spellings(conn: AsyncConnection, column: ColumnElement[str | None]) -> Mapping[str, str]:
    """Return each value of a column once; of several spellings the commonest."""
    query = select(column, func.count()).where(~procedure.c.draft, column.is_not(None)).group_by(column)
    rows = [(value, number) for value, number in await conn.execute(query) if value and value.strip()]
    spelt = {value.casefold(): value for value, _ in sorted(rows, key=lambda row: (row[1], row[0]))}
    return dict(sorted(spelt.items()))


async def find(conn: AsyncConnection, reference: str) -> Listed | None:
    """Return the procedure that has, or once had, this reference; None for a draft. One indexed read."""
    row = (await conn.execute(LISTED_UNDER, {"key": reference_key(reference)})).mappings().one_or_none()
    return None if row is None else Listed(**row)


async def every(conn: AsyncConnection) -> Sequence[Listed]:
    """Return every procedure that is no draft, in the order in which they were first seen."""
    query = select(*LISTED).where(~procedure.c.draft).order_by(procedure.c.id)
    return [Listed(**row) for row in (await conn.execute(query)).mappings()]


async def stamps(conn: AsyncConnection, procedure_ids: Sequence[int]) -> Mapping[int, Mapping[str, datetime]]:
    """Return when each milestone last came to read as it does, by procedure and key.

    That is the later of its own change and of the last change of the procedure as a whole: a new status or
    title changes the words of every date.
    """
    whole = (
        select(revision.c.procedure_id, func.max(revision.c.at).label("at"))
        .where(revision.c.procedure_id.in_(procedure_ids), revision.c.milestone_id.is_(None))
        .group_by(revision.c.procedure_id)
    )
    of_whole = {row.procedure_id: row.at for row in await conn.execute(whole)}
    own = select(milestone.c.procedure_id, milestone.c.key, milestone.c.changed_at)
    latest: dict[int, dict[str, datetime]] = {}
    for row in await conn.execute(own.where(milestone.c.procedure_id.in_(procedure_ids))):
        at = max(row.changed_at, of_whole.get(row.procedure_id, row.changed_at))
        latest.setdefault(row.procedure_id, {})[row.key] = at
    return latest
