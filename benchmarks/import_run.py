"""One list imported again and again into a fresh SQLite file, in a process of its own that does nothing else.

`python -m benchmarks.import_run LIST NEXT_EDITION DATABASE` prints one JSON object (`Imported`).
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import schema
from notifier.db import Database, Rank, sqlite_url
from notifier.procedures.model import Snapshot, Status
from notifier.settings import Times
from notifier.sources.intake import Intake, Origin, intake_of
from notifier.sources.reading import read_document
from notifier.sources.sync import take_in
from tests.sources.long_lists import TODAY

SUSPENDED = 887
"""Projects of which the last import changes the status, however long the list is."""

_NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=Times().tz)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What the imports of a list took: seconds, peak memory in MB, and milliseconds of the one writer.

    `held` are all writing transactions; `changes` is how many projects each import changed.
    """

    projects: int
    read: float
    first: float
    again: float
    moved: float
    suspended: float
    peak: float
    held: list[float]
    changes: list[int]


class _Timed(Database):
    """Notes how long each writing transaction kept the writer, its commit included."""

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite_url(path))
        self.held: list[float] = []

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        began = time.perf_counter()  # nobody else writes: there is no waiting in this
        async with super().write(rank, one_state=one_state) as conn:
            yield conn
        self.held.append((time.perf_counter() - began) * 1000)


async def run(listed: Path, next_edition: Path, path: Path) -> Imported:
    """Import a list, import it again, then its next edition, then one that says much of it is suspended."""
    db = _Timed(path)
    intake = intake_of(Times())
    seconds: list[float] = []
    changes: list[int] = []

    async def take(snapshots: Sequence[Snapshot]) -> None:
        now = _NOW + timedelta(days=len(seconds))
        origin = Origin(key="web:list", actor="source list", page_read_at=now, watched=True, fetched=True)
        began = time.perf_counter()
        done = await take_in(db, snapshots, origin, intake=intake, now=now)
        seconds.append(time.perf_counter() - began)
        changes.append(sum(bool(one.changes) for one in done.taken))

    try:
        await schema.upgrade(db)
        began = time.perf_counter()
        snapshots = _read(listed, intake)
        read = time.perf_counter() - began
        db.held.clear()
        await take(snapshots)
        await take(snapshots)
        snapshots = _read(next_edition, intake)
        await take(snapshots)
        await take([_suspended(one) for one in snapshots[:SUSPENDED]])
    finally:
        await db.dispose()
    names = ("first", "again", "moved", "suspended")
    times = dict(zip(names, seconds, strict=True))
    return Imported(projects=len(snapshots), read=read, peak=_peak(), held=db.held, changes=changes, **times)


def _suspended(snapshot: Snapshot) -> Snapshot:
    """Return a reading with a status that it did not have: everything of its procedure is written anew."""
    changed = Status.IN_PROGRESS if snapshot.facts.status is Status.SUSPENDED else Status.SUSPENDED
    return replace(snapshot, facts=replace(snapshot.facts, status=changed))


def _read(path: Path, intake: Intake) -> tuple[Snapshot, ...]:
    records = read_document(
        path.read_bytes(), name="list.json", reference=None, address=None, zone=intake.rules.zone, today=TODAY
    )
    return records.snapshots


def _peak() -> float:
    """Return the most memory that this process held, in MB.

    Linux hands down the peak of the parent in `ru_maxrss`, so its own record of this program goes first.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)


def main() -> None:
    """Import what the command line names, and print what it took."""
    listed, next_edition, database = (Path(name) for name in sys.argv[1:])
    done = asyncio.run(run(listed, next_edition, database))
    print(json.dumps(asdict(done)))


if __name__ == "__main__":
    main()
