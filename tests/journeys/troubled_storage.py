"""Storage that fails when it is told to: a disk that fills, a database that is read-only, or locked."""

import ctypes
import ctypes.util
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank, sqlite_url

DISK_BYTES = 8 << 20
_MS_RDONLY, _MS_REMOUNT, _MNT_DETACH = 1, 32, 2

_libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)


def _mount(target: Path, flags: int = 0) -> bool:
    options = f"size={DISK_BYTES}".encode()
    return bool(_libc.mount(b"tmpfs", os.fsencode(target), b"tmpfs", flags, options) == 0)


class Disk:
    """A small disk of its own.

    What fits into the room that SQLite's log has already is still written: so it is the disk of which health
    speaks, and not the database.
    """

    said = "The disk of the database is nearly full."

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def mount(self) -> bool:
        """Mount it; return whether that is allowed here."""
        return _mount(self.path)

    def unmount(self) -> None:
        """Take it away, whoever still uses it."""
        _libc.umount2(os.fsencode(self.path), _MNT_DETACH)

    def begin(self) -> None:
        """Leave not one page free."""
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                return

    def end(self) -> None:
        """Let there be room again."""
        self._ballast.unlink(missing_ok=True)

    def make_read_only(self) -> None:
        """Mount it anew for reading alone."""
        assert _mount(self.path, _MS_REMOUNT | _MS_RDONLY)


class Switch(Database):
    """A database whose writer can be made read-only while it runs, as a disk does after an error."""

    said = "Nothing can be written to the database since 9am on 14 October 2022."

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite_url(path))
        self.read_only = False

    def begin(self) -> None:
        """Refuse every write from now on."""
        self.read_only = True

    def end(self) -> None:
        """Take writes again."""
        self.read_only = False

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open a transaction in which every write is refused while `read_only`."""
        async with super().write(rank, one_state=one_state) as conn:
            await conn.exec_driver_sql(f"PRAGMA query_only = {int(self.read_only)}")
            try:
                yield conn
            finally:
                await conn.exec_driver_sql("PRAGMA query_only = 0")  # or the next could not even begin


_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
for line in sys.stdin:
    connection.execute("BEGIN IMMEDIATE" if line == "begin\\n" else "ROLLBACK")
    print("done", flush=True)
"""


class Locked(Database):
    """A database that another process, such as a careless backup, keeps locked for as long as it likes.

    It takes its lock just before a transaction of ours would begin, so that none under way is in its way.
    """

    said = Switch.said

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite_url(path))
        self._wanted = self._held = False
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LOCK, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        event.listen(self._writer.sync_engine, "checkout", self._before_ours)

    def begin(self) -> None:
        """Lock it from the next transaction on."""
        self._wanted = True

    def end(self) -> None:
        """Let go of it."""
        self._wanted = False
        if self._held:
            self._ask("end")
            self._held = False

    async def dispose(self) -> None:
        """Close it, and end the other process."""
        self._process.communicate(timeout=30)
        await super().dispose()

    def _before_ours(self, *_: object) -> None:
        if self._wanted and not self._held:
            self._ask("begin")
            self._held = True

    def _ask(self, what: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"


class Trouble(Protocol):
    """What befalls the storage, and what health says of it."""

    said: str

    def begin(self) -> None: ...

    def end(self) -> None: ...
