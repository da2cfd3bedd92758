"""Run the benchmarks named on the command line, or all of them."""

import asyncio
import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import announce_latency, whole_path
from benchmarks.table import Row, show

ALL = {"announce": announce_latency.measure, "send": whole_path.measure}
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, print and save."""
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(ALL)}")
    found: dict[str, list[Row]] = {}
    for name in names:
        found[name] = asyncio.run(ALL[name]())
        show(name, found[name])
    RESULTS.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    document = {"python": platform.python_version(), "machine": platform.platform(), "results": found}
    path = RESULTS / f"{stamp}.json"
    path.write_text(json.dumps(document, indent=2))
    print(f"saved {path}")


if __name__ == "__main__":
    main()
