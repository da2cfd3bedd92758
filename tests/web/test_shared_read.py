"""Many who ask at once are told by few readings, and nobody by one that began before they asked."""

import asyncio

import pytest

from notifier.web.shared_read import SharedRead


class Rows:
    """A database that takes its time; each reading sees what is committed when it begins."""

    def __init__(self) -> None:
        self.committed = 0
        self.readings = 0

    async def read(self) -> int:
        self.readings += 1
        seen = self.committed
        await asyncio.sleep(0.01)
        return seen


async def test_all_who_come_meanwhile_share_the_next_reading() -> None:
    rows, shared = Rows(), SharedRead[int]()
    asking = [asyncio.create_task(shared.get("all", rows.read)) for _ in range(20)]
    await asyncio.gather(*asking)
    assert rows.readings == 2


async def test_nobody_is_told_less_than_was_committed_when_they_asked() -> None:
    rows, shared = Rows(), SharedRead[int]()

    async def ask() -> None:
        known = rows.committed
        assert (await shared.get("all", rows.read) or 0) >= known

    asking = []
    for _ in range(50):
        rows.committed += 1
        asking.append(asyncio.create_task(ask()))
        await asyncio.sleep(0.002)
    await asyncio.gather(*asking)
    assert rows.readings < 50


async def test_different_things_are_read_each_for_itself() -> None:
    rows, shared = Rows(), SharedRead[int]()
    await asyncio.gather(shared.get("one", rows.read), shared.get("other", rows.read))
    assert rows.readings == 2


async def test_a_reading_that_fails_fails_for_one_and_is_tried_for_the_next() -> None:
    rows, shared = Rows(), SharedRead[int]()

    async def fail() -> int:
        await asyncio.sleep(0.01)
        raise OSError

    failing = asyncio.create_task(shared.get("all", fail))
    await asyncio.sleep(0)
    rows.committed = 7
    waiting = asyncio.create_task(shared.get("all", rows.read))
    with pytest.raises(OSError):  # noqa: PT011 - it has no words
        await failing
    assert await waiting == 7
