"""Revisions in the database: who changed what, when and why. They are kept for good, names are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.hand import Hand
from notifier.procedures.tables import milestone, revision

NAME_FORGOTTEN = "a person whose name is kept no longer"
"""The actor of a revision once its time is over."""

_NO_PERSON = ("file ", "source ", "import of ")
"""How the actor of a revision begins that nobody made by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One change that was written: by whom, when (calendar time), what, and why.

    `milestone_key` is None for what concerns the procedure as a whole. `old` and `new` are texts, or a
    milestone as `store.milestone_as_text` keeps it; None: there was none, or there is none any more.
    """

    at: datetime
    actor: str
    milestone_key: str | None
    milestone_label: str | None
    old: str | None
    new: str | None
    reason: str


async def of_procedure(conn: AsyncConnection, procedure_id: int, *, limit: int) -> Sequence[Recorded]:
    """Return the newest changes of a procedure, newest first."""
    query = (
        select(revision, milestone.c.key, milestone.c.label)
        .outerjoin(milestone, milestone.c.id == revision.c.milestone_id)
        .where(revision.c.procedure_id == procedure_id)
        .order_by(revision.c.id.desc())
        .limit(limit)
    )
    return [
        Recorded(
            at=row["at"],
            actor=row["actor"],
            milestone_key=row["key"],
            milestone_label=row["label"],
            old=row["old"],
            new=row["new"],
            reason=row["reason"],
        )
        for row in (await conn.execute(query)).mappings()
    ]


async def note(
    conn: AsyncConnection,
    procedure_id: int,
    *,
    by: Hand,
    milestone_id: int | None = None,
    old: str | None,
    new: str | None,
) -> None:
    """Write what a person changed, and why."""
    await conn.execute(
        insert(revision).values(
            procedure_id=procedure_id,
            milestone_id=milestone_id,
            at=by.at,
            actor=by.by,
            old=old,
            new=new,
            reason=by.reason,
        )
    )


def made_by_hand(before: datetime) -> Select[tuple[int]]:
    """Return the changes that a person made before then and is still named for; a source is nobody."""
    by_hand = ~or_(*(revision.c.actor.startswith(word) for word in _NO_PERSON))
    return (
        select(revision.c.id)
        .where(revision.c.at < before, by_hand, revision.c.actor != NAME_FORGOTTEN)
        .order_by(revision.c.id)
    )


async def forget_names(conn: AsyncConnection, ids: Sequence[int]) -> int:
    """Forget who made these changes, and why. Return how many."""
    gone = update(revision).where(revision.c.id.in_(ids)).values(actor=NAME_FORGOTTEN, reason="")
    return (await conn.execute(gone)).rowcount
