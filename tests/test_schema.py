"""The migrations lay down exactly what the code believes, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from notifier import schema, sequence
from notifier.db import Database, Rank, metadata


def _differences(conn: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(conn), metadata))


async def test_the_migrated_schema_is_the_one_in_the_code(db: Database) -> None:
    async with db.read() as conn:
        assert await conn.run_sync(_differences) == []
    assert await schema.is_current(db)


async def test_an_empty_database_is_not_current_until_it_is_upgraded(sqlite_db: Database) -> None:
    async with sqlite_db.write(Rank.HOUSEKEEPING) as conn:
        await conn.exec_driver_sql("DROP TABLE alembic_version")
    assert not await schema.is_current(sqlite_db)


async def test_upgrading_twice_changes_nothing(db: Database) -> None:
    async with db.write(Rank.ANNOUNCE) as conn:
        assert await sequence.take(conn, 3) == range(1, 4)
    await schema.upgrade(db)
    async with db.read() as conn:
        assert await sequence.last(conn) == 3
