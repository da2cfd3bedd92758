"""SQLite as SQLAlchemy's aiosqlite dialect drives it, with one thread hop a statement.

A hop is a call handed to the connection's thread and its answer handed back: some 30 µs of processor time,
and two turns of whatever else the loop and the interpreter's lock are busy with. aiosqlite's own cursor hops
to be made, to execute, to fetch and to be closed, and SQLAlchemy hops to begin and, after each commit, once
more to roll back what is no longer there. Here a statement brings its transaction's BEGIN along, fetches
what it found and closes its cursor in one hop; a transaction's end is one more, or none if nothing was asked.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
"""What every connection is told first."""

ROWS_AT_ONCE = 1_000
"""Rows fetched in the hop that executes. More come by a second hop, or in portions to whoever streams."""

_CHUNK_ROWS = 64
"""aiosqlite's own default for its own iterators, which nobody uses here."""


class WholeStatementCursor:
    """A cursor that executes, fetches and closes in one hop.

    It has what SQLAlchemy's adapter asks of aiosqlite's cursor (`sqlalchemy.connectors.asyncio`).
    """

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "WholeStatementCursor":
        """Return itself; there is nothing to open yet."""
        return self

    async def execute(self, operation: str, parameters: Any = ()) -> "WholeStatementCursor":
        """Execute a statement, and fetch what it found."""
        await self._run(sqlite3.Cursor.execute, operation, parameters)
        return self

    async def executemany(self, operation: str, parameters: Any) -> "WholeStatementCursor":
        """Execute a statement once for each of many rows of values."""
        await self._run(sqlite3.Cursor.executemany, operation, parameters)
        return self

    async def fetchone(self) -> Any:
        """Return the next row, or None."""
        found = await self.fetchmany(1)
        return found[0] if found else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """Return the next rows: at most `size`, and at most as many as were fetched at once."""
        if not self._rows and self._open is not None:
            self._rows = await self._connection.run(partial(self._fetch, self._open, ROWS_AT_ONCE))
        wanted = self.arraysize if size is None else size
        found, self._rows = self._rows[:wanted], self._rows[wanted:]
        return found

    async def fetchall(self) -> Sequence[Any]:
        """Return all rows that are left."""
        found, self._rows = self._rows, ()
        if self._open is not None:
            found = [*found, *await self._connection.run(partial(self._fetch, self._open, -1))]
        return found

    async def close(self) -> None:
        """Let go of what was not fetched; mostly there is nothing open any more."""
        self._rows = ()
        if self._open is not None:
            opened, self._open = self._open, None
            await self._connection.run(opened.close)

    async def _run(self, how: Callable[..., Any], operation: str, parameters: Any) -> None:
        await self._connection.run(partial(self._run_in_thread, how, operation, parameters))

    def _run_in_thread(self, how: Callable[..., Any], operation: str, parameters: Any) -> None:
        cursor = self._connection.begun().cursor()
        try:
            how(cursor, operation, parameters)
            if cursor.description is not None:
                self._rows = self._fetch(cursor, ROWS_AT_ONCE)
        except BaseException:
            cursor.close()  # or the traceback would keep the statement alive, and with it its lock
            raise
        # SQLite knows how many rows a RETURNING touched only once they are fetched.
        self.description, self.rowcount, self.lastrowid = (
            cursor.description,
            cursor.rowcount,
            cursor.lastrowid,
        )
        if cursor.description is None:
            cursor.close()

    def _fetch(self, cursor: sqlite3.Cursor, size: int) -> list[Any]:
        """Fetch so many rows, or all (-1); close the cursor behind the last. In the connection's thread."""
        rows = cursor.fetchall() if size < 0 else cursor.fetchmany(size)
        self._open = cursor if len(rows) == size else None
        if self._open is None:
            cursor.close()
        return rows


class Connection(aiosqlite.Connection):
    """A connection whose calls are never left behind.

    A call that is cancelled runs on in the connection's thread. Whoever awaits it learns of his cancellation
    when it has ended, however often he is cancelled: so the connection stays his until then, and nothing of
    it can come into another's transaction.
    """

    def __init__(self, database: str, *, busy_seconds: float) -> None:
        super().__init__(partial(_opened, database, busy_seconds), _CHUNK_ROWS)
        self._thread.daemon = True  # one that was not closed must not keep the interpreter from ending
        self._begin: str | None = None
        self._ended: asyncio.Future[Any] | None = None

    def begin(self, words: str) -> None:
        """Let the next statement begin a transaction by these words; until it comes there is none."""
        self._begin = words

    def begun(self) -> sqlite3.Connection:
        """Return the connection inside its transaction. In the connection's thread.

        Where beginning fails, the next statement begins again: none may run outside a transaction.
        """
        if self._begin is not None:
            self._conn.execute(self._begin)
            self._begin = None
        return self._conn

    async def run(self, call: Callable[[], Any]) -> Any:
        """Run a call in the connection's thread and return its result, or raise its error."""
        return await self._execute(call)

    def cursor(self) -> WholeStatementCursor:  # type: ignore[override]  # SQLAlchemy enters it either way
        """Return a cursor; that costs nothing until it executes."""
        return WholeStatementCursor(self)

    async def commit(self) -> None:
        """Commit the transaction, if a statement began it."""
        self._begin = None
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Undo the transaction, if a statement began it."""
        self._begin = None
        if self.in_transaction:
            await super().rollback()

    async def _connect(self) -> aiosqlite.Connection:
        """Open the file; where it cannot be opened, the thread has ended before that is told.

        It would answer a loop that may be closed by then.
        """
        try:
            return await super()._connect()
        except BaseException:
            await self._idle()
            raise

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            await self._idle()
            raise

    def stop(self) -> asyncio.Future[Any] | None:
        """Let the thread close the connection and end; a second call waits for the same end."""
        if self._running:
            self._ended = super().stop()
        return self._ended

    async def _idle(self) -> None:
        """Wait until the thread has done all that it was asked, whoever cancels meanwhile."""
        reached = self._ended
        if self._running:
            reached = asyncio.get_running_loop().create_future()
            self._tx.put_nowait((reached, _nothing))
        while reached is not None and not reached.done():
            with contextlib.suppress(asyncio.CancelledError):  # the one that came first is raised
                await asyncio.wait([reached])


def _nothing() -> None:
    """Be a call, and so the end of the calls before it."""


def _opened(database: str, busy_seconds: float) -> sqlite3.Connection:
    # Python's own implicit transactions lose updates: BEGIN is ours alone.
    connection = sqlite3.connect(database, timeout=busy_seconds, isolation_level=None)
    try:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except BaseException:
        connection.close()
        raise
    return connection


def connection_to(database: str | None, *, busy_seconds: float) -> Callable[[], Connection]:
    """Return what makes a connection to the file each time it is called, to be awaited.

    `busy_seconds` is how long a lock of another process is waited for.
    """
    path = str(Path(database).absolute()) if database else ":memory:"
    return partial(Connection, path, busy_seconds=busy_seconds)
