"""Bringing what is stored in line with what a source says: one transaction per procedure.

The reading itself happens before, outside any transaction. What changed waits until it has settled; the
sweep tells it (`events/announce.py`).
"""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.procedures import change_store, due_store, source_store
from notifier.procedures import store as procedures
from notifier.procedures.due import Rules, arm
from notifier.procedures.model import Procedure, Snapshot, Status
from notifier.procedures.revise import Change, ChangeKind, revise, status_event_due
from notifier.settings import Times
from notifier.sources.errors import SourceError
from notifier.sources.toml_files import read_file

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReading:
    """What a look at a folder came to; a file with a problem keeps its last known schedule."""

    taken: tuple[Taken, ...]
    problems: tuple[str, ...]


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
    """
    async with db.write(Rank.HOUSEKEEPING) as conn:
        silent = await source_store.note(conn, source, "", now=now)
        return await _take_in(
            conn, snapshot, silent=silent, actor=actor, intake=intake, now=now, read_at=page_read_at
        )


async def preview(db: Database, snapshot: Snapshot, *, today: date) -> tuple[Change, ...]:
    """Return what taking in a reading would change, and change nothing."""
    async with db.read() as conn:
        return revise(await procedures.find(conn, snapshot.reference), snapshot, today=today).changes


async def sync_folder(db: Database, folder: Path, *, intake: Intake, now: datetime) -> FolderReading:
    """Take in every file of a folder whose content changed since it was last read."""
    files = await asyncio.to_thread(_contents, folder)
    async with db.read() as conn:
        first = await source_store.digest(conn, _folder_key(folder)) is None
        news = [
            (path, digest)
            for path, digest in files
            if await source_store.digest(conn, _file_key(path)) != digest
        ]
    taken: list[Taken] = []
    problems: list[str] = []
    for path, digest in news:
        try:
            snapshot = await asyncio.to_thread(read_file, path, today=intake.rules.local_date(now))
        except SourceError as error:
            problems.append(str(error))
            continue
        taken.append(await _take_file(db, path, digest, snapshot, silent=first, intake=intake, now=now))
    if first:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            await source_store.note(conn, _folder_key(folder), "", now=now)
    return FolderReading(taken=tuple(taken), problems=tuple(problems))


async def _take_file(
    db: Database,
    path: Path,
    digest: str,
    snapshot: Snapshot,
    *,
    silent: bool,
    intake: Intake,
    now: datetime,
) -> Taken:
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await source_store.note(conn, _file_key(path), digest, now=now)
        taken = await _take_in(
            conn, snapshot, silent=silent, actor=f"file {path.name}", intake=intake, now=now, read_at=None
        )
    log.info("file_taken_in", extra={"file": path.name, "changes": len(taken.changes)})
    return taken


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
    if not snapshot.draft:
        changes = [one for one in revised.changes if not (_quiet(one) and silent and not past)]
        await _wait(conn, procedure_id, changes, number=number, intake=intake, now=now)
    await _arm(conn, fresh, silent=silent, rules=intake.rules, now=now)
    return Taken(procedure_id=procedure_id, is_new=stored is None, wholly_past=past, changes=revised.changes)


async def _wait(
    conn: AsyncConnection,
    procedure_id: int,
    changes: Sequence[Change],
    *,
    number: int,
    intake: Intake,
    now: datetime,
) -> None:
    for one in changes:
        settles_at = now if _quiet(one) else now + intake.settle
        await change_store.wait(
            conn,
            procedure_id,
            one,
            revision=number,
            now=now,
            settles_at=settles_at,
            told=_is_told(one),
        )


async def _arm(conn: AsyncConnection, found: Procedure, *, silent: bool, rules: Rules, now: datetime) -> int:
    arming = arm(
        found.milestones,
        await due_store.of_procedure(conn, found.id),
        counts=found.status.running and not found.draft,
        held=found.held,
        silent=silent,
        rules=rules,
        now=now,
    )
    await due_store.apply(conn, arming, await procedures.milestone_ids(conn, found.id))
    return len(arming.new) + len(arming.updates)


def _quiet(change: Change) -> bool:
    """Whether a change is "Now listed here", which has nothing to settle."""
    return change.kind is ChangeKind.LISTED


def _is_told(change: Change) -> bool:
    if change.kind is ChangeKind.STATUS:
        return status_event_due(Status(str(change.old or Status.UNKNOWN)), Status(str(change.new)))
    return change.kind.is_told


def _wholly_past(found: Procedure, today: date) -> bool:
    days = [one.dates.end or one.dates.start for one in found.milestones]
    known = [day for day in days if day is not None]
    return bool(known) and max(known) < today


def _contents(folder: Path) -> list[tuple[Path, str]]:
    paths = sorted(folder.glob("*.toml"))
    return [(path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]


def _folder_key(folder: Path) -> str:
    return f"folder:{folder.name}"


def _file_key(path: Path) -> str:
    return f"file:{path.name}"
