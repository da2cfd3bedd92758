"""What the coordinator's hand writes: holds, drafts and what happened, each with its revision."""

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_letters

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures import revision_store
from notifier.procedures import store as procedures
from notifier.procedures.hand import Hand, HandError, unknown
from notifier.procedures.model import Milestone, MilestoneState, Procedure, shown_id
from notifier.procedures.tables import milestone, procedure, procedure_alias

LOADED = 500
"""Procedures read in one statement; SQLite takes some thirty thousand values at most."""

_HELD, _FREE = "held", "not held"
_DRAFT, _PUBLIC = "draft", "published"


async def the_procedure(conn: AsyncConnection, reference: str) -> Procedure:
    """Return the procedure that has, or once had, this reference.

    Raises:
        HandError: none has. Where it is the ID number of some, the message names them: it never guesses.
    """
    found = await procedures.find(conn, reference)
    if found is not None:
        return found
    numbered = await with_shown_id(conn, reference)
    if numbered:
        raise HandError(f"“{reference}” is an ID number; name the reference: {', '.join(numbered)}")
    known = (await conn.scalars(select(procedure_alias.c.reference))).all()
    raise unknown("procedure has the reference", reference, known)


async def every(conn: AsyncConnection) -> Sequence[Procedure]:
    """Return every procedure, drafts too, in the order of their references."""
    ids = (await conn.scalars(select(procedure.c.id))).all()
    found: list[Procedure] = []
    for first in range(0, len(ids), LOADED):
        found += (await procedures.load(conn, ids[first : first + LOADED])).values()
    return sorted(found, key=lambda one: one.slug)


async def with_shown_id(conn: AsyncConnection, text: str) -> list[str]:
    """Return the references of what people call "IP1783", "ID1783" or "1783"."""
    number = text.strip().lstrip(ascii_letters)
    columns = (procedure.c.slug, procedure.c.process, procedure.c.id_number)
    query = select(*columns).where(procedure.c.id_number.in_((number, text.strip())))
    return [
        row.slug
        for row in await conn.execute(query.order_by(procedure.c.id))
        if text.strip().casefold()
        in (row.id_number.casefold(), shown_id(row.process, row.id_number, row.slug).casefold())
    ]


async def set_held(
    conn: AsyncConnection, found: Procedure, one: Milestone | None, *, held: bool, by: Hand
) -> None:
    """Hold or release one date, or the whole procedure where `one` is None."""
    if one is None:
        await conn.execute(update(procedure).where(procedure.c.id == found.id).values(held=held))
        old, new = (_FREE, _HELD) if held else (_HELD, _FREE)
        await revision_store.note(conn, found.id, by=by, old=old, new=new)
    else:
        await _write(conn, found, one, replace(one, held=held), by)


async def set_draft(conn: AsyncConnection, found: Procedure, *, draft: bool, by: Hand) -> None:
    """Take a procedure out of the public's sight, or let it be seen."""
    values = {"draft": draft, "revision": procedure.c.revision + 1, "changed_at": by.at}
    await conn.execute(update(procedure).where(procedure.c.id == found.id).values(values))
    old, new = (_PUBLIC, _DRAFT) if draft else (_DRAFT, _PUBLIC)
    await revision_store.note(conn, found.id, by=by, old=old, new=new)


async def set_reached(conn: AsyncConnection, found: Procedure, one: Milestone, *, by: Hand) -> None:
    """Note that something happened, because a person says so."""
    values = {"revision": procedure.c.revision + 1, "changed_at": by.at}
    await conn.execute(update(procedure).where(procedure.c.id == found.id).values(values))
    await _write(conn, found, one, replace(one, state=MilestoneState.REACHED), by)


async def _write(conn: AsyncConnection, found: Procedure, old: Milestone, new: Milestone, by: Hand) -> None:
    row_id = (await procedures.milestone_ids(conn, found.id))[old.key]
    values = {"held": new.held, "state": new.state}
    if new.state is not old.state:
        values["changed_at"] = by.at
    await conn.execute(update(milestone).where(milestone.c.id == row_id).values(values))
    await revision_store.note(
        conn,
        found.id,
        by=by,
        milestone_id=row_id,
        old=procedures.milestone_as_text(old),
        new=procedures.milestone_as_text(new),
    )
