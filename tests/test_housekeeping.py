"""Keeping house: once a day, beside everything else, and again when it failed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from notifier.clock import ReplayClock
from notifier.housekeeping import Housekeeper
from tests.cast import BEGIN, RULES


class House:
    """A house that is kept: when, and how each time ends."""

    def __init__(self) -> None:
        self.kept: list[datetime] = []
        self.ends: list[Callable[[], Awaitable[None]]] = []

    async def keep(self, now: datetime) -> None:
        self.kept.append(now)
        if self.ends:
            await self.ends.pop(0)()


@asynccontextmanager
async def _keeping(house: House, clock: ReplayClock) -> AsyncIterator[Housekeeper]:
    keeper = Housekeeper(clock, RULES, work=house.keep)
    task = asyncio.create_task(keeper.run())
    try:
        yield keeper
    finally:
        keeper.stop()
        await asyncio.wait_for(task, 5)


async def _ring(keeper: Housekeeper) -> None:
    keeper.ring()
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_house_is_kept_once_a_day_however_often_it_is_rung() -> None:
    house, clock = House(), ReplayClock(BEGIN)
    async with _keeping(house, clock) as keeper:
        for _ in range(3):
            await _ring(keeper)
        clock.leap(BEGIN + timedelta(days=1))
        for _ in range(3):
            await _ring(keeper)
    assert [at.date() for at in house.kept] == [BEGIN.date(), BEGIN.date() + timedelta(days=1)]


async def test_what_failed_is_tried_at_the_next_ring(caplog: pytest.LogCaptureFixture) -> None:
    async def full() -> None:
        raise OSError("no space left on device")

    house = House()
    house.ends = [full, full]
    async with _keeping(house, ReplayClock(BEGIN)) as keeper:
        for _ in range(5):
            await _ring(keeper)
    assert len(house.kept) == 3
    assert [one.message for one in caplog.records] == ["housekeeping_failed"] * 2


async def test_rings_meanwhile_begin_nothing_and_a_stop_waits_for_nothing() -> None:
    house = House()
    house.ends = [asyncio.Event().wait]  # type: ignore[list-item] - it never comes
    async with _keeping(house, ReplayClock(BEGIN)) as keeper:
        for _ in range(3):
            await _ring(keeper)
    assert len(house.kept) == 1
