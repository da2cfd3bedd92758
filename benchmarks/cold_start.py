"""How soon a command answers and a service serves, and how much memory it holds while nothing happens."""

import asyncio
import resource
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from benchmarks.served import COMMAND, Served, cpu_seconds, served
from benchmarks.table import Row

ROUNDS = 7
SETTLE_SECONDS = 1.0
FEEDS = ("/feeds/all.atom", "/feeds/all.rss", "/calendar/all.ics", "/feeds/BENCH-1.atom", "/")


async def run() -> list[Row]:
    """Start everything several times; each figure is the median.

    CPU seconds hold on a busy machine, wall seconds only on an idle one.
    """
    helps = [await _help() for _ in range(ROUNDS)]
    starts = [await _start() for _ in range(ROUNDS)]
    return [
        {
            "--help ms": 1000 * statistics.median(wall for wall, _ in helps),
            "--help CPU ms": 1000 * statistics.median(cpu for _, cpu in helps),
            "ready s": statistics.median(one.ready for one in starts),
            "ready CPU s": statistics.median(one.cpu for one in starts),
            "ready again s": statistics.median(one.again for one in starts),
            "again CPU s": statistics.median(one.again_cpu for one in starts),
            "idle MB": statistics.median(one.idle for one in starts),
            "MB after first feeds": statistics.median(one.asked for one in starts),
        }
    ]


async def _help() -> tuple[float, float]:
    """Return wall and CPU seconds of `notifier --help`."""
    begun, used = time.perf_counter(), _children_cpu()
    child = await asyncio.create_subprocess_exec(str(COMMAND), "--help", stdout=asyncio.subprocess.DEVNULL)
    await child.wait()
    return time.perf_counter() - begun, _children_cpu() - used


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Started:
    """Seconds to the first answer, with and without a schema to lay down, and memory."""

    ready = cpu = again = again_cpu = idle = asked = 0.0


async def _start() -> _Started:
    found = _Started()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        async with served(home, procedures=40) as first:
            found.ready, found.cpu = first.ready_after, cpu_seconds(first.pid)
        async with served(home, procedures=40) as second:
            found.again, found.again_cpu = second.ready_after, cpu_seconds(second.pid)
            await asyncio.sleep(SETTLE_SECONDS)
            found.idle = _megabytes(second)
            async with aiohttp.ClientSession() as client:
                for path in FEEDS:
                    async with client.get(f"http://127.0.0.1:{second.port}{path}") as answer:
                        answer.raise_for_status()
                        await answer.read()
            found.asked = _megabytes(second)
    return found


def _megabytes(one: Served) -> float:
    """Return the resident memory of a process (proc_pid_status(5))."""
    for line in Path(f"/proc/{one.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmRSS")
