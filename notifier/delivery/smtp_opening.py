"""Opening connections, each in a task of its own."""

import asyncio
from collections.abc import Callable
from typing import cast

from notifier.delivery.smtp_connection import Connection
from notifier.delivery.smtp_server import SmtpServer, tls_of
from notifier.delivery.smtp_trouble import Lost, Refused, Trouble


class Opening:
    """The connections that are being opened; len() counts them.

    Each comes to `opened`, with whether it was asked for as a `plain` one, or to `refused`, and is no longer
    counted by then. `over` hears of the end of its task, and of a mistake of our own that ended it.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        opened: Callable[[Connection, bool], None],
        refused: Callable[[Trouble], None],
        over: Callable[[asyncio.Task[None], BaseException | None], None],
    ) -> None:
        self._server = server
        # Made once: reading the machine's certificates for each connection would cost more than the letter.
        self._tls = tls_of(server)
        self._opened = opened
        self._refused = refused
        self._over = over
        self._tasks: set[asyncio.Task[None]] = set()
        self.plain = False
        """Whether one of them is for what cannot be pipelined."""

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, *, plain: bool = False) -> asyncio.Task[None]:
        """Begin to open one more."""
        self.plain = self.plain or plain
        task = asyncio.get_running_loop().create_task(self._open(plain=plain))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel(self) -> None:
        """Give all of them up."""
        for task in tuple(self._tasks):
            task.cancel()

    async def _open(self, *, plain: bool) -> None:
        try:
            found: Connection | Trouble = await Connection.open(self._server, tls=self._tls)
        except (Refused, Lost) as trouble:
            found = trouble
        self._tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        self.plain = self.plain and not plain
        if isinstance(found, Trouble):
            self._refused(found)
        else:
            self._opened(found, plain)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)  # one that was cancelled
        self._over(task, None if task.cancelled() else task.exception())
