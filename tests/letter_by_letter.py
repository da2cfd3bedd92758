"""A far end in tests (`Transport`) that is written as one coroutine: what comes of one letter."""

import asyncio

from notifier.delivery.model import Letter, Outcome, ServerFault, Supply


class LetterByLetter:
    """Takes letters whenever there is one, up to `capacity` at once, and lets `send` say what comes of it."""

    capacity = 2

    def __init__(self) -> None:
        self._supply: Supply | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        self._bug: BaseException | None = None
        self.closed = False

    async def send(self, letter: Letter) -> Outcome:
        raise NotImplementedError

    async def run(self, supply: Supply) -> None:
        self._supply, self._over = supply, asyncio.Event()
        self.wake()
        await self._over.wait()
        if self._bug is not None:
            raise self._bug

    def wake(self) -> None:
        while self._supply is not None and len(self._sending) < self.capacity:
            letter = self._supply.next()
            if letter is None:
                return
            task = asyncio.get_running_loop().create_task(self._send(self._supply, letter))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    async def close(self) -> None:
        self.closed = True
        self._supply = None
        for task in self._sending:
            task.cancel()
        self._over.set()

    async def _send(self, supply: Supply, letter: Letter) -> None:
        try:
            outcome = await self.send(letter)
        except ServerFault as fault:
            supply.returned(letter, fault)
        else:
            supply.ended(outcome)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._bug = bug
            self._over.set()
        self.wake()
