"""The operator's mails a second are kept by all processes together; the database's clock counts for them."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import URL, text

from notifier.db import Database, Rank
from notifier.delivery.shared_pace import KEPT_SECONDS, LENT_SECONDS, SharedPace, lend
from tests.delivery.queue_cast import until
from tests.refusing import refusing

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


@asynccontextmanager
async def _borrowing(*paces: SharedPace) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.borrow()) for one in paces]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _pace(db: Database, per_second: int = PER_SECOND) -> SharedPace:
    return SharedPace(db, most=10, per_second=per_second, lent=lambda: None)


async def _begin(pace: SharedPace, begun: list[float], ends: float) -> None:
    """Begin letters as fast as the pace lets one."""
    while (now := time.monotonic()) < ends:
        if (wait := pace.wait(now)) > 0:
            await asyncio.sleep(wait)
        else:
            pace.begin(now)
            begun.append(now)


def _most_in_a_second(begun: Sequence[float]) -> int:
    """Return how many were begun within the fullest second, wherever it begins."""
    at = sorted(begun)
    return max(bisect_left(at, one + 1.0) - place for place, one in enumerate(at))


async def test_processes_together_keep_the_limit_in_any_second_and_use_it(
    processes: Sequence[Database],
) -> None:
    begun: list[list[float]] = [[] for _ in processes]
    paces = [_pace(db) for db in processes]
    ends = time.monotonic() + SECONDS
    async with _borrowing(*paces):
        await asyncio.gather(*(_begin(*each, ends) for each in zip(paces, begun, strict=True)))
    every = [one for some in begun for one in some]
    late = int(PER_SECOND * KEPT_SECONDS)  # what was waited for a little too long may come with the next
    assert _most_in_a_second(every) <= PER_SECOND + late
    assert len(every) <= PER_SECOND * SECONDS + late
    assert len(every) >= PER_SECOND * SECONDS / 2, "the limit is there to be used"
    assert all(len(some) > len(every) / 6 for some in begun), "each has its share"
    assert all(one.within(SECONDS) < PER_SECOND * SECONDS / 2 for one in paces), "and knows it"


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


async def test_turns_are_lent_although_the_databases_clock_was_set_back(
    processes: Sequence[Database],
) -> None:
    db = processes[0]
    await lend(db, per_second=10, number=1)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("UPDATE pace SET second = second + interval '1 hour'"))
    assert (await lend(db, per_second=10, number=10)).starts_in == 0
    assert 0.5 < (await lend(db, per_second=10, number=1)).starts_in < 2


async def test_turns_taken_by_a_slower_pace_are_waited_for_no_longer_than_they_need(
    processes: Sequence[Database],
) -> None:
    db = processes[0]
    await lend(db, per_second=1, number=20)
    assert 15 < (await lend(db, per_second=1, number=1)).starts_in <= 20


async def test_turns_that_a_frozen_process_did_not_use_are_gone(processes: Sequence[Database]) -> None:
    pace = _pace(processes[0], per_second=100)
    assert pace.wait(time.monotonic()) > 0
    async with _borrowing(pace):
        await until(lambda: pace.wait(time.monotonic()) == 0)
        pace.begin(time.monotonic())  # of ten turns it used one
    assert pace.wait(time.monotonic() + LENT_SECONDS + KEPT_SECONDS) > 0


async def test_nothing_begins_while_the_database_refuses_and_all_goes_on_when_it_does_not(
    processes: Sequence[Database],
) -> None:
    pace = _pace(processes[0])
    async with _borrowing(pace), refusing(processes[0], "pace", what="INSERT OR UPDATE"):
        pace.wait(time.monotonic())
        await asyncio.sleep(0.5)
        assert pace.wait(time.monotonic()) > 0
    async with _borrowing(pace):
        await until(lambda: pace.wait(time.monotonic()) == 0)
