"""Whether anything was committed to a SQLite file, asked in microseconds (`PRAGMA data_version`)."""

import sqlite3
from pathlib import Path


class DataVersion:
    """A connection that only looks: it is told of every commit of every other one, in any process.

    It belongs to the thread that asks first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._conn: sqlite3.Connection | None = None

    def read(self) -> int | None:
        """Return a number that changes with every commit; None where the file cannot be asked at once."""
        try:
            if self._conn is None:
                self._conn = sqlite3.connect(self._path, isolation_level=None, timeout=0)
                self._conn.execute("PRAGMA query_only=ON")
            found: int = self._conn.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            return None
        return found

    def close(self) -> None:
        """Ask no more."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None
