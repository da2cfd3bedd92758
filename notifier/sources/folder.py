"""The watched folder of procedure files: what changed in it is taken in, file by file.

A file that cannot be read keeps its last known schedule and is a problem to show, never a reason to fall
silent (decision 0008).
"""

import asyncio
import hashlib
import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from notifier.db import Database, Rank
from notifier.procedures import source_store
from notifier.procedures.store import reference_key
from notifier.sources.errors import SourceError
from notifier.sources.sync import Intake, Taken, take_in_file
from notifier.sources.toml_files import read_file

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Memory:
    """What one process knows of a folder: files that did not change are not read again."""

    stamps: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """(time of change in ns, size) of what was dealt with."""
    problems: dict[Path, str] = field(default_factory=dict)


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
    db: Database, folder: Path, *, intake: Intake, now: datetime, memory: Memory | None = None
) -> FolderReading:
    """Take in every file whose content changed since it was last read; the first look at all is silent."""
    memory = memory or Memory()
    if not await asyncio.to_thread(folder.is_dir):
        return FolderReading(taken=(), problems=(f"{folder}: expected a folder of procedure files",))
    files = await asyncio.to_thread(_changed, folder, memory)
    if not files and memory.stamps:
        return FolderReading(taken=(), problems=tuple(memory.problems.values()))
    async with db.read() as conn:
        known = await source_store.known(conn)
    first = _folder_key(folder) not in known
    taken: list[Taken] = []
    for file in files:
        stored = known.get(_file_key(file.path))
        if stored is None or stored.digest != file.digest:
            found = await _take(db, file, silent=first, intake=intake, now=now, memory=memory)
            taken += [found] if found else []
        else:
            memory.problems.pop(file.path, None)
        memory.stamps[file.path] = file.stamp
    if first:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            await source_store.note(conn, _folder_key(folder), now=now)
    return FolderReading(taken=tuple(taken), problems=tuple(memory.problems.values()))


async def _take(
    db: Database, file: _File, *, silent: bool, intake: Intake, now: datetime, memory: Memory
) -> Taken | None:
    try:
        snapshot = await asyncio.to_thread(read_file, file.path, today=intake.rules.local_date(now))
        await _refuse_a_second_file(db, file.path, snapshot.reference)
    except SourceError as error:
        memory.problems[file.path] = str(error)
        return None
    taken = await take_in_file(
        db,
        snapshot,
        key=_file_key(file.path),
        digest=file.digest,
        actor=f"file {file.path.name}",
        silent=silent,
        intake=intake,
        now=now,
    )
    memory.problems.pop(file.path, None)
    log.info("file_taken_in", extra={"file": file.path.name, "changes": len(taken.changes)})
    return taken


async def _refuse_a_second_file(db: Database, path: Path, reference: str) -> None:
    """Two files for one procedure would undo each other at every save.

    Raises:
        SourceError: another file that is still there speaks for this procedure.
    """
    async with db.read() as conn:
        known = await source_store.known(conn)
    for key, stored in known.items():
        other = path.with_name(key.removeprefix("file:"))
        mine = stored.reference_key == reference_key(reference)
        if mine and key != _file_key(path) and await asyncio.to_thread(other.is_file):
            expected = f"a reference of its own: {other.name} has this one too"
            raise SourceError(file=str(path), line=None, found=reference, expected=expected)


def _changed(folder: Path, memory: Memory) -> list[_File]:
    """Return the files that are not as they were; a file that went away is forgotten, with its problem."""
    found: list[_File] = []
    there: set[Path] = set()
    for path in sorted(folder.glob("*.toml")):
        if path.name.startswith("."):  # an editor's lock or a half-saved copy
            continue
        there.add(path)
        try:
            state = path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if memory.stamps.get(path) != stamp:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found.append(_File(path=path, stamp=stamp, digest=digest))
        except OSError as error:
            memory.problems[path] = f"{path}: expected a readable file ({error.strerror or error})"
            memory.stamps.pop(path, None)
    for path in {*memory.stamps, *memory.problems}:
        if path not in there:
            memory.stamps.pop(path, None)
            memory.problems.pop(path, None)
    return found


def _folder_key(folder: Path) -> str:
    return f"folder:{folder.name}"


def _file_key(path: Path) -> str:
    return f"file:{path.name}"
