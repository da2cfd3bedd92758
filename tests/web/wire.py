"""A service on a real socket, and visitors who are not polite."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from notifier.web.app import build
from notifier.web.keys import Site, Vitals
from notifier.web.limits import Limits
from notifier.web.server import WebServer

HOST = "alerts.example.org"
PATIENCE = 10.0
"""Seconds after which a test gives up; nothing here takes a tenth of it."""


@dataclass(frozen=True)
class Heard:
    """An answer as it came over the wire; `status` is 0 where the connection was closed without a word."""

    status: int
    head: str
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a header, if it was sent exactly once."""
        found = [line.partition(":") for line in self.head.split("\r\n")[1:]]
        values = [value.strip() for field, _, value in found if field.lower() == name.lower()]
        assert len(values) < 2, values
        return values[0] if values else None


@dataclass
class Visitor:
    """One open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        """Send as much as the other side takes; it may have hung up already."""
        try:
            self.writer.write(data)
            await asyncio.wait_for(self.writer.drain(), PATIENCE)
        except (ConnectionError, TimeoutError):
            return

    async def hear(self) -> Heard:
        """Read one answer whole."""
        try:
            head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        except (asyncio.IncompleteReadError, ConnectionError):
            return Heard(0, "", b"")
        text = head.decode("latin-1")
        heard = Heard(int(text.split(" ")[1]), text, b"")
        length = int(heard.header("Content-Length") or 0)
        body = await asyncio.wait_for(self.reader.readexactly(length), PATIENCE)
        return Heard(heard.status, text, body)

    async def is_hung_up_on(self) -> bool:
        """Wait until the other side closes; whatever it still says is dropped."""
        try:
            while await asyncio.wait_for(self.reader.read(65536), PATIENCE):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    async def leave(self) -> None:
        """Hang up."""
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


@dataclass
class Wire:
    """The way to a running service."""

    port: int

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Visitor]:
        """Connect, and hang up at the end."""
        visitor = Visitor(*await asyncio.open_connection("127.0.0.1", self.port))
        try:
            yield visitor
        finally:
            await visitor.leave()

    async def ask(self, data: bytes) -> Heard:
        """Send these bytes and return the answer."""
        async with self.open() as visitor:
            await visitor.say(data)
            return await visitor.hear()

    async def get(self, path: str, *headers: str, host: str = HOST) -> Heard:
        """Ask for a page by a well-formed request, with headers such as "Accept: text/html"."""
        lines = "\r\n".join((f"GET {path} HTTP/1.1", f"Host: {host}", *headers))
        return await self.ask(f"{lines}\r\n\r\n".encode())

    async def post(self, path: str, body: bytes, *headers: str) -> Heard:
        """Send a body; urlencoded unless the headers say otherwise."""
        typed = any(line.lower().startswith("content-type:") for line in headers)
        more = () if typed else ("Content-Type: application/x-www-form-urlencoded",)
        lines = "\r\n".join(
            (f"POST {path} HTTP/1.1", f"Host: {HOST}", f"Content-Length: {len(body)}", *more, *headers)
        )
        return await self.ask(f"{lines}\r\n\r\n".encode() + body)


@asynccontextmanager
async def serving(site: Site, vitals: Vitals, limits: Limits) -> AsyncIterator[Wire]:
    """Serve a site as `serve` does, on any free port."""
    async with started(build(site, vitals, limits)) as wire:
        yield wire


@asynccontextmanager
async def started(app: web.Application) -> AsyncIterator[Wire]:
    """Serve an application that a test has added to."""
    server = WebServer(app, host="127.0.0.1", port=0)
    await server.start()
    try:
        yield Wire(server.port)
    finally:
        await server.stop()
