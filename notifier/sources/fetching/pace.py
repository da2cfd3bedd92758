"""One request at a time to a host, with a rest after each: whoever publishes dates owes us no bandwidth."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta


class HostClosedError(Exception):
    """The host has asked not to be asked at all for another `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rested_at: float = 0
    opens_at: float = 0


class Pace:
    """Whose turn it is, host by host. Instants are monotonic: a changed wall clock hurries nobody."""

    def __init__(self, seconds_between: float) -> None:
        self._seconds_between = seconds_between
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until nobody asks `host` and it has rested since it was asked; then keep it.

        Raises:
            HostClosedError: it is closed.
        """
        state = self._hosts.setdefault(host, _Host())
        async with state.lock:
            closed = state.opens_at - time.monotonic()
            if closed > 0:
                raise HostClosedError(timedelta(seconds=closed))
            await asyncio.sleep(max(state.rested_at - time.monotonic(), 0))
            try:
                yield
            finally:
                state.rested_at = time.monotonic() + self._seconds_between

    def close(self, host: str, wait: timedelta) -> None:
        """Refuse every turn at `host` for so long."""
        self._hosts.setdefault(host, _Host()).opens_at = time.monotonic() + wait.total_seconds()
