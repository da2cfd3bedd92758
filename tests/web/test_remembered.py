"""Costly answers are asked for once, however many ask for them."""

import asyncio

import pytest

from notifier.web.remembered import Remembered


class Source:
    """Counts how often it is asked; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.asked = 0
        self._failures = failures

    async def __call__(self) -> int:
        self.asked += 1
        await asyncio.sleep(0)
        if self.asked <= self._failures:
            raise OSError("not now")
        return self.asked


async def test_many_at_once_get_one_answer() -> None:
    source = Source()
    remembered = Remembered(source, seconds=60)
    assert await asyncio.gather(*(remembered.get() for _ in range(5))) == [1] * 5


async def test_an_answer_that_is_too_old_is_asked_for_anew() -> None:
    remembered = Remembered(Source(), seconds=0)
    assert [await remembered.get(), await remembered.get()] == [1, 2]


async def test_a_failure_is_not_kept() -> None:
    remembered = Remembered(Source(failures=1), seconds=60)
    with pytest.raises(OSError, match="not now"):
        await remembered.get()
    assert await remembered.get() == 2
