"""The migrations lay down exactly what the code believes, on both databases."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection

from notifier import schema, sequence
from notifier.columns import metadata
from notifier.db import Database, Rank, sqlite_url
from notifier.events.model import EventKind
from tests.postgresql import new_database


def _differences(conn: Connection) -> list[object]:
    return list(
        compare_metadata(MigrationContext.configure(conn, opts={"include_object": schema.is_ours}), metadata)
    )


async def test_the_migrated_schema_is_the_one_in_the_code(db: Database) -> None:
    async with db.read() as conn:
        assert await conn.run_sync(_differences) == []
    assert await schema.is_current(db)


async def test_an_empty_database_is_not_current_until_it_is_upgraded(sqlite_db: Database) -> None:
    async with sqlite_db.write(Rank.HOUSEKEEPING) as conn:
        await conn.exec_driver_sql("DROP TABLE alembic_version")
    assert not await schema.is_current(sqlite_db)


def test_the_newest_schema_is_the_head_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert schema.newest() == scripts.get_current_head()


async def test_processes_that_upgrade_at_the_same_time_do_it_one_after_the_other(
    postgresql_server: URL,
) -> None:
    async with new_database(postgresql_server) as url:
        databases = [Database(url) for _ in range(4)]
        changed = await asyncio.gather(*(schema.upgrade(one) for one in databases), return_exceptions=True)
        current = await asyncio.gather(*(schema.is_current(one) for one in databases))
        await asyncio.gather(*(one.dispose() for one in databases))
    assert all(current)
    assert {type(one) for one in changed} == {bool}


async def test_upgrading_twice_changes_nothing(db: Database) -> None:
    async with db.write(Rank.ANNOUNCE) as conn:
        assert await sequence.take(conn, 3) == range(1, 4)
    await schema.upgrade(db)
    async with db.read() as conn:
        assert await sequence.last(conn) == 3


async def test_a_database_of_the_first_version_keeps_what_it_holds(tmp_path: Path) -> None:
    db = Database(sqlite_url(tmp_path / "old.db"))
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.run_sync(_to_the_first_version)
        for statement in _OF_THE_FIRST_VERSION:
            await conn.exec_driver_sql(statement)
    await schema.upgrade(db)
    async with db.read() as conn:
        kept = (await conn.exec_driver_sql("SELECT key, read_at, failures FROM source")).all()
        kinds = (await conn.exec_driver_sql("SELECT kinds FROM subscription ORDER BY id")).scalars().all()
        problems = (await conn.exec_driver_sql("PRAGMA foreign_key_check")).all()
    await db.dispose()
    assert kept == [("file:ip1783.toml", "2022-09-01 08:00:00.000000", 0)]
    assert kinds == [EventKind.OPENED.bit | EventKind.REOPENED.bit, EventKind.CLOSED.bit]
    assert problems == []


_AT = "'2022-09-01 08:00:00.000000'"
_OF_THE_FIRST_VERSION = (
    "INSERT INTO source (key, digest, first_read_at, read_at) "
    f"VALUES ('file:ip1783.toml', 'abc', {_AT}, {_AT})",
    "INSERT INTO topic (id, kind, value) VALUES (1, 'all', '')",
    "INSERT INTO subscriber (id, address, address_key, nonce, state, created_at) VALUES "
    f"(1, 'ada@example.org', 'ada@example.org', 'n', 'active', {_AT}), "
    f"(2, 'ben@example.org', 'ben@example.org', 'm', 'active', {_AT})",
    "INSERT INTO subscription "
    "(id, subscriber_id, topic_id, kinds, rhythm, state, nonce, asked_at, confirm_until) VALUES "
    f"(1, 1, 1, {EventKind.OPENED.bit}, 0, 'active', 'n', {_AT}, {_AT}), "
    f"(2, 2, 1, {EventKind.CLOSED.bit}, 0, 'active', 'm', {_AT}, {_AT})",
)


def _to_the_first_version(conn: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    command.upgrade(config, "0001")
