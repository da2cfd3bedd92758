"""Alerts that waited while their dates changed: what is sent says what holds now, or leaves it to the change.

A reminder of a closing that has moved is left out, for whoever gets it is told the move. An opening is still
news: it is told with the closing that holds now.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.model import DateChange, Event, EventKind
from notifier.events.store import event_of
from notifier.events.tables import event
from notifier.procedures.model import Dates

_NAME_A_CLOSING = (EventKind.OPENED, EventKind.CLOSING_SOON)
CHANGE_IT = (EventKind.EXTENDED, EventKind.SHORTENED, EventKind.MOVED, EventKind.REOPENED, EventKind.REMOVED)


async def as_they_stand(conn: AsyncConnection, events: Mapping[int, Event]) -> Mapping[int, Event]:
    """Return the events as they can be told now; one that was overtaken altogether is not among them."""
    named = {seq: one for seq, one in events.items() if one.kind in _NAME_A_CLOSING}
    if not named:
        return events
    found = dict(events)
    later = await _changes(conn, named.values())
    for seq, one in named.items():
        rows = [row for change in later if change.seq > seq for row in _rows_about(one, change)]
        told = as_it_stands(one, rows[-1].new) if rows else one
        if told is None:
            del found[seq]
        else:
            found[seq] = told
    return found


async def overtaken_at(conn: AsyncConnection, one: Event) -> datetime | None:
    """Return when a change was recorded that says all of an alert; None: it can still be told."""
    if one.kind not in _NAME_A_CLOSING:
        return None
    for change in await _changes(conn, [one]):
        rows = _rows_about(one, change)
        if rows and as_it_stands(one, rows[-1].new) is None:
            return change.recorded_at
    return None


def as_it_stands(one: Event, new: Dates | None) -> Event | None:
    """Return an alert with the closing that a later change gives; None where the change says it all."""
    last = None if new is None else new.end or new.start
    if last == one.payload.deadline:
        return one
    if one.kind is EventKind.CLOSING_SOON or last is None:
        return None
    return replace(one, payload=replace(one.payload, deadline=last))


def _rows_about(one: Event, change: Event) -> list[DateChange]:
    """Return what a change says of the dates that an alert is about."""
    if change.procedure_id != one.procedure_id:
        return []
    return [row for row in change.payload.changes if row.key == one.payload.milestone_key]


async def _changes(conn: AsyncConnection, events: Collection[Event]) -> list[Event]:
    query = select(event).where(
        event.c.procedure_id.in_({one.procedure_id for one in events}),
        event.c.seq > min(one.seq for one in events),
        event.c.kind.in_(CHANGE_IT),
    )
    rows = (await conn.execute(query.order_by(event.c.seq))).mappings()
    return [event_of(row) for row in rows]
