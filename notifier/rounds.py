"""The rounds of each of many processes: what no bell was heard for is found in the tables.

They announce nothing. They return to the queue what dead processes were sending, and ring for work that has
been waiting: so a lost job costs seconds, and a dead process less than a minute.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock, machine_now
from notifier.db import Database
from notifier.delivery import backlog
from notifier.events import mailings
from notifier.rung import Rung

ROUND_SECONDS = 5.0
"""How often a round is made. With a lease of 45 s, what a dead process held is sent again within a minute."""

WAITED = timedelta(seconds=5)
"""Work that waits for so long was not heard of by its bell."""

log = logging.getLogger(__name__)


class Rounds(Rung):
    """The task that makes them."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        recover: Callable[[], Awaitable[None]],
        expand: Callable[[], None],
        send: Callable[[], None],
    ) -> None:
        super().__init__()
        self._db = db
        self._clock = clock
        self._recover = recover
        self._expand = expand
        self._send = send

    async def run(self) -> None:
        """Make a round every few seconds, until `stop`."""
        while not self._stopping:
            try:
                await self._look()
            except (SQLAlchemyError, OSError):
                log.exception("round_failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND_SECONDS):
                    await self._is_rung()

    async def _look(self) -> None:
        await self._recover()
        async with self._db.read() as conn:
            open_since = await mailings.next_opening(conn)
            ready_since = await backlog.ready_since(conn, machine_now())
        if open_since is not None and open_since <= self._clock.now() - WAITED:
            self._expand()
        if ready_since is not None and ready_since <= machine_now() - WAITED:
            self._send()
