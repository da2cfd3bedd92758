"""What the public may read of everything, and what tells one state of a feed or a calendar from another."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.model import Event
from notifier.events.store import event_of
from notifier.events.tables import event, event_topic, sweep
from notifier.procedures.public import LISTED, LISTED_UNDER, Listed
from notifier.procedures.store import reference_key
from notifier.procedures.tables import procedure
from notifier.subscriptions.tables import topic
from notifier.subscriptions.topics import EVERYTHING, TopicKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicState:
    """How far a procedure, or everything (`listed` is None), has come.

    `revision` grows with every change; that of everything counts drafts too, because becoming a draft changes
    what the public sees. `since` is when the first of all procedures was listed, which never changes. `seq`
    is the newest event, 0 while there is none. After `restored_at`, machine time, the database counts numbers
    anew that it had counted before. Instants are None while there is nothing.
    """

    listed: Listed | None
    revision: int
    since: datetime | None
    seq: int
    restored_at: datetime | None


def _columns(kind: TopicKind, value: ColumnElement[str]) -> tuple[ColumnElement[object], ...]:
    """Return when all began and was restored, and the number of the newest event of a topic."""
    since = select(procedure.c.first_seen_at).order_by(procedure.c.id).limit(1).correlate(None)
    of_topic = select(topic.c.id).where(topic.c.kind == kind, topic.c.value == value).correlate(procedure)
    newest = select(func.max(event_topic.c.event_seq)).where(
        event_topic.c.topic_id == of_topic.scalar_subquery()
    )
    return (
        since.scalar_subquery().label("since"),
        select(sweep.c.restored_at).limit(1).scalar_subquery().label("restored_at"),
        func.coalesce(newest.scalar_subquery(), 0).label("seq"),
    )


# One pass over a table of a few thousand rows.
_OF_EVERYTHING = select(
    func.coalesce(func.sum(procedure.c.revision), 0).label("revision"),
    *_columns(EVERYTHING.kind, literal(EVERYTHING.value)),
)

_OF_PROCEDURE = LISTED_UNDER.add_columns(*_columns(TopicKind.PROCEDURE, cast(procedure.c.id, Text)))


async def of_everything(conn: AsyncConnection) -> PublicState:
    """Return how far everything has come, by one statement."""
    row = (await conn.execute(_OF_EVERYTHING)).mappings().one()
    return PublicState(**{**row, "listed": None, "revision": int(row["revision"])})


async def of_procedure(conn: AsyncConnection, reference: str) -> PublicState | None:
    """Return how far the procedure has come that has, or once had, this reference; None for a draft.

    By one statement, along indexes.
    """
    row = (await conn.execute(_OF_PROCEDURE, {"key": reference_key(reference)})).mappings().one_or_none()
    if row is None:
        return None
    listed = Listed(**{column.name: row[column.name] for column in LISTED})
    return PublicState(
        listed=listed,
        revision=listed.revision,
        since=row["since"],
        seq=row["seq"],
        restored_at=row["restored_at"],
    )


async def latest(conn: AsyncConnection, *, limit: int) -> tuple[Event, ...]:
    """Return the newest events of all procedures that are no drafts now, newest first.

    A procedure that was withdrawn from sight takes its events with it, and brings them back.
    """
    query = (
        select(event)
        .join(procedure, procedure.c.id == event.c.procedure_id)
        .where(~procedure.c.draft)
        .order_by(event.c.seq.desc())
        .limit(limit)
    )
    return tuple(event_of(row) for row in (await conn.execute(query)).mappings())
