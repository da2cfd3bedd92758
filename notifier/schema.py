"""The schema as a whole: every room's tables, and the migrations that lay them down."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, Table, Text

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
        found = await conn.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    newest = await asyncio.to_thread(lambda: ScriptDirectory.from_config(_config()).get_current_head())
    return found == newest


def _upgrade(conn: Connection) -> None:
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
