"""Somebody who asks for one feed again and again, over one connection, and notes each answer."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

_STATUS = re.compile(rb"HTTP/1\.1 (\d+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TAG = re.compile(rb'etag: *("[^"]*")', re.IGNORECASE)
_SEQ = re.compile(r'"\d+-(\d+)-')


class FeedWatch:
    """Asks every `pause` seconds. `unchanged`: when each 304 was asked for, and the seconds it took."""

    def __init__(self, port: int, path: str, *, pause: float) -> None:
        self._port = port
        self._path = path
        self._pause = pause
        self._tag = ""
        self.unchanged: list[tuple[float, float]] = []
        self._seen: list[tuple[float, int]] = []

    def first_seen(self, seqs: Sequence[int]) -> list[float | None]:
        """Return when the feed first held each of these events, by the newest event that its tag names."""
        return [next((at for at, newest in self._seen if newest >= seq), None) for seq in seqs]

    async def sees(self, seq: int, *, seconds: float) -> None:
        """Wait until the feed holds this event.

        Raises:
            TimeoutError: it does not within so many seconds.
        """
        async with asyncio.timeout(seconds):
            while not self._seen or self._seen[-1][1] < seq:
                await asyncio.sleep(self._pause)

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Ask for the length of the block, and raise what that died of."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while True:
                await self._ask(reader, writer)
                await asyncio.sleep(self._pause)
        finally:
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at, began = time.time(), time.perf_counter()
        condition = f"If-None-Match: {self._tag}\r\n" if self._tag else ""
        writer.write(f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\n{condition}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status = _STATUS.match(head)
        if status is None or status.group(1) not in (b"200", b"304"):
            raise RuntimeError(f"the feed answered {head[:100]!r}")
        if status.group(1) == b"304":
            self.unchanged.append((at, time.perf_counter() - began))
            return
        length, tag = _LENGTH.search(head), _TAG.search(head)
        assert length is not None
        assert tag is not None
        await reader.readexactly(int(length.group(1)))
        self._tag = tag.group(1).decode()
        seq = _SEQ.match(self._tag)
        if seq is None:
            raise RuntimeError(f"the tag {self._tag} names no event")
        self._seen.append((time.time(), int(seq.group(1))))
