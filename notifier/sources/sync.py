"""Bringing what is stored in line with what a source says: one transaction per procedure.

The reading itself happens before, outside any transaction. What changed waits until it has settled; the
sweep tells it (`events/announce.py`).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.procedures import change_store, due_store, source_store
from notifier.procedures import store as procedures
from notifier.procedures.due import Rules, arm
from notifier.procedures.model import Milestone, Precision, Procedure, Snapshot, Status
from notifier.procedures.revise import Change, ChangeKind, revise, status_event_due
from notifier.settings import Times
from notifier.sources.errors import SourceError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How readings are taken in: by which calendar, and how long a change settles before it is told."""

    rules: Rules
    settle: timedelta


def intake_of(times: Times) -> Intake:
    """Return the calendar, the hours and the patience that the settings ask for."""
    rules = Rules(
        zone=times.tz,
        announce_at=times.announce_at,
        closes_at=times.closes_at,
        holidays=times.public_holidays,
    )
    return Intake(rules=rules, settle=timedelta(minutes=times.settle_minutes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one reading changed. `is_new`: it was never seen before. `wholly_past`: nothing is to come."""

    procedure_id: int
    is_new: bool
    wholly_past: bool
    changes: tuple[Change, ...]


async def take_in(
    db: Database,
    snapshot: Snapshot,
    *,
    source: str,
    actor: str,
    intake: Intake,
    now: datetime,
    page_read_at: datetime | None,
) -> Taken:
    """Take in one reading. `source` names what it belongs to; the first load of a source is silent.

    `page_read_at` is when the body's own page was read; None where an operator typed the schedule.

    Raises:
        SourceError: the page has no schedule at all, and the stored procedure has one.
    """
    async with db.write(Rank.HOUSEKEEPING) as conn:
        if page_read_at is not None:
            _refuse_a_cut_page(await procedures.find(conn, snapshot.reference), snapshot)
        silent = await source_store.note(conn, source, now=now)
        return await _take_in(
            conn, snapshot, silent=silent, actor=actor, intake=intake, now=now, read_at=page_read_at
        )


async def preview(db: Database, snapshot: Snapshot, *, today: date) -> tuple[Change, ...]:
    """Return what taking in the reading of a page would change, and change nothing.

    Raises:
        SourceError: as `take_in`.
    """
    async with db.read() as conn:
        stored = await procedures.find(conn, snapshot.reference)
    _refuse_a_cut_page(stored, snapshot)
    return revise(stored, snapshot, today=today).changes


async def take_in_file(
    db: Database,
    snapshot: Snapshot,
    *,
    key: str,
    digest: str,
    actor: str,
    silent: bool,
    intake: Intake,
    now: datetime,
) -> Taken:
    """Take in the reading of a file whose content has this digest, and remember that it was read."""
    async with db.write(Rank.HOUSEKEEPING) as conn:
        mine = procedures.reference_key(snapshot.reference)
        await source_store.note(conn, key, digest=digest, reference_key=mine, now=now)
        return await _take_in(
            conn, snapshot, silent=silent, actor=actor, intake=intake, now=now, read_at=None
        )


async def rearm_all(db: Database, *, rules: Rules, now: datetime) -> int:
    """Derive the instants still to come anew, since hours or zone data may differ. Return how many do."""
    async with db.read() as conn:
        ids = await due_store.armed_procedures(conn)
    count = 0
    for procedure_id in ids:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            found = (await procedures.load(conn, [procedure_id]))[procedure_id]
            count += await _arm(conn, found, silent=True, rules=rules, now=now)
    if count:
        log.warning("due_instants_recomputed", extra={"count": count})
    return count


async def _take_in(
    conn: AsyncConnection,
    snapshot: Snapshot,
    *,
    silent: bool,
    actor: str,
    intake: Intake,
    now: datetime,
    read_at: datetime | None,
) -> Taken:
    stored = await procedures.find(conn, snapshot.reference)
    revised = revise(stored, snapshot, today=intake.rules.local_date(now))
    if stored is None:
        procedure_id = await procedures.add(conn, snapshot, now=now, read_at=read_at)
        number = 1
    else:
        procedure_id, number = stored.id, stored.revision
        if revised.changes or snapshot.draft != stored.draft:
            number = await procedures.apply(
                conn, stored, revised, draft=snapshot.draft, now=now, read_at=read_at, actor=actor
            )
        else:
            await procedures.note_reading(conn, procedure_id, read_at=read_at)
    fresh = (await procedures.load(conn, [procedure_id]))[procedure_id]
    past = _wholly_past(fresh, intake.rules.local_date(now))
    lapsed: frozenset[str] = frozenset()
    if not snapshot.draft:
        changes = [one for one in revised.changes if not (_quiet(one) and silent and not past)]
        lapsed = await _wait(conn, procedure_id, changes, number=number, intake=intake, now=now)
    silent = silent or (_goes_on(stored, fresh) and change_store.STATUS not in lapsed)
    await _arm(conn, fresh, silent=silent, rules=intake.rules, now=now, lapsed=lapsed)
    return Taken(procedure_id=procedure_id, is_new=stored is None, wholly_past=past, changes=revised.changes)


async def _wait(
    conn: AsyncConnection,
    procedure_id: int,
    changes: Sequence[Change],
    *,
    number: int,
    intake: Intake,
    now: datetime,
) -> frozenset[str]:
    """Let changes settle. Return the subjects that are as they were before anybody was told."""
    lapsed: set[str] = set()
    for one in changes:
        settles_at = now if _quiet(one) else now + intake.settle
        back = await change_store.wait(
            conn,
            procedure_id,
            one,
            revision=number,
            now=now,
            settles_at=settles_at,
            told=_is_told(one),
        )
        lapsed |= {one.subject} if back else set()
    return frozenset(lapsed)


async def _arm(
    conn: AsyncConnection,
    found: Procedure,
    *,
    silent: bool,
    rules: Rules,
    now: datetime,
    lapsed: frozenset[str] = frozenset(),
) -> int:
    arming = arm(
        found.milestones,
        await due_store.of_procedure(conn, found.id),
        counts=found.status.running and not found.draft,
        held=found.held,
        silent=silent,
        lapsed=frozenset(one.key for one in found.milestones) if change_store.STATUS in lapsed else lapsed,
        rules=rules,
        now=now,
    )
    await due_store.apply(conn, arming, await procedures.milestone_ids(conn, found.id))
    return len(arming.new) + len(arming.updates)


def _goes_on(stored: Procedure | None, fresh: Procedure) -> bool:
    """Whether work began again: what passed meanwhile is history then, even an opening (promises §1.1)."""
    return stored is not None and fresh.status.running and not stored.status.running


def _refuse_a_cut_page(stored: Procedure | None, snapshot: Snapshot) -> None:
    """A page that lost its whole schedule was more likely cut than emptied by its body."""
    if stored is None or snapshot.milestones or not stored.milestones:
        return
    dates = len(stored.milestones)
    expected = (
        f"a Provisional Schedule, since {dates} dates of {stored.slug} are stored "
        "(that a body took all of them back is said in a procedure file)"
    )
    probably = "the whole page"
    raise SourceError(file=snapshot.reference, line=None, found=None, expected=expected, probably=probably)


def _quiet(change: Change) -> bool:
    """Whether a change is "Now listed here", which has nothing to settle."""
    return change.kind is ChangeKind.LISTED


def _is_told(change: Change) -> bool:
    if change.kind is ChangeKind.STATUS:
        return status_event_due(Status(str(change.old or Status.UNKNOWN)), Status(str(change.new)))
    return change.kind.is_told


def _wholly_past(found: Procedure, today: date) -> bool:
    return bool(found.milestones) and all(_is_past(one, today) for one in found.milestones)


def _is_past(milestone: Milestone, today: date) -> bool:
    """Whether nothing of it can still come; a month is over when the next has begun, TBC never."""
    last = milestone.dates.end or milestone.dates.start
    if last is None:
        return False
    return last < (today.replace(day=1) if milestone.dates.precision is Precision.MONTH else today)
