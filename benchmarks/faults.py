"""`python -m benchmarks.faults`: SIGKILL at random moments of a mailing to thousands, and what it cost.

On SQLite the one process is killed; on PostgreSQL each of three, a server and two workers, started as the
command line starts them. Nobody may be lost; what may come twice is what the mail server took and nobody had
recorded: at each kill at most `mail.uncommitted` mails and one for each connection.
"""

import argparse
import asyncio
import signal
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from benchmarks import faults_postgresql
from benchmarks.options import Missing
from benchmarks.readers import add_readers
from benchmarks.sink import Sink
from benchmarks.table import Row, show
from tests.journeys.house import open_house, ship_ip1783
from tests.journeys.random_kills import CONNECTIONS, Counted, Killer


def main() -> None:
    """Kill, count and print; fail if a promise was broken."""
    asked = _asked()
    bound = asked.uncommitted + CONNECTIONS
    kill = _kill_on_sqlite if asked.database == "sqlite" else faults_postgresql.kill
    try:
        counted = asyncio.run(
            _ended_in_order(kill(asked.kills, asked.people, asked.uncommitted, asked.seed, _noted))
        )
    except Missing as error:
        raise SystemExit(str(error)) from None
    show(f"killed at random, {asked.database}", [_row(counted, bound)])
    broken = counted.lost or counted.doubled > bound * asked.kills
    if broken or max(counted.unrecorded) > bound:
        raise SystemExit("a promise was broken")


async def _ended_in_order(work: Coroutine[Any, Any, Counted]) -> Counted:
    """Let SIGTERM end the work as Ctrl-C does, so that no process of it is left behind."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def _noted(kills: int) -> None:
    """Show that it goes on: a hundred kills take half a minute on SQLite, 20 on PostgreSQL."""
    if kills % 10 == 0:
        print(f"{kills} kills", flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("database", nargs="?", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--people", type=int, default=20_000, help="told by one mailing")
    parser.add_argument("--uncommitted", type=int, default=500, help="mail.uncommitted of the service")
    parser.add_argument("--seed", type=int, default=1783, help="of the moments")
    return parser.parse_args()


async def _kill_on_sqlite(
    kills: int, people: int, uncommitted: int, seed: int, noted: Callable[[int], None]
) -> Counted:
    with tempfile.TemporaryDirectory() as name:
        ready = Path(name) / "ready"
        ready.mkdir()
        ship_ip1783(ready)
        async with open_house(ready, "2022-10-01T09:00") as house:
            await add_readers(house.notifier.db, people, now=house.clock.now())
        killer = Killer(ready, people=people, uncommitted=uncommitted, seed=seed, tally=Sink, noted=noted)
        return await killer.kill(kills)


def _row(counted: Counted, bound: int) -> Row:
    """Return what is told of the kills."""
    return {
        "kills": counted.kills,
        "people": counted.people,
        "mailings": counted.mailings,
        "lost": counted.lost,
        "doubled": counted.doubled,
        "doubled ÷ kills": counted.doubled / counted.kills,
        "most at one kill": max(counted.unrecorded),
        "bound at one kill": bound,
        "seconds": counted.seconds,
    }


if __name__ == "__main__":
    main()
