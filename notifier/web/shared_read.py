"""One read for all who ask while the one before is under way: after a commit many readers come at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")


class _Reading(Generic[T]):
    """The readings of one thing, one after the other."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._arrivals = 0
        self._began_after = 0
        self._found: T | None = None

    async def get(self, ask: Callable[[], Awaitable[T | None]]) -> T | None:
        """Return what `ask` finds, or what it found for others if it began after this call."""
        self._arrivals += 1
        mine = self._arrivals
        async with self._turn:
            if self._began_after < mine:
                began = self._arrivals
                self._found = await ask()
                self._began_after = began
            return self._found


class SharedRead(Generic[T]):
    """Shares by key. Nothing is kept: who comes later than a reading has begun gets a newer one."""

    def __init__(self) -> None:
        self._under_way: WeakValueDictionary[object, _Reading[T]] = WeakValueDictionary()

    async def get(self, key: object, ask: Callable[[], Awaitable[T | None]]) -> T | None:
        """Return what `ask` finds. What it raises is raised to whoever's turn it was; the next asks anew."""
        reading = self._under_way.get(key)
        if reading is None:
            self._under_way[key] = reading = _Reading()
        return await reading.get(ask)
