"""The file beside the database that remembers who was erased, for the day on which a backup is restored.

A backup still holds the addresses that were erased after it was made. The file holds only their keyed hashes,
for as long as backups are kept, and is not restored with them.
"""

import asyncio
import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import home_of

KEPT = timedelta(days=35)
"""How long a line is kept: as long as a backup (promises §6)."""


class ErasureLog:
    """Lines of an instant and a keyed hash, only ever appended; of several processes one writes at a time."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_suffix(".erased")

    def add(self, hashes: Collection[str], *, at: datetime) -> None:
        """Write that these addresses are erased; it is on the disk when this returns."""
        with self._locked() as file:
            size = os.fstat(file).st_size
            torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
            lines = "".join(f"{at.isoformat()} {one}\n" for one in hashes)
            _write(file, ("\n" if torn else "") + lines)

    def read(self) -> Mapping[str, datetime]:
        """Return when each address was last erased, by its keyed hash. A torn line was never committed."""
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return {}
        return {hash_: at for at, hash_ in sorted(_lines(text))}

    def drop(self, before: datetime) -> int:
        """Leave out what was erased before then. Return how many lines that were."""
        if not self.path.exists():
            return 0
        with self._locked():
            lines = list(_lines(self.path.read_text()))
            kept = [(at, hash_) for at, hash_ in lines if at >= before]
            if len(kept) == len(lines):
                return 0
            fresh = self.path.with_suffix(".erased-new")
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                _write(file, "".join(f"{at.isoformat()} {hash_}\n" for at, hash_ in kept))
            finally:
                os.close(file)
            fresh.replace(self.path)
            return len(lines) - len(kept)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Open the file for appending, and be the only one; who waited may hold a file that was replaced."""
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.fstat(file).st_ino == self.path.stat().st_ino:
                    yield file
                    return
            finally:
                os.close(file)


async def remember(conn: AsyncConnection, hashes: Collection[str], *, at: datetime) -> None:
    """Note beside the database of `conn` that these addresses are erased, before that is committed.

    A crash in between leaves an address in the file that was not erased: its owner asked for it all the same.

    Raises:
        LookupError: the database was opened without its home (`Database`).
    """
    await asyncio.to_thread(ErasureLog(home_of(conn)).add, hashes, at=at)


def _write(file: int, text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)


def _lines(text: str) -> Iterator[tuple[datetime, str]]:
    for line in text.splitlines():
        instant, _, hash_ = line.partition(" ")
        try:
            at = datetime.fromisoformat(instant)
        except ValueError:
            continue
        if hash_ and at.tzinfo is not None:
            yield at, hash_
