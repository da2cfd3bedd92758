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
    return (await _scenes(conn, [procedure_id], voice, now))[procedure_id]


async def _scenes(
    conn: AsyncConnection, procedure_ids: Sequence[int], voice: Voice, now: datetime
) -> Mapping[int, Scene]:
    found = await procedures.load(conn, procedure_ids)
    restarts = await store.restarts(conn, procedure_ids)
    return {id_: voice.scene(one, now, restarts=restarts.get(id_, 0)) for id_, one in found.items()}


async def say_changes(
    conn: AsyncConnection, procedure_ids: Sequence[int], voice: Voice, now: datetime
) -> Sequence[Spoken]:
    """Say what the changes of procedures that have settled come to."""
    taken = await change_store.take(conn, procedure_ids, now=now, rules=voice.rules)
    waiting = {id_: changes for id_, changes in taken.items() if changes}
    scenes = await _scenes(conn, list(waiting), voice, now)
    taken_back = await _taken_back(conn, scenes, waiting)
    return [
        one
        for id_, changes in waiting.items()
        for one in await _of_procedure(conn, scenes[id_], changes, taken_back[id_], voice)
    ]


async def _of_procedure(
    conn: AsyncConnection,
    scene: Scene,
    waiting: Sequence[SettledChange],
    taken_back: Mapping[str, Event],
    voice: Voice,
) -> Sequence[Spoken]:
    settled = Settled(
        changes=[one.change for one in waiting],
        revision=max(one.revision for one in waiting),
        seen_at=max(one.seen_at for one in waiting),
        told=taken_back,
    )
    mail_from = voice.mail_from(scene.now)
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
    told = await _alerts(conn, _alert_keys(scene.procedure, found))
    return [
        Spoken(
            draft=drafts_amendments.of_confirmation(scene, one, seen_at=seen_at, by_hand=by_hand),
            mail_from=scene.now,
        )
        for one in told.values()
    ]


async def _taken_back(
    conn: AsyncConnection, scenes: Mapping[int, Scene], waiting: Mapping[int, Sequence[SettledChange]]
) -> Mapping[int, Mapping[str, Event]]:
    """Return the alerts that changes take back, by procedure and milestone: told lately, and unconfirmed.

    Lately and not so as of the moment at which a change was seen: while it waits, its new date may come.
    """
    keys = {
        key: (id_, one)
        for id_, changes in waiting.items()
        for one in changes
        if isinstance(one.change.old, Milestone) and _is_false_start(scenes[id_], one)
        for key in _alert_keys(scenes[id_].procedure, one.change.old)
    }
    found: dict[int, dict[str, Event]] = {id_: {} for id_ in waiting}
    for key, event in (await _alerts(conn, list(keys))).items():
        id_, one = keys[key]
        if event.recorded_at >= one.seen_at - CORRECTED_FOR:
            found[id_][one.change.subject] = event
    return found


def _is_false_start(scene: Scene, one: SettledChange) -> bool:
    """Whether what was said of a date's coming is not so, if it was said."""
    change = one.change
    if change.kind not in _FALSE_START or not isinstance(change.new, Milestone):
        return False
    ahead = _may_yet_come(change.new.dates, scene.rules.local_date(one.seen_at))
    return ahead or change.kind is ChangeKind.REMOVED


def _may_yet_come(dates: Dates, day: date) -> bool:
    """Whether dates lie after a day, or are not known; a month does while a day of it is left."""
    if dates.start is None:
        return True
    if dates.precision is Precision.MONTH:
        return (dates.start.year, dates.start.month) >= (day.year, day.month)
    return dates.start > day


async def _alerts(conn: AsyncConnection, keys: Sequence[str]) -> Mapping[str, Event]:
    """Return those of the alerts with these keys that are neither amended nor confirmed, oldest first."""
    told = await store.unamended(conn, keys) if keys else {}
    return {key: one for key, one in told.items() if one.basis is not Basis.CONFIRMED}


def _alert_keys(procedure: Procedure, milestone: Milestone) -> Sequence[str]:
    """Return the keys of the alerts that say that a milestone begins or comes on its day."""
    day = milestone.dates.start
    return [f"{procedure.slug}/{milestone.key}/{edge}/{day}" for edge in (Edge.OPENS, Edge.REACHED)]
