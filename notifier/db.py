"""Engines and transactions: SQLite with one writer behind a priority gate, or PostgreSQL (decision 0004).

Use cases open exactly one `Database.write` (or `read`) and hand the connection to the stores.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ExceptionContext,
    TextClause,
    bindparam,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from notifier.columns import UtcDateTime
from notifier.durations import Durations
from notifier.priority_gate import PriorityGate
from notifier.sqlite_driver import connection_to

BUSY_SECONDS = 10.0
"""How long SQLite waits for a lock of another process, such as a backup, before it gives up."""

GATE_BOUNDS = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Seconds that a turn is waited for; a transaction is meant to take less than 0.01."""

IDLE_SECONDS = 15.0
"""How long a transaction of PostgreSQL may wait for its process: a frozen one would keep what it locked."""

_HOME = "notifier_home"
_NO_BEGIN = "notifier_no_begin"

CONNECT_SECONDS = 10
"""How long a PostgreSQL that does not answer is waited for, unless its address says otherwise."""

SILENCE = {
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""When a machine that is gone without a word is given up (libpq's manual, 34.1.2): seconds, and milliseconds.
The system would take hours, and the lease would be lost meanwhile."""

READERS = 4
"""Reading connections beside the writer; a reader never waits for it (WAL)."""

OVERTAKEN = frozenset(("40001", "40P01", "23505"))
"""PostgreSQL's codes (its manual, appendix A): serialization failure, deadlock, unique violation."""

ONLY_READ = "25006"
"""PostgreSQL's code where only reading is allowed: on a standby, or on a server that is about to be one."""


class Rank(IntEnum):
    """Who goes first when several wait for the one writer of SQLite."""

    ANNOUNCE = 0
    WEB = 1
    OUTCOMES = 2
    EXPAND = 3
    HOUSEKEEPING = 4


class Database:
    """The database of one process. `url` is `sqlite+aiosqlite:///…` or `postgresql+psycopg://…`.

    Its errors never repeat the values of a statement: they may hold addresses, and errors are logged.

    `home` is the file beside which the instance keeps what must outlive a restored backup (`home_of`); on
    SQLite it is the database itself.
    """

    def __init__(self, url: URL, *, home: Path | None = None) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.gate_waits = {rank: Durations(GATE_BOUNDS) for rank in Rank}
        """How long each rank waited for the one writer; empty on PostgreSQL, which has no such gate."""
        self._gate = PriorityGate(lambda rank, seconds: self.gate_waits[Rank(rank)].add(seconds))
        if self.is_sqlite and home is None and url.database:
            home = Path(url.database)
        options = {_HOME: home}
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, options, begin="BEGIN IMMEDIATE", connections=1)
            self._reader = _sqlite_engine(url, options, begin="BEGIN", connections=READERS)
            self._glancer = self._reader.execution_options(**{_NO_BEGIN: True})
        else:
            self._writer = _postgresql_engine(url, options)
            # Its default shows each statement another state; a page must not mix two.
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ")
            self._glancer = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open one transaction; leaving the block commits it, an exception rolls it back.

        `rank` decides who waits on SQLite. No network call belongs inside. With `one_state` all statements
        see the same state on PostgreSQL too; then it can fail because of another transaction, and be tried
        again (`is_overtaken`).
        """
        if not self.is_sqlite:
            async with (self._reader if one_state else self._writer).begin() as conn:
                yield conn
            return
        async with self._gate.turn(rank), self._writer.begin() as conn:
            yield conn

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a short reading transaction: one consistent state of all tables."""
        async with self._reader.connect() as conn:
            yield conn

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for one reading statement: it is its own transaction, and nothing is left to end.

        Where a thread or a server is busy, that is two turns less to wait for.
        """
        async with self._glancer.connect() as conn:
            yield conn

    async def dispose(self) -> None:
        """Close every connection; on SQLite each is a thread that would keep the interpreter alive."""
        await self._writer.dispose()
        await self._reader.dispose()


def is_overtaken(error: DBAPIError) -> bool:
    """Whether a transaction failed because another changed what it was to change, or wrote it first.

    Done again it finds what the other left. On SQLite there is one writer, and none overtakes another.
    """
    return getattr(error.orig, "sqlstate", None) in OVERTAKEN


def refuses_everything(error: SQLAlchemyError) -> bool:
    """Whether nothing can be written now: a full disk, no connection, a server that may only be read.

    Whatever was to be written may be tried again later as it is; no row of it is to blame.
    """
    if not isinstance(error, DBAPIError):
        return False
    return isinstance(error, OperationalError) or getattr(error.orig, "sqlstate", None) == ONLY_READ


def sqlite_url(path: Path) -> URL:
    """Return the URL of the SQLite file at `path`."""
    return URL.create("sqlite+aiosqlite", database=str(path))


def name_of(url: URL) -> str:
    """Return how a sentence names the database at `url`; never with its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f'the database "{url.database}" on {url.host or url.query.get("host")}'


def home_of(conn: AsyncConnection) -> Path:
    """Return the file beside which the instance of this connection keeps what its database may not hold.

    Raises:
        LookupError: the database was opened without one.
    """
    home = conn.engine.sync_engine.get_execution_options().get(_HOME)
    if not isinstance(home, Path):
        raise LookupError("this database was opened without the file beside which its instance keeps things")
    return home


def _postgresql_engine(url: URL, options: dict[str, Path | None]) -> AsyncEngine:
    """Return an engine whose transactions the server ends when their process is frozen, or is gone."""
    given = url.query.get("options", "")
    ours = f"{given} -c idle_in_transaction_session_timeout={IDLE_SECONDS * 1_000:.0f}"
    patience = {"connect_timeout": CONNECT_SECONDS, **SILENCE}
    connect = {name: value for name, value in patience.items() if name not in url.query}
    engine = create_async_engine(
        url, hide_parameters=True, execution_options=options, connect_args={"options": ours, **connect}
    )
    event.listen(engine.sync_engine, "handle_error", _leave_values_out)
    return engine


def _leave_values_out(context: ExceptionContext) -> None:
    """Leave an error of PostgreSQL its first line: the details that follow repeat the values of rows."""
    error = context.original_exception
    diagnosis = getattr(error, "diag", None)
    if diagnosis is None or diagnosis.message_primary is None:
        return
    said, first = str(error), f"{diagnosis.message_primary} ({diagnosis.sqlstate})"
    error.args = (first,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = tuple(
            one.replace(said, first) for one in context.sqlalchemy_exception.args
        )


def _sqlite_engine(url: URL, options: dict[str, Path | None], *, begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        async_creator=connection_to(url.database, busy_seconds=BUSY_SECONDS),
        execution_options=options,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        if _NO_BEGIN not in connection.get_execution_options():
            connection.connection.driver_connection.begin(begin)

    @event.listens_for(engine.sync_engine, "invalidate")
    def _roll_back(connection: Any, _record: object, _error: object) -> None:
        # What a cancelled call did is undone: merely closed, the connection would keep its lock for as long
        # as a traceback keeps its statement alive.
        connection.rollback()

    return engine


class DialectText:
    """One hot statement in the words of each database, taken apart once; `instants` names the aware ones."""

    def __init__(self, *, sqlite: str, postgresql: str, instants: Sequence[str] = ()) -> None:
        typed = [bindparam(name, type_=UtcDateTime()) for name in instants]
        self._by_name = {
            name: text(words).bindparams(*typed)
            for name, words in (("sqlite", sqlite), ("postgresql", postgresql))
        }

    def on(self, conn: AsyncConnection) -> TextClause:
        """Return the statement as this connection's database wants it."""
        return self._by_name[conn.dialect.name]
