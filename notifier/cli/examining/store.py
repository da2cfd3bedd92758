"""The database file, looked through as far as time allows, beside a running server."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from notifier.cli.finding import Finding, attention, failed, fine

QUICK_CHECK_SECONDS = 10.0
"""A database of some gigabytes takes longer; then it is looked through up to there."""

STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock."""

LARGE_LOG = 256_000_000
"""Bytes of the log beside the database: some reader has kept it from being written back for hours."""


async def database(path: Path) -> Sequence[Finding]:
    """Say whether the file is whole and how large its log is; nothing of one that is not there yet."""
    return await asyncio.to_thread(_look, path)


def _look(path: Path) -> Sequence[Finding]:
    return [_quick_check(path), *_log(path)] if path.is_file() else []


def _quick_check(path: Path) -> Finding:
    ends = time.monotonic() + QUICK_CHECK_SECONDS
    late = False

    def stop() -> int:
        nonlocal late
        late = time.monotonic() > ends
        return int(late)

    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as found:
            found.set_progress_handler(stop, STEPS)
            [first, *_] = [str(row[0]) for row in found.execute("PRAGMA quick_check(5)")]
    except sqlite3.Error as error:
        if late:
            return fine(
                "database file", f"Looked through for {QUICK_CHECK_SECONDS:g} seconds; no fault so far."
            )
        return failed("database file", f"{path} cannot be read: {error}.", "Restore the last good backup.")
    if first != "ok":
        remedy = "Stop the service, keep this file, and restore the last good backup."
        return failed("database file", f"{path} is damaged: {first}.", remedy)
    return fine("database file", f"{path} is whole.")


def _log(path: Path) -> Sequence[Finding]:
    log = path.with_name(f"{path.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size <= LARGE_LOG:
        return ()
    words = f"The log beside the database has grown to {size / 1e6:,.0f} MB."
    return [attention("database file", words, "See which program keeps the database open, such as a backup.")]
