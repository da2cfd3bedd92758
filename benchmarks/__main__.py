"""Run the benchmarks named on the command line, or all of them."""

import argparse
import asyncio
import json
import platform
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import announce_latency, importing, whole_path
from benchmarks.table import Row, show

ALL: Mapping[str, Callable[[], Awaitable[list[Row]]]] = {
    "announce": announce_latency.measure,
    "send": whole_path.measure,
    "import": importing.measure,
}
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}; by default all")
    parser.add_argument("--list", type=Path, metavar="FILE", help="a saved list of projects to import too")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in ALL]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(ALL)}")
    measures = {**ALL, "import": partial(importing.measure, asked.list)}
    found: dict[str, list[Row]] = {}
    for name in asked.names or ALL:
        found[name] = asyncio.run(_measured(measures[name]))
        show(name, found[name])
    RESULTS.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    document = {"python": platform.python_version(), "machine": platform.platform(), "results": found}
    path = RESULTS / f"{stamp}.json"
    path.write_text(json.dumps(document, indent=2))
    print(f"saved {path}")


async def _measured(measure: Callable[[], Awaitable[list[Row]]]) -> list[Row]:
    return await measure()


if __name__ == "__main__":
    main()
