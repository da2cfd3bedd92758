"""What a document changes and whom that is told to; then, unless it is a dry run, the document taken in."""

import asyncio
import contextlib
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from notifier import schema
from notifier.cli.document import Document
from notifier.cli.opened import opened, upgraded
from notifier.db import Database, sqlite_url
from notifier.events.preview import Foreseen, people_told
from notifier.events.voice import Voice
from notifier.procedures import source_store
from notifier.procedures.model import Procedure, Snapshot
from notifier.procedures.store import reference_key
from notifier.settings import Settings
from notifier.sources.errors import SourceError
from notifier.sources.intake import intake_of
from notifier.sources.sync import CHUNK, Intaken, preview, take_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One procedure of a document. `is_older`: what is stored was read later, so nothing of it is taken.

    `watched_by` is the key of another source that is watched for it, if there is one.
    """

    snapshot: Snapshot
    changes: tuple[Foreseen, ...]
    is_new: bool = False
    is_older: bool = False
    wholly_past: bool = False
    watched_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a document came to: each procedure that could be taken in, and what was wrong with others."""

    readings: tuple[Reading, ...]
    problems: tuple[SourceError, ...]


async def bring_in(
    document: Document,
    settings: Settings,
    voice: Voice,
    *,
    now: datetime,
    dry_run: bool,
    advanced: Callable[[int], None],
) -> Findings:
    """Compare a document with what is stored, and take it in unless it is a `dry_run`.

    `advanced` hears how many more procedures have been compared.
    """
    async with _database(settings, dry_run=dry_run) as db:
        found = await _foresee(db, document, voice, now=now, advanced=advanced)
        if dry_run or not found.readings:
            return found
        done = await take_in(
            db, document.records.snapshots, document.origin, intake=intake_of(settings.times), now=now
        )
    return _as_taken(found, done)


@contextlib.asynccontextmanager
async def _database(settings: Settings, *, dry_run: bool) -> AsyncIterator[Database]:
    """Open the database; a dry run gets one of its own where there is none, or one of another version.

    Only of an SQLite file: a database on a server is not copied for a look at it.
    """
    if settings.database.url is not None:
        async with opened(settings) if dry_run else upgraded(settings) as db:
            yield db
        return
    path = settings.database.path
    with tempfile.TemporaryDirectory(prefix="notifier-") as folder:
        there = path
        if dry_run and not await _is_current(path):
            there = Path(folder) / "dry-run.db"
            await asyncio.to_thread(_copy, path, there)
        await asyncio.to_thread(there.parent.mkdir, parents=True, exist_ok=True)
        db = Database(sqlite_url(there))
        try:
            await schema.upgrade(db)
            yield db
        finally:
            await db.dispose()


async def _is_current(path: Path) -> bool:
    if not await asyncio.to_thread(path.is_file):
        return False
    db = Database(sqlite_url(path))
    try:
        return await schema.is_current(db)
    finally:
        await db.dispose()


def _copy(path: Path, there: Path) -> None:
    """Copy a database, if there is one; a server may be writing to it at this moment."""
    if not path.is_file():
        return
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(there)) as copy,
    ):
        source.backup(copy)


async def _foresee(
    db: Database, document: Document, voice: Voice, *, now: datetime, advanced: Callable[[int], None]
) -> Findings:
    snapshots, origin = document.records.snapshots, document.origin
    readings: list[Reading] = []
    problems = list(document.records.problems)
    async with db.read() as conn:
        silent = not await source_store.is_known(conn, origin.key)
    for start in range(0, len(snapshots), CHUNK):
        chunk = {one.reference: one for one in snapshots[start : start + CHUNK]}
        found, known = await preview(db, list(chunk.values()), origin, today=voice.rules.local_date(now))
        problems += found.problems
        async with db.read() as conn:
            for one in found.taken:
                snapshot = chunk[one.reference]
                stored = _stored(snapshot, known)
                told = await people_told(conn, voice, stored, snapshot, one.changes, silent=silent, now=now)
                other = stored.source_key if stored is not None else None
                reading = Reading(
                    snapshot=snapshot,
                    changes=told,
                    is_new=one.is_new,
                    is_older=one.is_older,
                    watched_by=None if other == origin.key else other,
                )
                readings.append(reading)
        advanced(len(chunk))
    return Findings(readings=tuple(readings), problems=tuple(problems))


def _stored(snapshot: Snapshot, known: Mapping[str, Procedure]) -> Procedure | None:
    keys = [reference_key(one) for one in (snapshot.reference, *snapshot.aliases)]
    return next((known[key] for key in keys if key in known), None)


def _as_taken(found: Findings, done: Intaken) -> Findings:
    past = {one.reference for one in done.taken if one.is_new and one.wholly_past}
    readings = tuple(
        replace(one, wholly_past=one.is_new and one.snapshot.reference in past) for one in found.readings
    )
    return replace(found, readings=readings)
