"""One event and very many followers: how soon all are queued, with how much memory, and who waits meanwhile.

Each size is measured in a process of its own, `python -m benchmarks.fan_out PEOPLE`, which prints one JSON
object. One reader in ten gathers news for a digest.
"""

import asyncio
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import crowds
from benchmarks.child import measured_in_a_child
from benchmarks.crowds import CROWDED
from benchmarks.schedule import VOICE, peak
from benchmarks.table import Row, share
from notifier.clock import machine_now
from notifier.db import Database, Rank, sqlite_url
from notifier.events.announce import announce
from notifier.events.expand import expand
from tests.delivery.queue_cast import PostOffice, Sending

SIZES = (10_000, 100_000, 1_000_000)
GATHERING_ONE_IN = 10
OTHERS = 4_000
"""Dates of other procedures, which are announced meanwhile."""

OTHER_MAIL = 400_000
"""Mails of another mailing, which are sent meanwhile: bound as they are, taken at once by their server."""

FREE_SECONDS = 2.0
PAUSE_SECONDS = 0.2
"""Between two announcements, so that what they take of the processor hardly counts in the rate of sending."""
CONNECTIONS = 16
_NOON = crowds.noon(CROWDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What telling so many people came to.

    `seconds` until the last was queued, with nothing else to do; `peak` megabytes of the process then,
    `grown` of them since it began; `chunks` are the milliseconds that each kept the writer. Of the run beside
    others: `beside` seconds, the milliseconds that each announcement took, `announced` during it and `calm`
    after it, and letters sent a second, `free` before it and `sent` during it.
    """

    people: int
    queued: int
    gathered: int
    seconds: float
    cpu: float
    peak: float
    grown: float
    chunks: list[float]
    beside: float
    calm: list[float]
    announced: list[float]
    free: float
    sent: float


class _Timed(Database):
    """Notes how long each chunk kept the writer, in milliseconds, its commit included."""

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite_url(path))
        self.chunks: list[float] = []

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        began = 0.0
        async with super().write(rank, one_state=one_state) as conn:
            began = time.perf_counter()
            yield conn
        if rank is Rank.EXPAND:
            self.chunks.append((time.perf_counter() - began) * 1000)


async def run() -> list[Row]:
    """Measure each size in a process of its own."""
    return [_row(Measured(**await measured_in_a_child("benchmarks.fan_out", size))) for size in SIZES]


async def measure(people: int) -> Measured:
    """Tell so many people of one opening: alone, and beside announcements and sending."""
    with tempfile.TemporaryDirectory() as name:
        path, other = Path(name) / "alone.db", Path(name) / "beside.db"
        await crowds.empty(path)
        await crowds.fill_schedule(path, OTHERS, at_once=1)
        await crowds.add_readers(path, 1, people, gathering_one_in=GATHERING_ONE_IN)
        await asyncio.to_thread(shutil.copyfile, path, other)
        before = peak()
        seconds, cpu, most, chunks = await _alone(path)
        queued, gathered = _count(path)
        path.unlink()
        beside, calm, announced, free, sent = await _beside(other, people)
    return Measured(
        people=people,
        queued=queued,
        gathered=gathered,
        seconds=seconds,
        cpu=cpu,
        peak=most,
        grown=most - before,
        chunks=chunks,
        beside=beside,
        calm=calm,
        announced=announced,
        free=free,
        sent=sent,
    )


async def _alone(path: Path) -> tuple[float, float, float, list[float]]:
    db = _Timed(path)
    try:
        await announce(db, VOICE, now=_NOON)
        began, cpu = time.perf_counter(), time.process_time()
        await _expand_all(db)
        return time.perf_counter() - began, time.process_time() - cpu, peak(), db.chunks
    finally:
        await db.dispose()


async def _beside(path: Path, people: int) -> tuple[float, list[float], list[float], float, float]:
    """Tell everybody while other procedures are announced and other mail is sent."""
    await crowds.add_readers(path, 2, OTHER_MAIL)
    await crowds.queue_mail(path, after=people)
    db = _Timed(path)
    days = (_NOON + timedelta(days=n) for n in count(1))
    try:
        office = PostOffice(connections=CONNECTIONS)
        async with Sending(db, office):
            await asyncio.sleep(FREE_SECONDS / 2)
            free = await _rate(office, asyncio.create_task(asyncio.sleep(FREE_SECONDS)))
            await announce(db, VOICE, now=_NOON)
            began = time.perf_counter()
            expanding = asyncio.create_task(_expand_all(db))
            announcing = asyncio.create_task(_announce_days(db, days, expanding))
            sent = await _rate(office, expanding)
            beside = time.perf_counter() - began
            announced = await announcing
            calm = await _announce_days(db, days, asyncio.create_task(asyncio.sleep(FREE_SECONDS)))
    finally:
        await db.dispose()
    return beside, calm, announced, free, sent


async def _announce_days(db: Database, days: Iterator[datetime], during: asyncio.Task[None]) -> list[float]:
    """Announce the dates of one day after another. Return how many milliseconds each took."""
    waits: list[float] = []
    while not during.done():
        now = next(days)
        began = time.perf_counter()
        if (await announce(db, VOICE, now=now)).events:
            waits.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(PAUSE_SECONDS)
    return waits


async def _rate(office: PostOffice, during: asyncio.Task[None]) -> float:
    """Return how many letters a second are sent until a task is done."""
    began, before = time.perf_counter(), len(office.begun)
    await during
    return (len(office.begun) - before) / (time.perf_counter() - began)


async def _expand_all(db: Database) -> None:
    while await expand(db, now=_NOON, machine_now=machine_now()) is not None:
        pass


def _count(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as conn:
        tables = ("delivery", "gathered")
        queued, gathered = (conn.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables)
    return queued, gathered


def _row(done: Measured) -> Row:
    return {
        "people": done.people,
        "queued": done.queued,
        "gathered": done.gathered,
        "s": done.seconds,
        "CPU s": done.cpu,
        "peak MB": done.peak,
        "grown MB": done.grown,
        "chunks": len(done.chunks),
        "chunk p50 ms": share(done.chunks, 0.5),
        "chunk p99 ms": share(done.chunks, 0.99),
        "beside others s": done.beside,
        "calm announce p50 ms": share(done.calm, 0.5),
        "calm p99 ms": share(done.calm, 0.99),
        "announce p50 ms": share(done.announced, 0.5),
        "announce p99 ms": share(done.announced, 0.99),
        "free mails/s": done.free,
        "mails/s meanwhile": done.sent,
        "share": done.sent / done.free,
    }


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(measure(int(sys.argv[1]))))))
