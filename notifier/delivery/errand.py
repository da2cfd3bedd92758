"""Letters sent one by one by somebody who waits for each outcome: a test mail, not a mailing."""

import asyncio
from collections import deque
from types import TracebackType
from typing import Any

from notifier.delivery.model import Letter, Outcome, ServerFault, Transport


class Errand:
    """A `Supply` for as long as the block lasts; the transport is closed at its end."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._waiting: deque[Letter] = deque()
        self._answers: dict[int, asyncio.Future[Outcome]] = {}  # by the letter's identity
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Errand":
        """Begin."""
        self._running = asyncio.create_task(self._transport.run(self))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the transport."""
        await self._transport.close()
        if self._running is not None:
            await self._running

    async def send(self, letter: Letter) -> Outcome:
        """Send `letter` and return what came of it.

        Raises:
            ServerFault: the server cannot be used; the letter was certainly not accepted.
        """
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._answers[id(letter)] = answer
        self._waiting.append(letter)
        await asyncio.sleep(0)  # the transport may not run yet
        self._transport.wake()
        try:
            return await self._answer(answer)
        finally:
            del self._answers[id(letter)]

    async def _answer(self, answer: asyncio.Future[Outcome]) -> Outcome:
        """Wait for an answer, or for the end of the transport, after which there is none."""
        assert self._running is not None  # noqa: S101 - inside the block
        ends: set[asyncio.Future[Any]] = {answer, self._running}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            self._running.result()
            raise ServerFault("The transport has ended", retry_after=0.0)
        return answer.result()

    @property
    def ready(self) -> int:
        """How many letters wait."""
        return len(self._waiting)

    def next(self) -> Letter | None:
        """Return the next letter."""
        return self._waiting.popleft() if self._waiting else None

    def ended(self, outcome: Outcome) -> None:
        """Answer whoever waits."""
        if (answer := self._answers.get(id(outcome.letter))) is not None:  # or nobody waits any more
            answer.set_result(outcome)

    def returned(self, letter: Letter, fault: ServerFault | None) -> None:
        """Tell whoever waits of the fault; for none, the letter goes another way."""
        if (answer := self._answers.get(id(letter))) is None:
            return
        if fault is None:
            self._waiting.appendleft(letter)
        else:
            answer.set_exception(fault)

    def failed(self, fault: ServerFault) -> None:
        """Tell everybody who waits."""
        while self._waiting:
            self.returned(self._waiting.popleft(), fault)
