"""Amending what was announced, by an operator's word: it happened, or it was wrong (promises §2)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events import store
from notifier.events.drafts_amendments import of_correction
from notifier.events.mailings import told_people
from notifier.events.recording import Spoken, Told, record
from notifier.events.saying import say_reached, scene_of
from notifier.events.voice import Voice


async def confirm(
    conn: AsyncConnection, voice: Voice, procedure_id: int, milestone_key: str, *, now: datetime
) -> tuple[Told, ...]:
    """Say that a milestone, stored as reached, has happened. Return what was recorded.

    Its alert is upgraded in the feed without a second mail; a publication is told as "Published".
    """
    scene = await scene_of(conn, procedure_id, voice, now)
    spoken = await say_reached(conn, scene, milestone_key, voice, seen_at=now, by_hand=True)
    return tuple(await record(conn, spoken, now=now))


async def correct(
    conn: AsyncConnection, voice: Voice, event_seq: int, note: str, *, now: datetime
) -> int | None:
    """Take an alert back in the operator's words. Return how many people its mail was accepted for.

    None: these words were said already, and nobody gets them twice.

    They are told whichever kinds of event they chose, unless they have stopped alerts about the procedure;
    who has the alert still before them gets none.

    Raises:
        LookupError: there is no such event.
    """
    found = (await store.load(conn, [event_seq])).get(event_seq)
    if found is None:
        raise LookupError(f"no event {event_seq}")
    scene = await scene_of(conn, found.procedure_id, voice, now)
    spoken = Spoken(draft=of_correction(scene, found, note), mail_from=now)
    if not await record(conn, [spoken], now=now):
        return None
    people = select(func.count()).select_from(told_people([event_seq]).subquery())
    return await conn.scalar(people) or 0
