"""Who goes first when several wait for the one writer of SQLite (decision 0004)."""

import asyncio
import heapq
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class PriorityGate:
    """A lock whose waiters go by rank, the lowest first, then by arrival.

    A waiter that is cancelled loses nobody's turn. `waited` is told of every turn: whose it was, and the
    seconds until it came.
    """

    def __init__(self, waited: Callable[[int, float], None] | None = None) -> None:
        self._waited = waited
        self._busy = False
        self._arrivals = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, rank: int) -> AsyncIterator[None]:
        """Hold the gate for the length of the block."""
        asked = time.perf_counter()
        await self._enter(rank)
        if self._waited is not None:
            self._waited(rank, time.perf_counter() - asked)
        try:
            yield
        finally:
            self._pass_on()

    async def _enter(self, rank: int) -> None:
        if not self._busy:
            self._busy = True
            return
        self._arrivals += 1
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, self._arrivals, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the turn came together with the cancellation
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._busy = False
