"""A procedure as the coordinator sees it: dates and holds, who changed what, what was and will be said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database
from notifier.events.forecast import Forecast, forecast
from notifier.events.model import Event, EventKind
from notifier.events.store import event_of
from notifier.events.tables import event
from notifier.events.voice import Voice
from notifier.procedures import hand_store, revision_store
from notifier.procedures.hand import HandError, unknown
from notifier.procedures.model import Procedure
from notifier.procedures.revision_store import Recorded

AHEAD = timedelta(days=366 * 15)
"""How far dates are looked for: no later year is believed (promises §1.9)."""

SHORTEST_PREFIX = 4
"""Characters of a public id that may stand for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """An event that was recorded. `name` is what it is called within its procedure: "ipac-1/reached"."""

    event: Event
    name: str
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One procedure. `announced` and `revisions` are newest first, `coming` is earliest first.

    What is still unsaid though its day has passed, because somebody holds it, is among what is to come.
    """

    procedure: Procedure
    announced: Sequence[Announced]
    coming: Sequence[Forecast]
    revisions: Sequence[Recorded]


async def look(db: Database, voice: Voice, reference: str, *, now: datetime, limit: int = 20) -> View:
    """Return a procedure with the newest `limit` of its events and revisions.

    Raises:
        HandError: there is no such procedure.
    """
    async with db.read() as conn:
        found = await hand_store.the_procedure(conn, reference)
        return View(
            procedure=found,
            announced=await announced(conn, found, limit=limit),
            coming=await forecast(conn, voice, start=now - AHEAD, end=now + AHEAD, procedure_id=found.id),
            revisions=await revision_store.of_procedure(conn, found.id, limit=limit),
        )


async def announced(conn: AsyncConnection, found: Procedure, *, limit: int) -> Sequence[Announced]:
    """Return the newest events of a procedure; what only amends another is no event of its own here."""
    later = event.alias()
    corrections = select(later.c.seq).where(
        later.c.corrects_seq == event.c.seq, later.c.kind == EventKind.CORRECTION
    )
    query = (
        select(event, exists(corrections).label("corrected"))
        .where(event.c.procedure_id == found.id, event.c.kind != EventKind.CONFIRMED)
        .order_by(event.c.seq.desc())
        .limit(limit)
    )
    return [
        Announced(
            event=event_of(row), name=_name(row["occurrence_key"], found), corrected=bool(row["corrected"])
        )
        for row in (await conn.execute(query)).mappings()
    ]


def the_event(found: Procedure, told: Sequence[Announced], wanted: str) -> Announced:
    """Return the event with this beginning of its id, or the newest with this name.

    Raises:
        HandError: there is none, or the words fit several.
    """
    text = wanted.strip().casefold()
    by_id = [one for one in told if len(text) >= SHORTEST_PREFIX and one.event.public_id.startswith(text)]
    by_name = [one for one in told if _is_called(one, text)]
    fitting = by_id or by_name
    names = {one.name.rpartition("/")[0] for one in by_name}
    if len(by_id) == 1 or (not by_id and len(names) == 1):
        return fitting[0]
    if fitting:
        choice = ", ".join(f"{one.event.public_id[:8]} ({one.name})" for one in fitting)
        raise HandError(f"“{wanted}” fits several alerts of {found.slug}: {choice}")
    raise unknown(f"alert of {found.slug} is called", wanted, [one.name for one in told])


def _name(occurrence_key: str, found: Procedure) -> str:
    return occurrence_key.removeprefix(f"{found.slug}/")


def _is_called(one: Announced, text: str) -> bool:
    name = one.name.casefold()
    return bool(text) and (name == text or name.startswith(f"{text}/"))
