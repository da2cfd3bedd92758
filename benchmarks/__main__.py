"""Run the benchmarks named on the command line, or all of them; print tables, save JSON.

With --gate those that have floors are run, and the exit code is 1 if a ratio fell below its floor.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import (
    announce_latency,
    cold_start,
    compose,
    fan_out,
    feeds,
    importing,
    rush,
    schedule,
    send,
    send_far,
)
from benchmarks.floors import FILE, fallen, read_floors
from benchmarks.options import Missing, Options
from benchmarks.table import Row, show

ABOUT = {
    "announce": "due instant, event committed, in the feed, first byte to the mail server [--runs --dates]",
    "send": "from the claim to the committed outcome, beside other senders [--runs --mails]",
    "send-far": "the same to a mail server 20 ms away [--runs --mails]",
    "rush": "a consultation opens to a crowd: due instant to the last mail [--runs --people]",
    "schedule": "to start with many dates, to watch them, and a thousand due at once [no option]",
    "fan-out": "one event and up to a million followers: how soon all are queued [no option]",
    "compose": "processor time a mail from claimed row to recorded outcome, no network [no option]",
    "import": "lists of up to 50,000 projects, first, again, and with some moved [--list]",
    "feeds": "a feed asked for by many, beside nginx with the same bytes [no option]",
    "cold-start": "how soon a command answers and a service serves, and its memory [no option]",
}
"""What each benchmark measures, and which options touch it; for `--help`."""

Measure = Callable[[], Awaitable[list[Row]]]
RESULTS = Path(__file__).parent / "results"


def measures(asked: Options) -> Mapping[str, Measure]:
    """Return every benchmark by its name; a new one is one line here."""
    return {
        "announce": partial(announce_latency.measure, asked),
        "send": partial(send.measure, asked),
        "send-far": partial(send_far.measure, asked),
        "rush": partial(rush.measure, asked),
        "schedule": schedule.run,
        "fan-out": fan_out.run,
        "compose": compose.measure,
        "import": partial(importing.measure, asked.saved),
        "feeds": feeds.run,
        "cold-start": cold_start.run,
    }


def main() -> None:
    """Measure, print, save; hold what was measured against the floors, where that is asked for."""
    parser, asked = _asked()
    options = Options(
        runs=asked.runs, mails=asked.mails, people=asked.people, dates=asked.dates, saved=asked.list
    )
    known = measures(options)
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(known)}")
    floors = read_floors(FILE) if asked.gate else ()
    gated = {floor.benchmark for floor in floors}
    names = asked.names or [name for name in known if name in gated or not asked.gate]
    found, missing = _run({name: known[name] for name in names})
    print(f"saved {_save(found, options)}")
    fell = fallen(found, [floor for floor in floors if floor.benchmark in names])
    for sentence in fell:
        print(f"FELL {sentence}")
    if asked.gate and not fell:
        print(f"{sum(floor.benchmark in names for floor in floors)} floors held")
    sys.exit(1 if fell or missing else 0)


def _asked() -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    usual = Options()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="\n".join(("benchmarks:", *(f"  {name:<10} {about}" for name, about in ABOUT.items()))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="of those below; by default all")
    parser.add_argument(
        "--gate", action="store_true", help="fail if a ratio is below its floor (floors.toml)"
    )
    parser.add_argument("--runs", type=int, default=usual.runs, help="of which the median counts")
    parser.add_argument("--mails", type=int, default=usual.mails, help="sent in one run")
    parser.add_argument("--people", type=int, default=usual.people, help="told at one instant")
    parser.add_argument("--dates", type=int, default=usual.dates, help="announced one after the other")
    parser.add_argument("--list", type=Path, metavar="FILE", help="a saved list of projects to import too")
    return parser, parser.parse_args()


def _run(chosen: Mapping[str, Measure]) -> tuple[dict[str, list[Row]], Sequence[str]]:
    """Return the rows of each benchmark that could be run, and the names of those that could not."""
    found: dict[str, list[Row]] = {}
    missing: list[str] = []
    for name, measure in chosen.items():
        try:
            found[name] = asyncio.run(_measured(measure))
        except Missing as error:
            missing.append(name)
            print(f"{name} was left out: {error}")
        else:
            show(name, found[name])
    return found, missing


async def _measured(measure: Measure) -> list[Row]:
    return await measure()


def _save(found: Mapping[str, Sequence[Row]], options: Options) -> Path:
    RESULTS.mkdir(exist_ok=True)
    document = {
        "python": platform.python_version(),
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "runs": options.runs,
        "results": found,
    }
    path = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
