"""A consultation opens to a crowd: due instant → last mail, and what others have of the service meanwhile.

Other consultations open while the crowd is told; somebody asks for the feed again and again. The sink is
`smtp-sink`, and the last mail is in it when the database says that all were accepted.
"""

import asyncio
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks import postfix
from benchmarks.announce_latency import latencies
from benchmarks.opening_day import last_event, prepare
from benchmarks.options import Options
from benchmarks.reader_watch import FeedWatch
from benchmarks.service import Service, running
from benchmarks.table import Row, medians, share

CONNECTIONS = 16
OTHER_DATES = 300
APART_SECONDS = 0.2
PAUSE_SECONDS = 0.005
LOOK_SECONDS = 0.05
SETTLING_SECONDS = 120.0
"""How long those may still take, after the last mail, that were due before it."""

PATIENCE_SECONDS = 1_800.0


async def measure(options: Options) -> list[Row]:
    """Tell so many people, again and again."""
    postfix.program("smtp-sink")
    with tempfile.TemporaryDirectory() as name:
        ready = Path(name) / "ready"
        await prepare(ready, dates=OTHER_DATES, crowd=options.people)
        runs = [[await _run(ready, options.people)] for _ in range(options.runs)]
    return medians(runs)


async def _run(ready: Path, people: int) -> Row:
    home = ready.with_name("run")
    shutil.copytree(ready, home)
    first = last_event(home) + 1
    try:
        async with (
            postfix.sink() as port,
            running(home, port, connections=CONNECTIONS, apart=APART_SECONDS) as service,
        ):
            feed = FeedWatch(service.port, "/feeds/all.atom", pause=PAUSE_SECONDS)
            async with feed.asking():
                ended = await _last_accepted(home, people)
                due = sum(at < ended for at in service.due)
                await feed.sees(first + due - 1, seconds=SETTLING_SECONDS)
    finally:
        shutil.rmtree(home)
    return {"people": people, **_told(service, people, ended), **_meanwhile(service, feed, first, ended)}


def _told(service: Service, people: int, ended: float) -> Row:
    seconds = ended - service.due[0]
    return {
        "due → last mail s": seconds,
        "mails/s": people / seconds,
        "CPU s": service.cpu,
        "peak MB": service.peak,
    }


def _meanwhile(service: Service, feed: FeedWatch, first: int, ended: float) -> Row:
    """Return what others had of the service between the due instant and the last mail, in milliseconds.

    `first` is the crowd's event; each other opening is one more, in the order of the due instants.
    """
    begun = service.due[0]
    others = [n for n, due in enumerate(service.due) if begun < due < ended]
    seen = feed.first_seen([first + n for n in others])
    late = [lag * 1000 for at, lag in service.late if begun <= at <= ended]
    asked = [seconds * 1000 for at, seconds in feed.unchanged if begun <= at <= ended]
    due = [service.due[n] for n in others]
    return {
        "others": len(others),
        **latencies("committed", due, [service.announced[n] for n in others]),
        **latencies("in the feed", due, seen),
        "304s": len(asked),
        "304 p99 ms": share(asked, 0.99),
        "loop p99 ms": share(late, 0.99),
        "loop max ms": max(late),
    }


async def _last_accepted(home: Path, people: int) -> float:
    """Wait until everybody's mail was accepted; return when."""
    with closing(sqlite3.connect(f"file:{home / 'notifier.db'}?mode=ro", uri=True)) as conn:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not _all_accepted(conn, people):
                await asyncio.sleep(LOOK_SECONDS)
    return time.time()


def _all_accepted(conn: sqlite3.Connection, people: int) -> bool:
    opened = "SELECT EXISTS (SELECT 1 FROM delivery WHERE state = 'pending' OR state = 'sending')"
    if conn.execute(opened).fetchone()[0]:
        return False
    query = "SELECT count(*) FROM delivery WHERE state = 'accepted'"
    return bool(conn.execute(query).fetchone()[0] >= people)
