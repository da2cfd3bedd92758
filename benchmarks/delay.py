"""A distance on loopback: what is written at one end arrives at the other so many seconds later, in order.

`python -m benchmarks.delay PORT SECONDS` stands before the server at PORT, prints its own port and runs until
it is ended. It needs no right to shape the traffic of the machine, which `tc netem` would; the handshake of
TCP is not delayed. The loop waits by select(2), whose time-outs are finer than the millisecond of epoll(7).
"""

import asyncio
import contextlib
import selectors
import statistics
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.contest import ROOT

ASKED = 50
"""How often the round trip is measured."""


class _Leg(asyncio.Protocol):
    """One end of one connection; what it reads is written to the other end later."""

    def __init__(self, seconds: float, target: int | None) -> None:
        self._seconds = seconds
        self._target = target
        self._on_their_way: deque[bytes | None] = deque()
        self._waiting: list[asyncio.Task[None]] = []
        self.other: _Leg | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self._target is not None:
            self._waiting = [asyncio.ensure_future(self._reach(self._target))]

    def data_received(self, data: bytes) -> None:
        self._later(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._later(None)

    async def _reach(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        _, far = await loop.create_connection(lambda: _Leg(self._seconds, None), "127.0.0.1", port)
        self.other, far.other = far, self

    def _later(self, data: bytes | None) -> None:
        self._on_their_way.append(data)
        asyncio.get_running_loop().call_later(self._seconds, self._arrive)

    def _arrive(self) -> None:
        data = self._on_their_way.popleft()
        if self.other is None or self.other.transport is None:
            return
        if data is None:
            self.other.transport.close()
        else:
            self.other.transport.write(data)


async def serve(target: int, seconds: float) -> None:
    """Stand before the server at `target`, `seconds` away from it."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Leg(seconds, target), "127.0.0.1", 0, backlog=1_024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@asynccontextmanager
async def distance(port: int, *, round_trip: float) -> AsyncIterator[int]:
    """Put a server so far away, in a process of its own. Gives the port at which it is reached."""
    command = (sys.executable, "-m", "benchmarks.delay", str(port), str(round_trip / 2))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def measured_round_trip(port: int) -> float:
    """Return the seconds that a command to the mail server at `port` really takes while nobody else asks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await reader.readline()
        seconds: list[float] = []
        for _ in range(ASKED):
            began = time.perf_counter()
            writer.write(b"NOOP\r\n")
            await reader.readline()
            seconds.append(time.perf_counter() - began)
        return statistics.median(seconds)
    finally:
        writer.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(serve(int(sys.argv[1]), float(sys.argv[2])))
