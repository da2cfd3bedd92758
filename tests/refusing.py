"""A database that refuses: real errors of a real server, where a test wants them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from notifier.db import Database, Rank

_POSTGRESQL = (
    "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$"
    " LANGUAGE plpgsql",
    "CREATE TRIGGER refusing BEFORE {what} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()",
)
_SQLITE = ("CREATE TRIGGER refusing BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END",)


@asynccontextmanager
async def refusing(db: Database, table: str, *, what: str = "INSERT") -> AsyncIterator[None]:
    """Let the database refuse every INSERT (or UPDATE) of a table while the block lasts."""
    async with db.write(Rank.HOUSEKEEPING) as conn:
        for statement in _SQLITE if db.is_sqlite else _POSTGRESQL:
            await conn.execute(text(statement.format(table=table, what=what)))
    yield
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("DROP TRIGGER refusing" if db.is_sqlite else "DROP FUNCTION refuse CASCADE"))
