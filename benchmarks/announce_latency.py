"""Due instant → event committed → in the feed → first byte to the mail server, while nothing else is to do.

Committed is when the service says so in its log; the feed is asked for every few milliseconds, and its tag
says when it holds the event; the first byte is of MAIL FROM to the one person who follows that procedure.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.opening_day import last_event, prepare
from benchmarks.options import Options
from benchmarks.reader_watch import FeedWatch
from benchmarks.readers import address
from benchmarks.service import running
from benchmarks.sink import Sink
from benchmarks.table import Row, medians, share

APART_SECONDS = 0.2
PAUSE_SECONDS = 0.002
AFTER_SECONDS = 2.0
"""How long is waited, once the last is in the feed, for its mail."""

PATIENCE_SECONDS = 60.0


async def measure(options: Options) -> list[Row]:
    """Announce so many dates, one after the other, and time each from its due instant."""
    with tempfile.TemporaryDirectory() as name:
        ready = Path(name) / "ready"
        await prepare(ready, dates=options.dates, crowd=0)
        runs = [[await _run(ready, options.dates)] for _ in range(options.runs)]
    return medians(runs)


async def _run(ready: Path, dates: int) -> Row:
    home = ready.with_name("run")
    shutil.copytree(ready, home)
    first = last_event(home) + 1
    try:
        async with (
            Sink().listening() as sink,
            running(home, sink.port, connections=8, apart=APART_SECONDS) as service,
        ):
            feed = FeedWatch(service.port, "/feeds/all.atom", pause=PAUSE_SECONDS)
            async with feed.asking():
                await feed.sees(first + dates, seconds=dates * APART_SECONDS + PATIENCE_SECONDS)
                await asyncio.sleep(AFTER_SECONDS)
    finally:
        shutil.rmtree(home)
    seen = feed.first_seen(range(first, first + dates + 1))
    began = [sink.begun.get(address(number)) for number in range(1, dates + 1)]
    return {
        "state": "idle",
        "dates": dates,
        **latencies("committed", service.due[1:], service.announced[1:]),
        **latencies("in the feed", service.due[1:], seen[1:]),
        **latencies("first byte", service.due[1:], began),
    }


def latencies(name: str, due: Sequence[float], came: Sequence[float | None]) -> Row:
    """Return p50 and p99, in milliseconds, of what came after its due instant.

    Raises:
        RuntimeError: something never came.
    """
    if None in came:
        raise RuntimeError(f"{sum(one is None for one in came)} of {len(came)} dates never were {name}")
    waits = [(at - when) * 1000 for when, at in zip(due, came, strict=True) if at is not None]
    return {f"{name} p50 ms": share(waits, 0.5), f"{name} p99 ms": share(waits, 0.99)}
