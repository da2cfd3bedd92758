"""The hot statements use the indexes they were measured with (SQLite's planner has chosen others)."""

from sqlalchemy import text

from notifier.db import Database, Rank
from notifier.delivery import backlog, outbox, owners
from notifier.delivery.model import Lane
from tests.delivery.queue_cast import NOW, claim, crowd, register
from tests.planning import plans


async def _crowded(db: Database) -> list[int]:
    """Fill the table with mail of all states, as it is in the middle of a large mailing."""
    ids = await crowd(db, 60)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("UPDATE delivery SET state = 'accepted' WHERE id % 3 = 0"))
    return ids


async def test_a_claim_goes_by_the_index_of_what_is_ready(sqlite_db: Database) -> None:
    await _crowded(sqlite_db)
    lease = await register(sqlite_db)
    async with plans(sqlite_db, "UPDATE") as found:
        await claim(sqlite_db, lease)
    for plan in found:
        assert "delivery USING INDEX ix_delivery_ready (lane=? AND next_at<?)" in plan
        assert "SCAN delivery" not in plan
        assert "TEMP B-TREE" not in plan


async def test_outcomes_go_by_the_row_and_not_by_its_owner(sqlite_db: Database) -> None:
    await _crowded(sqlite_db)
    lease = await register(sqlite_db)
    claimed = await claim(sqlite_db, lease)
    outcomes = [(one.delivery_id, 250, "ok") for one in claimed]
    async with plans(sqlite_db, "UPDATE") as found, sqlite_db.write(Rank.OUTCOMES) as conn:
        assert await outbox.accept(conn, outcomes, owner_id=lease.owner_id, now=NOW) == len(claimed)
    [plan] = found
    assert "USING INTEGER PRIMARY KEY" in plan
    assert "ix_delivery_owner" not in plan


async def test_taking_back_reads_only_what_is_being_sent(sqlite_db: Database) -> None:
    await _crowded(sqlite_db)
    await claim(sqlite_db, await register(sqlite_db), limit=10)
    async with plans(sqlite_db, "UPDATE") as found, sqlite_db.write(Rank.OUTCOMES) as conn:
        await owners.take_back(conn, machine_now=NOW)
    assert "delivery USING INDEX ix_delivery_owner" in found[0]


async def test_the_queue_is_counted_by_indexes_of_what_waits(sqlite_db: Database) -> None:
    await _crowded(sqlite_db)
    async with plans(sqlite_db, "SELECT") as found, sqlite_db.read() as conn:
        await backlog.queued(conn, NOW)
    assert len(found) == 2 * len(Lane) + 1
    for plan in found[:-1]:
        assert "USING INDEX ix_delivery_ready (lane=? AND next_at" in plan
    assert "USING INDEX ix_delivery_owner" in found[-1]
