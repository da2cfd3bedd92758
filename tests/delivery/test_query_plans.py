"""The hot statements use the indexes they were measured with (SQLite's planner has chosen others)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from notifier.db import Database, Rank
from notifier.delivery import outbox, owners
from tests.delivery.queue_cast import NOW, claim, crowd, register


@asynccontextmanager
async def plans(db: Database) -> AsyncIterator[list[str]]:
    """Collect SQLite's plan of each UPDATE that really runs in the block."""
    ran: list[tuple[str, Any]] = []
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, parameters: Any, _x: object, _m: bool) -> None:
        if statement.lstrip().startswith("UPDATE"):
            ran.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    async with db.read() as conn:
        for statement, parameters in ran:
            lines = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.append("; ".join(line.detail for line in lines))


async def _crowded(db: Database) -> list[int]:
    """Fill the table with mail of all states, as it is in the middle of a large mailing."""
    ids = await crowd(db, 60)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("UPDATE delivery SET state = 'accepted' WHERE id % 3 = 0"))
    return ids


async def test_a_claim_goes_by_the_index_of_what_is_ready(sqlite_db: Database) -> None:
    await _crowded(sqlite_db)
    lease = await register(sqlite_db)
    async with plans(sqlite_db) as found:
        await claim(sqlite_db, lease)
    for plan in found:
        assert "delivery USING INDEX ix_delivery_ready (lane=? AND next_at<?)" in plan
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan


async def test_outcomes_go_by_the_row_and_not_by_its_owner(sqlite_db: Database) -> None:
    await _crowded(sqlite_db)
    lease = await register(sqlite_db)
    claimed = await claim(sqlite_db, lease)
    outcomes = [(one.delivery_id, 250, "ok") for one in claimed]
    async with plans(sqlite_db) as found, sqlite_db.write(Rank.OUTCOMES) as conn:
        assert await outbox.accept(conn, outcomes, owner_id=lease.owner_id, now=NOW) == len(claimed)
    [plan] = found
    assert "USING INTEGER PRIMARY KEY" in plan
    assert "ix_delivery_owner" not in plan


async def test_taking_back_reads_only_what_is_being_sent(sqlite_db: Database) -> None:
    await _crowded(sqlite_db)
    await claim(sqlite_db, await register(sqlite_db), limit=10)
    async with plans(sqlite_db) as found, sqlite_db.write(Rank.OUTCOMES) as conn:
        await owners.take_back(conn, machine_now=NOW)
    assert "delivery USING INDEX ix_delivery_owner" in found[0]
