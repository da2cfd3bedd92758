"""The tasks of one process: begun together, watched together, and ended together within a limit."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """Keeps background tasks. None of them may end before it is told to: that ends the process."""

    def __init__(self, *, stop_seconds: float) -> None:
        self._stop_seconds = stop_seconds
        self._tasks: list[asyncio.Task[None]] = []

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin one."""
        self._tasks.append(asyncio.create_task(work, name=name))

    async def live_until(self, end: Coroutine[Any, Any, Any]) -> bool:
        """Wait for `end`, and return True; or return False as soon as a task ended, well or badly."""
        ending = asyncio.create_task(end)
        await asyncio.wait({ending, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        if not ending.done():
            ending.cancel()
            return False
        return True

    async def drain(self) -> None:
        """Wait for the end of all, who have been told to stop; whoever is late is cancelled.

        Raises:
            Exception: what one of them died of, if one did.
        """
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=self._stop_seconds)
        for task in late:
            log.warning("task_cancelled", extra={"task": task.get_name()})
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
