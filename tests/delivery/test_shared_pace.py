"""The operator's mails a second are kept by all processes together; the database's clock counts for them."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import URL, text

from notifier.db import Database, Rank
from notifier.delivery.shared_pace import KEPT_SECONDS, LENT_SECONDS, Lender, lend

PER_SECOND = 40
SECONDS = 2.5


@pytest.fixture
async def processes(postgresql_url: URL) -> AsyncIterator[Sequence[Database]]:
    """The connections of three processes to one database, opened already."""
    databases = [Database(postgresql_url) for _ in range(3)]
    for one in databases:
        async with one.read() as conn:
            await conn.scalar(text("SELECT 1"))
    yield databases
    for one in databases:
        await one.dispose()


async def _begin(lender: Lender, begun: list[float], ends: float) -> None:
    """Begin letters as fast as the lender lets one."""
    while time.monotonic() < ends:
        if (wait := await lender.wait()) > 0:
            await asyncio.sleep(wait)
        else:
            lender.begin()
            begun.append(time.monotonic())


def _most_in_a_second(begun: Sequence[float]) -> int:
    """Return how many were begun within the fullest second, wherever it begins."""
    at = sorted(begun)
    return max(bisect_left(at, one + 1.0) - place for place, one in enumerate(at))


async def test_processes_together_keep_the_limit_in_any_second_and_use_it(
    processes: Sequence[Database],
) -> None:
    begun: list[list[float]] = [[] for _ in processes]
    lenders = [Lender(db, per_second=PER_SECOND) for db in processes]
    began = time.monotonic()
    ends = began + SECONDS
    await asyncio.gather(*(_begin(*each, ends) for each in zip(lenders, begun, strict=True)))
    every = [one for some in begun for one in some]
    late = int(PER_SECOND * KEPT_SECONDS)  # what was waited for a little too long may come with the next
    assert _most_in_a_second(every) <= PER_SECOND + late
    assert len(every) <= PER_SECOND * SECONDS + late
    assert len(every) >= PER_SECOND * SECONDS / 2, "the limit is there to be used"
    assert all(len(some) > len(every) / 6 for some in begun), "each has its share"
    assert all(one.within(SECONDS) < PER_SECOND * SECONDS / 2 for one in lenders), "and knows it"


async def test_turns_follow_each_other_whoever_takes_them(processes: Sequence[Database]) -> None:
    taken = [await lend(db, per_second=2, number=3) for db in processes]
    starts = [one.starts_in for one in taken]
    assert starts[0] == 0
    assert 1.0 < starts[1] <= 1.5
    assert 1.0 < starts[2] - starts[1] <= 1.5


async def test_turns_that_nobody_took_are_not_saved_for_later(processes: Sequence[Database]) -> None:
    db = processes[0]
    await lend(db, per_second=10, number=1)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("UPDATE pace SET second = second - interval '1 hour'"))
    assert (await lend(db, per_second=10, number=10)).starts_in == 0
    assert (await lend(db, per_second=10, number=1)).starts_in > 0.5


async def test_turns_that_a_frozen_process_did_not_use_are_gone(processes: Sequence[Database]) -> None:
    now = 100.0
    lender = Lender(processes[0], per_second=100, monotonic=lambda: now)
    assert await lender.wait() == 0
    lender.begin()
    now += LENT_SECONDS + KEPT_SECONDS + 1  # of ten turns it used one
    async with processes[0].write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("UPDATE pace SET second = clock_timestamp() + interval '5 seconds'"))
    assert await lender.wait() > 4
