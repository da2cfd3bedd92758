"""Lists of projects imported: first, again unchanged, with 1 % of it moved, and with 887 suspended.

Memory and time must grow with the list and no faster; 887 projects is the list of July 2021.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.import_run import SUSPENDED, Imported
from benchmarks.table import Row, share
from tests.sources.long_lists import project_list, with_moves

SIZES = (887, 5_000, 20_000, 50_000)


async def measure(saved: Path | None = None) -> list[Row]:
    """Import invented lists, and one that somebody `saved`, each in a process of its own."""
    rows = [
        _row(await _import(project_list(size, moved=False), project_list(size, moved=True))) for size in SIZES
    ]
    if saved is not None:
        content = await asyncio.to_thread(saved.read_bytes)
        rows.append(_row(await _import(content, with_moves(content)), saved.name))
    return rows


async def _import(content: bytes, next_edition: bytes) -> Imported:
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / each for each in ("list.json", "next.json", "notifier.db")]
        for path, each in zip(paths, (content, next_edition), strict=False):
            await asyncio.to_thread(path.write_bytes, each)
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.import_run", *map(str, paths), stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"the import of {len(content):,} bytes ended with {child.returncode}")
    return Imported(**json.loads(printed))


def _row(done: Imported, name: str = "invented") -> Row:
    return {
        "list": name,
        "projects": done.projects,
        "read s": done.read,
        "first s": done.first,
        "again s": done.again,
        "1 % moved s": done.moved,
        f"{SUSPENDED} changed s": done.suspended,
        "peak MB": done.peak,
        "ms a project": (done.read + done.first) * 1000 / done.projects,
        "changed": " ".join(f"{each:,}" for each in done.changes),
        "writer p50 ms": share(done.held, 0.5),
        "writer p99 ms": share(done.held, 0.99),
        "writer max ms": max(done.held),
    }
