"""The schedule at size: what it costs to start with, to watch while nothing is due, and when a thousand come.

Each size is measured in a process of its own, `python -m benchmarks.schedule DATES`, which prints one JSON
object.
"""

import asyncio
import json
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from datetime import time as hour
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import crowds
from benchmarks.child import measured_in_a_child
from benchmarks.crowds import BEGIN, CROWDED, RULES
from benchmarks.table import Row
from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.db import Database, Rank, sqlite_url
from notifier.events.announce import announce
from notifier.events.voice import Voice
from notifier.procedures import due_store
from notifier.sources.arming import rearm_all
from tests.events.words_cast import SERVICE
from tests.journeys.house import free_port, settings_for

SIZES = (1_000, 10_000, 100_000, 1_000_000)
AT_ONCE = 1_000
TIMES = 5
VOICE = Voice(rules=RULES, service=SERVICE, quiet_from=hour(20), quiet_until=hour(8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Milliseconds, and megabytes of peak memory beyond what the imports took.

    `first` and `start` are the schedule's part of the first start and of every later one; `ready` is a whole
    later start. A sweep with nothing due sends so many `statements` in so many writing transactions, and they
    take `idle` in the database alone. `claim` is reading the ids of what is due, `announced` all of it, and
    `held` the longest that this kept the writer.
    """

    dates: int
    first: float
    start: float
    ready: float
    statements: int
    writes: int
    idle: float
    sweep: float
    claim: float
    announced: float
    held: float
    mailings: int
    memory: float


class Timed(Database):
    """Notes how long each writing transaction kept the writer, in milliseconds, its commit included."""

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite_url(path))
        self.held: list[float] = []

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        began = 0.0
        async with super().write(rank, one_state=one_state) as conn:
            began = time.perf_counter()
            yield conn
        self.held.append((time.perf_counter() - began) * 1000)


async def run() -> list[Row]:
    """Measure each size in a process of its own."""
    return [_row(Measured(**await measured_in_a_child("benchmarks.schedule", size))) for size in SIZES]


async def measure(dates: int) -> Measured:
    """Measure one size."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        path = home / "notifier.db"
        await crowds.empty(path)
        await crowds.fill_schedule(path, dates, at_once=AT_ONCE)
        await crowds.add_readers(path, None, 10)
        before = peak()
        db = Timed(path)
        try:
            first = await _milliseconds(rearm_all(db, rules=RULES, now=BEGIN))
            starts = [await _milliseconds(rearm_all(db, rules=RULES, now=BEGIN)) for _ in range(TIMES)]
        finally:
            await db.dispose()
        ready, statements, writes, sweep = await _serve(home)
        idle = statistics.median(_replayed(path, statements) for _ in range(TIMES))
        db = Timed(path)
        try:
            now = crowds.noon(CROWDED)
            claim = statistics.median([await _claim(db, now) for _ in range(TIMES)])
            began, mailings = time.perf_counter(), 0
            while (done := await announce(db, VOICE, now=now)).events:
                mailings += done.mailings
            announced = (time.perf_counter() - began) * 1000
        finally:
            await db.dispose()
    return Measured(
        dates=dates,
        first=first,
        start=statistics.median(starts),
        ready=ready,
        statements=len(statements),
        writes=writes,
        idle=idle,
        sweep=sweep,
        claim=claim,
        announced=announced,
        held=max(db.held, default=0.0),
        mailings=mailings,
        memory=peak() - before,
    )


async def _serve(home: Path) -> tuple[float, list[tuple[str, Any]], int, float]:
    """Start the whole service. Return how long that took, and the statements of a sweep with nothing due."""
    settings = settings_for(home, web_port=free_port(), smtp_port=9)
    (home / "procedures").mkdir(exist_ok=True)
    db = Timed(home / "notifier.db")
    notifier = Notifier(settings, clock=ReplayClock(BEGIN), db=db)
    ready = await _milliseconds(notifier.start())
    try:
        await asyncio.sleep(1)
        db.held.clear()
        with _noted() as statements:
            sweep = await _milliseconds(notifier.watch.sweep())
            found, writes = list(statements), len(db.held)
    finally:
        await notifier.stop()
    return ready, found, writes, sweep


@contextmanager
def _noted() -> Iterator[list[tuple[str, Any]]]:
    """Collect every statement that is executed in the block."""
    found: list[tuple[str, Any]] = []

    def note(_c: object, _u: object, statement: str, parameters: Any, _x: object, _m: bool) -> None:
        found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _replayed(path: Path, statements: list[tuple[str, Any]]) -> float:
    """Return the milliseconds that the database itself takes for these statements, without their commits."""
    conn = sqlite3.connect(path, isolation_level=None)
    try:
        conn.execute("BEGIN IMMEDIATE")
        began = 0.0
        for _ in range(2):  # the first time reads the schema and fills the cache of this new connection
            began = time.perf_counter()
            for statement, parameters in statements:
                if not statement.startswith(("BEGIN", "COMMIT")):
                    conn.execute(statement, parameters).fetchall()
        return (time.perf_counter() - began) * 1000
    finally:
        conn.execute("ROLLBACK")
        conn.close()


async def _claim(db: Database, now: datetime) -> float:
    async with db.read() as conn:
        return await _milliseconds(due_store.ready(conn, now, AT_ONCE))


async def _milliseconds(work: Any) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


def peak() -> float:
    """Return the most memory that this process held, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _row(done: Measured) -> Row:
    return {
        "dates": done.dates,
        "first start ms": done.first,
        "start ms": done.start,
        "ready ms": done.ready,
        "idle statements": done.statements,
        "writes": done.writes,
        "idle db ms": done.idle,
        "sweep ms": done.sweep,
        "1,000 claimed ms": done.claim,
        "announced ms": done.announced,
        "writer max ms": done.held,
        "mailings": done.mailings,
        "memory MB": done.memory,
    }


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(measure(int(sys.argv[1]))))))
