"""`python -m benchmarks.faults`: SIGKILL at random moments of a mailing to thousands, and what it cost."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from benchmarks.table import Row, show
from tests.journeys.random_kills import CONNECTIONS, Counted, Killer, prepare


def main() -> None:
    """Kill, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--uncommitted", type=int, default=500, help="mail.uncommitted of the service")
    parser.add_argument("--seed", type=int, default=1783, help="of the moments")
    asked = parser.parse_args()
    counted = asyncio.run(_kill(asked.kills, asked.people, asked.uncommitted, asked.seed))
    show("killed at random", [_row(counted, asked.uncommitted + CONNECTIONS)])
    if counted.lost or max(counted.unrecorded) > asked.uncommitted + CONNECTIONS:
        raise SystemExit("a promise was broken")


async def _kill(kills: int, people: int, uncommitted: int, seed: int) -> Counted:
    with tempfile.TemporaryDirectory() as name:
        ready = Path(name) / "ready"
        ready.mkdir()
        await prepare(ready, people)
        return await Killer(ready, people=people, uncommitted=uncommitted, seed=seed).kill(kills)


def _row(counted: Counted, bound: int) -> Row:
    return {
        "kills": len(counted.unrecorded),
        "people": counted.people,
        "mailings": counted.mailings,
        "lost": counted.lost,
        "doubled": counted.doubled,
        "most at one kill": max(counted.unrecorded),
        "bound at one kill": bound,
        "seconds": counted.seconds,
    }


if __name__ == "__main__":
    main()
