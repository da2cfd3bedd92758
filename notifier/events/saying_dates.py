"""What due instants that have come amount to: drafts of events, and what becomes of each instant.

Runs inside the announcing transaction, on stored facts alone: every source was asked before. Many instants
are read together, decided one by one and settled together: a thousand dates of one day must not keep
everybody else from writing for seconds.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events import drafts, store
from notifier.events.decide import Skip, decide
from notifier.events.preflight import UNWATCHED, Check, Hold, Wait
from notifier.events.recording import Spoken
from notifier.events.voice import Voice
from notifier.procedures import due_store, hand_store
from notifier.procedures import store as procedures
from notifier.procedures.due import DueState, Edge
from notifier.procedures.due_store import DueRow
from notifier.procedures.hand import Hand
from notifier.procedures.model import Milestone, Procedure
from notifier.procedures.revise import speaks_for
from notifier.procedures.source_store import WEB_PREFIX
from notifier.sources.arming import rearm

BREATH = 20
"""Dates after which the loop is let go on with other things: to word them takes some milliseconds."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is stored of everything that is due: the instants, their procedures, what was told of them."""

    rows: Sequence[DueRow]
    procedures: Mapping[int, Procedure]
    restarts: Mapping[int, int]
    openings_told: Mapping[tuple[int, date], datetime | None]


@dataclass(slots=True)
class _Ends:
    """What becomes of instants by now, for those that come after them in the same batch."""

    spoken: list[Spoken] = field(default_factory=list)
    announced: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    waiting: defaultdict[datetime, list[int]] = field(default_factory=lambda: defaultdict(list))
    openings: set[tuple[int, date]] = field(default_factory=set)
    held: set[int] = field(default_factory=set)


async def say_dates(
    conn: AsyncConnection, due_ids: Sequence[int], voice: Voice, now: datetime
) -> Sequence[Spoken]:
    """Say what due instants that have come come to; nothing of one that waits, is held or is of no use."""
    found = await _find(conn, due_ids)
    ends = _Ends()
    for place, row in enumerate(found.rows, start=1):
        await _end(conn, found, row, ends, voice, now)
        if place % BREATH == 0:
            await asyncio.sleep(0)
    await _settle(conn, ends)
    return ends.spoken


async def _settle(conn: AsyncConnection, ends: _Ends) -> None:
    """Write what became of the instants so far."""
    await due_store.settle(conn, ends.announced, DueState.ANNOUNCED)
    await due_store.settle(conn, ends.skipped, DueState.SKIPPED)
    for until, waiting in ends.waiting.items():
        await due_store.push(conn, waiting, until)
    ends.announced, ends.skipped = [], []
    ends.waiting.clear()


async def _find(conn: AsyncConnection, due_ids: Sequence[int]) -> _Found:
    rows = await due_store.rows(conn, due_ids)
    ids = sorted({row.procedure_id for row in rows})
    loaded = await procedures.load(conn, ids)
    return _Found(
        rows=rows,
        procedures=loaded,
        restarts=await store.restarts(conn, ids),
        openings_told=await _openings_told(conn, rows, loaded),
    )


async def _end(
    conn: AsyncConnection, found: _Found, row: DueRow, ends: _Ends, voice: Voice, now: datetime
) -> None:
    """Decide about one instant, and keep what becomes of it."""
    if row.milestone_id in ends.held:
        return
    procedure = found.procedures[row.procedure_id]
    milestone = _milestone(procedure, row)
    decision = decide(
        row.instant,
        milestone,
        status=procedure.status,
        known_since=row.known_since,
        opening_told_at=_opening_told_at(found, row, milestone, ends, now),
        rules=voice.rules,
        now=now,
        check=check_of(procedure, milestone, row),
        policy=voice.policy,
    )
    if isinstance(decision, Wait):
        ends.waiting[decision.until].append(row.id)
    elif isinstance(decision, Hold):
        log.warning("due_held", extra={"due": row.id, "why": decision.why})
        await _settle(conn, ends)  # or what was announced a moment ago would be held too
        by = Hand(by="source check", reason=decision.why, at=now)
        await hand_store.set_held(conn, procedure, milestone, held=True, by=by)
        await rearm(conn, procedure.id, rules=voice.rules, now=now)
        ends.held.add(row.milestone_id)
    elif isinstance(decision, Skip):
        log.info("due_skipped", extra={"due": row.id, "why": decision.why})
        ends.skipped.append(row.id)
    else:
        ends.announced.append(row.id)
        if row.instant.edge is Edge.OPENS:
            ends.openings.add((row.milestone_id, row.instant.local_date))
        scene = voice.scene(procedure, now, restarts=found.restarts.get(procedure.id, 0))
        draft = drafts.of_due(scene, milestone, row.instant, decision)
        ends.spoken.append(Spoken(draft=draft, mail_from=now))


def check_of(procedure: Procedure, milestone: Milestone, row: DueRow) -> Check:
    """Return what is known of the source of a date; a source that does not speak for it cannot be asked."""
    key = procedure.source_key
    if key is None or not key.startswith(WEB_PREFIX) or not speaks_for(procedure.covers, milestone):
        return UNWATCHED
    return Check(watched=True, at=row.checked_at, as_=row.checked_as)


def _milestone(procedure: Procedure, row: DueRow) -> Milestone:
    found = next((one for one in procedure.milestones if one.key == row.milestone_key), None)
    if found is None:  # never StopIteration, of which a coroutine makes an error that nobody expects
        raise LookupError(f"{procedure.slug} has no {row.milestone_key}")
    return found


async def _openings_told(
    conn: AsyncConnection, rows: Sequence[DueRow], loaded: Mapping[int, Procedure]
) -> Mapping[tuple[int, date], datetime | None]:
    """Return the openings that were announced of ranges of which a first reminder is due, and when.

    No instant: it was announced, and no event says so.
    """
    keys: dict[tuple[int, date], str] = {}
    for row in rows:
        procedure = loaded.get(row.procedure_id)
        if row.instant.edge is Edge.CLOSING_7 and procedure is not None:
            day = _milestone(procedure, row).dates.start
            if day is not None:
                keys[row.milestone_id, day] = f"{procedure.slug}/{row.milestone_key}/{Edge.OPENS}/{day}"
    if not keys:
        return {}
    announced = await due_store.announced_days(conn, Edge.OPENS, sorted({one for one, _ in keys}))
    told = await store.recorded_at(conn, list(keys.values()))
    return {one: told.get(key) for one, key in keys.items() if one in announced}


def _opening_told_at(
    found: _Found, row: DueRow, milestone: Milestone, ends: _Ends, now: datetime
) -> datetime | None:
    """Return when the opening of the present range was told; now if by this very batch."""
    if milestone.dates.start is None:
        return None
    opening = (row.milestone_id, milestone.dates.start)
    if opening in found.openings_told:
        return found.openings_told[opening] or now
    return now if opening in ends.openings else None
