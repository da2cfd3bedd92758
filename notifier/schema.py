"""The schema as a whole: every room's tables, and the migrations that lay them down."""

import asyncio
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds, sequence
from notifier.columns import UtcDateTime, metadata
from notifier.db import Database, Rank
from notifier.delivery import tables as delivery_tables
from notifier.events import tables as event_tables
from notifier.procedures import tables as procedure_tables
from notifier.subscriptions import tables as subscription_tables

ROOMS = (sequence, holds, procedure_tables, delivery_tables, subscription_tables, event_tables)
"""The modules whose tables fill `metadata`."""

# Who this database belongs to: a copy of it elsewhere must not mail anybody.
instance = Table(
    "instance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_url", Text, nullable=False),
    Column("secret_fingerprint", Text, nullable=False),
    Column("last_now", UtcDateTime, nullable=False),
)

# Alembic's own table, read without Alembic: a current database does not load it (11 MB).
_version = Table("alembic_version", MetaData(), Column("version_num", Text, primary_key=True))

ONE_AT_A_TIME = 4_714_001
"""The number of PostgreSQL's advisory lock for whoever changes the schema; of nobody else's, by chance."""

_MIGRATIONS = Path(__file__).parent / "migrations"


async def upgrade(db: Database) -> bool:
    """Bring the database to the newest schema. Return False for a current one, which is left untouched.

    Processes that begin at the same time do it one after the other, and the later find it done.
    """
    if await is_current(db):
        return False
    async with db.write(Rank.HOUSEKEEPING) as conn:
        if not db.is_sqlite:
            await conn.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        await conn.run_sync(_upgrade)
        if not db.is_sqlite and not await _has_bells(conn):
            await _lay_down_bells(conn)
    return True


async def is_laid_down(db: Database) -> bool:
    """Whether the database has the schema of some version; a new one has none."""
    async with db.read() as conn:
        return await conn.run_sync(_revision) is not None


async def is_current(db: Database) -> bool:
    """Whether the database has exactly this version's schema."""
    async with db.read() as conn:
        found = await conn.run_sync(_revision)
        complete = db.is_sqlite or await _has_bells(conn)
    return complete and found == await asyncio.to_thread(newest)


def newest() -> str:
    """Return the revision of this version's schema; the names of the migrations begin with theirs."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table(_version.name):
        return None
    return conn.scalar(select(_version.c.version_num))


async def _has_bells(conn: AsyncConnection) -> bool:
    """Whether the tables by which processes on PostgreSQL ring each other are there."""
    return await conn.scalar(select(func.to_regclass("procrastinate_jobs"))) is not None


async def _lay_down_bells(conn: AsyncConnection) -> None:
    from procrastinate.schema import SchemaManager  # noqa: PLC0415 - an extra, for PostgreSQL alone

    raw = (await conn.get_raw_connection()).driver_connection
    if raw is None:
        raise LookupError("this connection has no driver's connection of its own")
    await raw.execute(SchemaManager.get_schema())


def is_ours(_object: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    """Whether a thing found in the database is compared with the schema; the tables of bells are not ours."""
    return not (type_ == "table" and (name or "").startswith("procrastinate_"))


def _upgrade(conn: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - loaded only where there is something to lay down
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
