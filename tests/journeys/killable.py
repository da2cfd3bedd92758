"""The service in a process of its own, which kills itself at a chosen commit (SIGKILL: no goodbye)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.db import Database, Rank, sqlite_url
from tests.journeys.house import settings_for, utc


class MortalDatabase(Database):
    """Dies at its n-th commit."""

    def __init__(self, path: Path, *, dies_at: int, side: str) -> None:
        super().__init__(sqlite_url(path))
        self.commits = 0
        self._dies_at = dies_at
        self._side = side

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        """Count a commit, and die on its chosen side."""
        async with super().write(rank, one_state=one_state) as conn:
            yield conn
            if self._side == "before":
                self._count()
        if self._side == "after":
            self._count()

    def _count(self) -> None:
        self.commits += 1
        if self.commits == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def serve(
    say: Callable[[int], None], home: Path, smtp_port: int, start: str, dies_at: int, side: str
) -> None:
    """Serve until SIGTERM and say how many commits there were, or die at one of them.

    `dies_at` counts from 1, 0 is never; `side` is "before" (all that the transaction wrote is lost) or
    "after" (it is written, and nothing that follows happens).
    """
    say(asyncio.run(_serve(home, smtp_port, start, dies_at, side)))


async def _serve(home: Path, smtp_port: int, start: str, dies_at: int, side: str) -> int:
    settings = settings_for(home, web_port=0, smtp_port=smtp_port)
    db = MortalDatabase(settings.database.path, dies_at=dies_at, side=side)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    notifier = Notifier(settings, clock=ReplayClock(utc(start)), db=db)
    await notifier.start()
    await notifier.run(stop)
    return db.commits
