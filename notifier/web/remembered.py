"""Answers kept for a while: whoever asks for health often costs no more than whoever asks now and then."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """One answer, asked for anew when it is older than `seconds`. Several who wait get the same one."""

    def __init__(self, ask: Callable[[], Awaitable[T]], *, seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._asking = asyncio.Lock()
        self._kept: tuple[float, T] | None = None

    async def get(self) -> T:
        """Return the answer. What `ask` raises is raised, and not kept."""
        async with self._asking:
            now = time.monotonic()
            if self._kept is None or now - self._kept[0] >= self._seconds:
                self._kept = (now, await self._ask())
            return self._kept[1]
