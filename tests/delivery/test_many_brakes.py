"""The daily brake on PostgreSQL, where several processes claim at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL

from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.allowance import Allowance, count, room
from notifier.holds import HoldKind, standing
from tests.delivery.queue_cast import NOW, crowd, register

TODAY = datetime(2026, 11, 2, 12, tzinfo=UTC)
TEN_A_DAY = Allowance(zone=ZoneInfo("Europe/London"), per_day=10)
PROCESSES = 4
BINDING_SECONDS = 0.2


@pytest.fixture
async def shared(postgresql_url: URL) -> AsyncIterator[Database]:
    """A database that several processes can write to at the same time."""
    database = Database(postgresql_url)
    yield database
    await database.dispose()


async def _claim(db: Database) -> int:
    """Claim what the day has room for, in a transaction that binds for a while; return how many that were."""
    lease = await register(db)
    async with db.write(Rank.OUTCOMES) as conn:
        found = await room(conn, TEN_A_DAY, now=TODAY, machine_now=NOW)
        claimed = await outbox.claim(conn, owner_id=lease.owner_id, limit=found or 0, machine_now=NOW)
        await asyncio.sleep(BINDING_SECONDS)
        return len(claimed)


async def test_processes_that_claim_at_once_take_no_more_than_the_day_has_room_for(shared: Database) -> None:
    await crowd(shared, 30)
    claimed = await asyncio.gather(*(_claim(shared) for _ in range(PROCESSES)))
    assert sum(claimed) == TEN_A_DAY.per_day


async def test_processes_that_find_the_day_full_at_once_put_one_brake_on(shared: Database) -> None:
    async with shared.write(Rank.OUTCOMES) as conn:
        await count(conn, TEN_A_DAY.day(TODAY), TEN_A_DAY.per_day)
    assert await asyncio.gather(*(_claim(shared) for _ in range(PROCESSES))) == [0] * PROCESSES
    async with shared.read() as conn:
        assert [one.kind for one in await standing(conn, machine_now=NOW)] == [HoldKind.BRAKE]
