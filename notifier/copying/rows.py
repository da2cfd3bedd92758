"""The rows of a table on their way: read in batches, poured into PostgreSQL by COPY, summed."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from sqlalchemy import Row, Select, Table, case, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.copying.checksums import Checksum, Summed
from notifier.copying.refusal import CopyError
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery

BATCH = 2_000
"""Rows that are in memory at once."""

Told = Callable[[str, int], None]
"""Is told of each batch: the table's name, and how many rows of it were dealt with."""


def at_rest(table: Table) -> Select[Any]:
    """Return the query of all rows as they are when no process lives.

    What one was sending waits again, as when its lease has run out (`owners.take_back`).
    """
    if table is not delivery:
        return select(table)
    sending = delivery.c.state == DeliveryState.SENDING
    resting = {
        "state": case((sending, DeliveryState.PENDING), else_=delivery.c.state).label("state"),
        "owner_id": case((sending, null()), else_=delivery.c.owner_id).label("owner_id"),
    }
    return select(*(resting.get(column.name, column) for column in delivery.c))


async def pour(source: AsyncConnection, target: AsyncConnection, table: Table, *, told: Told) -> Summed:
    """Copy a table to PostgreSQL. Return the checksum of what was read.

    Raises:
        CopyError: PostgreSQL does not take it.
    """
    from psycopg import Error  # noqa: PLC0415 - an extra, for PostgreSQL alone

    summing = Checksum()
    try:
        async with await _copying(target, table) as copy:
            async for rows in _batches(source, at_rest(table)):
                summing.add(rows)
                for row in rows:
                    await copy.write_row(row)
                told(table.name, len(rows))
    except Error as error:
        reason = str(error).partition("\n")[0]  # further lines repeat the row, which may hold an address
        raise CopyError(f'cannot copy "{table.name}" to PostgreSQL: {reason}') from None
    return summing.summed()


async def sum_up(conn: AsyncConnection, table: Table, query: Select[Any], *, told: Told) -> Summed:
    """Return the checksum of all rows of a query about a table."""
    summing = Checksum()
    async for rows in _batches(conn, query):
        summing.add(rows)
        told(table.name, len(rows))
    return summing.summed()


async def _copying(target: AsyncConnection, table: Table) -> Any:
    raw = (await target.get_raw_connection()).driver_connection
    if raw is None:
        raise LookupError("this connection has no driver's connection of its own")
    names = target.dialect.identifier_preparer
    columns = ", ".join(names.format_column(column) for column in table.c)
    return raw.cursor().copy(f"COPY {names.format_table(table)} ({columns}) FROM STDIN")


async def _batches(conn: AsyncConnection, query: Select[Any]) -> AsyncIterator[Sequence[Row[Any]]]:
    async with conn.stream(query, execution_options={"yield_per": BATCH}) as result:
        async for rows in result.partitions():
            yield rows
