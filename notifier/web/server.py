"""The web server: an application behind doors with limits."""

import asyncio
from functools import partial

from aiohttp import web

from notifier.web.connection import Connection, Doors
from notifier.web.keys import LIMITS, REPEATED, SITE
from notifier.web.security import security_headers

STOP_SECONDS = 3.0
"""How long a stop waits for answers under way; pages take milliseconds."""

BACKLOG = 128
"""Connections that the system holds until they are let in."""


class WebServer:
    """Serves one application on one address."""

    def __init__(self, app: web.Application, *, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        port: int = self._runner.addresses[0][1]
        return port

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address is in use, or none of this machine's.
        """
        await self._runner.setup()
        site = self._app[SITE]
        doors = Doors(
            limits=self._app[LIMITS],
            headers=security_headers(site.service, replay=site.replay),
            repeated=self._app.get(REPEATED),
        )
        await _Entrance(self._runner, doors, self._host, self._port).start()

    async def stop(self) -> None:
        """Let nobody in, finish what is under way, and close. Doing it twice is doing it once."""
        await self._runner.cleanup()


class _Entrance(web.BaseSite):
    """What `web.TCPSite` is, with our own connections."""

    __slots__ = ("_doors", "_host", "_port")

    def __init__(self, runner: web.AppRunner, doors: Doors, host: str, port: int) -> None:
        super().__init__(runner, backlog=BACKLOG)
        self._doors = doors
        self._host = host
        self._port = port

    @property
    def name(self) -> str:
        """Return the address, as aiohttp's own messages name it."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen."""
        await super().start()
        loop, server = asyncio.get_running_loop(), self._runner.server
        if server is None:
            raise RuntimeError("the runner has been cleaned up")
        made = partial(Connection, server, self._doors, loop)
        self._server = await loop.create_server(made, self._host, self._port, backlog=self._backlog)
