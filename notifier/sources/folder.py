"""Watched folders of files: what changed in one is taken in, file by file.

A file that cannot be read keeps its last known schedule and is a problem to show, never a reason to fall
silent (decision 0008).
"""

import asyncio
import hashlib
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from notifier.db import Database, Rank
from notifier.procedures import source_store
from notifier.procedures.source_store import KnownSource
from notifier.sources.errors import SourceError
from notifier.sources.files import PAGES, PROCEDURE_FILES, read_path
from notifier.sources.intake import Intake, Origin, Taken
from notifier.sources.sync import take_in

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Memory:
    """What one process knows of a folder: files that did not change are not read again."""

    stamps: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """(time of change in ns, size) of what was dealt with."""
    problems: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def said(self) -> tuple[str, ...]:
        """Return every problem, in the order of the files."""
        return tuple(problem for path in sorted(self.problems) for problem in self.problems[path])


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One watched folder. `name` tells the files of several apart; empty for the one of procedure files."""

    path: Path
    name: str = ""
    suffixes: tuple[str, ...] = PROCEDURE_FILES

    @property
    def key(self) -> str:
        """Under what its first reading is noted."""
        return f"folder:{self.name or self.path.name}"

    def file_key(self, path: Path) -> str:
        """Under what a file of it is known."""
        return f"file:{self.name}/{path.name}" if self.name else f"file:{path.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReading:
    """What a look at a folder came to."""

    taken: tuple[Taken, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    stamp: tuple[int, int]
    digest: str


async def sync_folder(
    db: Database,
    folder: Folder,
    *,
    intake: Intake,
    now: datetime,
    memory: Memory | None = None,
    living: Collection[str] = (),
) -> FolderReading:
    """Take in every file whose content changed since it was last read; the first look at all is silent.

    `living` are the keys of the other sources that are watched (`Origin.living`).
    """
    memory = memory or Memory()
    if not await asyncio.to_thread(folder.path.is_dir):
        return FolderReading(taken=(), problems=(f"{folder.path}: expected a folder of files to watch",))
    files = await asyncio.to_thread(_changed, folder, memory)
    if not files and memory.stamps:
        return FolderReading(taken=(), problems=memory.said())
    async with db.read() as conn:
        known = await source_store.known(conn)
    watched = frozenset(
        (*living, *(folder.file_key(path) for path in (*memory.stamps, *(file.path for file in files))))
    )
    look = _Look(db, folder, intake=intake, now=now, known=known, living=watched, memory=memory)
    taken: list[Taken] = []
    for file in files:
        stored = known.get(folder.file_key(file.path))
        if stored is None or stored.digest != file.digest:
            taken += await look.take(file)
        memory.stamps[file.path] = file.stamp
    if folder.key not in known:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            await source_store.note(conn, folder.key, now=now)
    return FolderReading(taken=tuple(taken), problems=memory.said())


class _Look:
    """One look at a folder."""

    def __init__(
        self,
        db: Database,
        folder: Folder,
        *,
        intake: Intake,
        now: datetime,
        known: Mapping[str, KnownSource],
        living: frozenset[str],
        memory: Memory,
    ) -> None:
        self._db = db
        self._folder = folder
        self._intake = intake
        self._now = now
        self._first = folder.key not in known
        self._living = living
        self._memory = memory

    async def take(self, file: _File) -> Sequence[Taken]:
        """Take in one file; what is wrong with it is remembered until it changes."""
        today = self._intake.rules.local_date(self._now)
        try:
            records = await asyncio.to_thread(read_path, file.path, zone=self._intake.rules.zone, today=today)
            done = await take_in(
                self._db,
                records.snapshots,
                self._origin(file),
                intake=self._intake,
                now=self._now,
                silent=self._first,
                digest=file.digest,
            )
        except SourceError as error:
            self._memory.problems[file.path] = (str(error),)
            return ()
        problems = (*records.problems, *done.problems)
        if problems:
            self._memory.problems[file.path] = tuple(str(one) for one in problems)
        else:
            self._memory.problems.pop(file.path, None)
        changes = sum(len(one.changes) for one in done.taken)
        log.info("file_taken_in", extra={"file": file.path.name, "changes": changes})
        return done.taken

    def _origin(self, file: _File) -> Origin:
        """Say who speaks in a file: its operator, or in a saved page its body, nobody knows when."""
        return Origin(
            key=self._folder.file_key(file.path),
            actor=f"file {file.path.name}",
            by_body=file.path.suffix in (*PAGES, ".json"),
            watched=True,
            living=self._living,
        )


def _changed(folder: Folder, memory: Memory) -> list[_File]:
    """Return the files that are not as they were; a file that went away is forgotten, with its problem."""
    found: list[_File] = []
    there: set[Path] = set()
    for path in sorted(folder.path.iterdir()):
        if path.suffix not in folder.suffixes or path.name.startswith("."):  # an editor's half-saved copy
            continue
        there.add(path)
        try:
            state = path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if memory.stamps.get(path) != stamp:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found.append(_File(path=path, stamp=stamp, digest=digest))
        except OSError as error:
            memory.problems[path] = (f"{path}: expected a readable file ({error.strerror or error})",)
            memory.stamps.pop(path, None)
    for path in {*memory.stamps, *memory.problems}:
        if path not in there:
            memory.stamps.pop(path, None)
            memory.problems.pop(path, None)
    return found
