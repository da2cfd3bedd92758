"""What the settled changes of procedures come to, and what was seen to happen: drafts of events.

Runs inside the announcing transaction, on stored facts alone: every source was asked before.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events import drafts_amendments, store
from notifier.events.drafts import Scene
from notifier.events.drafts_changes import Settled, of_changes
from notifier.events.model import Basis, Event
from notifier.events.recording import Spoken
from notifier.events.voice import Voice
from notifier.procedures import change_store
from notifier.procedures import store as procedures
from notifier.procedures.change_store import SettledChange
from notifier.procedures.due import Edge
from notifier.procedures.model import Dates, Milestone, MilestoneKind, Precision, Procedure
from notifier.procedures.revise import ChangeKind

CORRECTED_FOR = timedelta(days=14)
"""How long after an alert a date that moves to the future takes it back (promises §1.5)."""

_FALSE_START = (ChangeKind.MOVED, ChangeKind.REMOVED)

log = logging.getLogger(__name__)


async def scene_of(conn: AsyncConnection, procedure_id: int, voice: Voice, now: datetime) -> Scene:
    """Return the scene in which something is said of a procedure now, as it is stored."""
    found = (await procedures.load(conn, [procedure_id]))[procedure_id]
    return voice.scene(found, now, restarts=(await store.restarts(conn, [procedure_id])).get(procedure_id, 0))


async def say_changes(
    conn: AsyncConnection, procedure_ids: Sequence[int], voice: Voice, now: datetime
) -> Sequence[Spoken]:
    """Say what the changes of procedures that have settled come to."""
    return [one for each in procedure_ids for one in await _of_procedure(conn, each, voice, now)]


async def _of_procedure(
    conn: AsyncConnection, procedure_id: int, voice: Voice, now: datetime
) -> Sequence[Spoken]:
    waiting = await change_store.take(conn, procedure_id, now=now, rules=voice.rules)
    if not waiting:
        return ()
    scene = await scene_of(conn, procedure_id, voice, now)
    settled = Settled(
        changes=[one.change for one in waiting],
        revision=max(one.revision for one in waiting),
        seen_at=max(one.seen_at for one in waiting),
        told=await _taken_back(conn, scene, waiting),
    )
    mail_from = voice.mail_from(now)
    spoken = [Spoken(draft=one, mail_from=mail_from) for one in of_changes(scene, settled)]
    for one in waiting:
        if one.change.kind is ChangeKind.REACHED:
            spoken += await say_reached(conn, scene, one.change.subject, voice, seen_at=one.seen_at)
    return spoken


async def say_reached(
    conn: AsyncConnection,
    scene: Scene,
    milestone_key: str,
    voice: Voice,
    *,
    seen_at: datetime,
    by_hand: bool = False,
) -> Sequence[Spoken]:
    """Say that a milestone has happened: its alert is confirmed, a publication is news."""
    found = next((one for one in scene.procedure.milestones if one.key == milestone_key), None)
    if found is None or not scene.procedure.status.running:
        return ()
    if found.kind is MilestoneKind.PUBLICATION:
        draft = drafts_amendments.of_publication(scene, seen_at=seen_at, by_hand=by_hand)
        return (Spoken(draft=draft, mail_from=voice.mail_from(scene.now)),)
    told = await _alerts(conn, scene.procedure, found)
    return [
        Spoken(
            draft=drafts_amendments.of_confirmation(scene, one, seen_at=seen_at, by_hand=by_hand),
            mail_from=scene.now,
        )
        for one in told
    ]


async def _taken_back(
    conn: AsyncConnection, scene: Scene, settled: Sequence[SettledChange]
) -> Mapping[str, Event]:
    """Return the alerts that changes take back, by milestone key: told lately, unconfirmed, and not so.

    Lately and not so as of the moment at which a change was seen: while it waits, its new date may come.
    """
    found: dict[str, Event] = {}
    for one in settled:
        change = one.change
        old, new = change.old, change.new
        if (
            change.kind not in _FALSE_START
            or not isinstance(old, Milestone)
            or not isinstance(new, Milestone)
        ):
            continue
        ahead = _may_yet_come(new.dates, scene.rules.local_date(one.seen_at))
        gone = change.kind is ChangeKind.REMOVED
        for event in await _alerts(conn, scene.procedure, old) if ahead or gone else ():
            if event.recorded_at >= one.seen_at - CORRECTED_FOR:
                found[change.subject] = event
    return found


def _may_yet_come(dates: Dates, day: date) -> bool:
    """Whether dates lie after a day, or are not known; a month does while a day of it is left."""
    if dates.start is None:
        return True
    if dates.precision is Precision.MONTH:
        return (dates.start.year, dates.start.month) >= (day.year, day.month)
    return dates.start > day


async def _alerts(conn: AsyncConnection, procedure: Procedure, milestone: Milestone) -> Sequence[Event]:
    """Return the alerts that said that a milestone was to begin or come on its day, and are not amended."""
    day = milestone.dates.start
    keys = [f"{procedure.slug}/{milestone.key}/{edge}/{day}" for edge in (Edge.OPENS, Edge.REACHED)]
    return [one for one in await store.unamended(conn, keys) if one.basis is not Basis.CONFIRMED]
