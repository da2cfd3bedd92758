"""The PostgreSQL database that a copy goes to: new before, and ready to be served from afterwards."""

from sqlalchemy import Table, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.columns import metadata
from notifier.copying.refusal import CopyError
from notifier.events.tables import mailing, sweep
from notifier.procedures.tables import derivation
from notifier.schema import ONE_AT_A_TIME
from notifier.sequence import counter

_FIRST_ROWS = frozenset((counter, sweep, mailing, derivation))
"""The tables in which the migrations lay down one row each, which the copy brings along."""


async def seize(conn: AsyncConnection) -> None:
    """Keep every server from starting on it until the transaction ends."""
    await wait_for_us(conn)
    await conn.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))


async def wait_for_us(conn: AsyncConnection) -> None:
    """Let the transaction last while the other database is read, however long that takes."""
    await conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


async def clear(conn: AsyncConnection, *, name: str) -> None:
    """Take away what migrations laid down.

    Raises:
        CopyError: there is more than that in it.
    """
    for table in metadata.sorted_tables:
        count = await conn.scalar(select(func.count()).select_from(table)) or 0
        if count > (1 if table in _FIRST_ROWS else 0):
            raise CopyError(
                f'{name} is not new: "{table.name}" has {count:,} rows. Nothing was changed; make an empty '
                "database to copy to"
            )
    for table in _FIRST_ROWS:
        await conn.execute(delete(table))


async def make_ready(conn: AsyncConnection) -> None:
    """Let new rows get ids beyond those that were copied, and let queries be planned for what is there."""
    for table in metadata.sorted_tables:
        await _go_on_counting(conn, table)
        await conn.execute(text(f"ANALYZE {conn.dialect.identifier_preparer.format_table(table)}"))


async def _go_on_counting(conn: AsyncConnection, table: Table) -> None:
    column = table.autoincrement_column
    if column is None:
        return
    quoted = conn.dialect.identifier_preparer.format_table(table)
    sequence = await conn.scalar(select(func.pg_get_serial_sequence(quoted, column.name)))
    highest = await conn.scalar(select(func.max(column)))
    if sequence is not None and highest:  # not for the mailing of all replies alone, whose id is 0
        await conn.execute(select(func.setval(sequence, highest)))
