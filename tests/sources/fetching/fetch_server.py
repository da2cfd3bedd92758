"""A web server of our own at 127.0.0.1 and 127.0.0.2; it answers as told and remembers who asked."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from aiohttp import web
from multidict import CIMultiDictProxy

from notifier.sources.fetching.fetcher import Asking, Fetcher, FetchError, Limits, user_agent

AGENT = user_agent(version="1.0", public_url="https://alerts.example.org", contact="help@example.org")
HOME = (ip_network("127.0.0.0/8"),)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """What is at which path, and what was asked."""

    port: int = 0
    answers: dict[str, Handler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[CIMultiDictProxy[str]] = field(default_factory=list)
    began: list[float] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str = "/", **answer: Any) -> str:
        """Put an answer at `path` and return its address."""

        async def answering(_: web.Request) -> web.StreamResponse:
            return web.Response(**({"text": "a page"} | answer))

        self.answers[path] = answering
        return self.url(path)

    def moved(self, path: str, location: str, status: int = 302) -> str:
        return self.page(path, text="", status=status, headers={"Location": location})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        self.headers.append(request.headers)
        self.began.append(time.monotonic())
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self.answers[request.path](request)
        finally:
            self._at_once -= 1


def resolving(*addresses: str) -> Callable[..., list[tuple[object, ...]]]:
    """Stand in for `socket.getaddrinfo`: every name has these addresses."""

    def resolve(_: object, port: int, *__: object, **___: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    site = Site()
    runner = web.ServerRunner(web.Server(site.answer), shutdown_timeout=0.1)
    await runner.setup()
    first = web.TCPSite(runner, "127.0.0.1", 0)
    await first.start()
    site.port = runner.addresses[0][1]
    await web.TCPSite(runner, "127.0.0.2", site.port).start()
    try:
        yield site
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw(answer: bytes, *, hang: bool = False, **options: Any) -> AsyncIterator[str]:
    """Serve the very bytes of one answer, and then hang up, or hang; yield the address."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            if hang:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went first
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, **options)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"


def fetching(**limits: Any) -> Fetcher:
    """A fetcher without rests that may ask this machine."""
    usual: dict[str, Any] = {"seconds_between": 0, "timeout_seconds": 10, "allowed": HOME}
    return Fetcher(Limits(**(usual | limits)), user_agent=AGENT)


async def failure(url: str, **limits: Any) -> FetchError:
    """Ask for what cannot be had, and return why."""
    async with fetching(**limits) as fetcher:
        try:
            answer = await fetcher.get(Asking(url=url))
        except FetchError as error:
            return error
    raise AssertionError(answer)
