"""The schema as a whole: every room's tables, and the migrations that lay them down."""

import asyncio
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, inspect, select

from notifier import holds, sequence
from notifier.db import Database, Rank, UtcDateTime, metadata
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

_MIGRATIONS = Path(__file__).parent / "migrations"


async def upgrade(db: Database) -> None:
    """Bring the database to the newest schema; a current one is left untouched."""
    if await is_current(db):
        return
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.run_sync(_upgrade)


async def is_current(db: Database) -> bool:
    """Whether the database has exactly this version's schema."""
    async with db.read() as conn:
        found = await conn.run_sync(_revision)
    return found == await asyncio.to_thread(newest)


def newest() -> str:
    """Return the revision of this version's schema; the names of the migrations begin with theirs."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table(_version.name):
        return None
    return conn.scalar(select(_version.c.version_num))


def _upgrade(conn: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - loaded only where there is something to lay down
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
