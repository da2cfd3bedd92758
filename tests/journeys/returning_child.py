"""The command `notifier` in a process whose clock is behind, or that kills itself at a chosen commit.

Called as a module: HOURS_AGO COMMIT SIDE WORDS… COMMIT counts from 1, 0 is never; SIDE is "before" (all that
the transaction wrote is lost) or "after" (it is written, and nothing that follows happens).
"""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import db
from notifier.cli.main import app


class MortalDatabase(db.Database):
    """Dies at its n-th commit."""

    commits = 0
    dies_at = 0
    side = "after"

    @asynccontextmanager
    async def write(self, rank: db.Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        """Count a commit, and die on its chosen side."""
        async with super().write(rank, one_state=one_state) as conn:
            yield conn
            if self.side == "before":
                self._count()
        if self.side == "after":
            self._count()

    def _count(self) -> None:
        self.commits += 1
        if self.commits == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    hours_ago, dies_at, side, *words = sys.argv[1:]
    MortalDatabase.dies_at, MortalDatabase.side = int(dies_at), side
    db.Database = MortalDatabase  # type: ignore[misc] - what the command opens
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=int(hours_ago)), tick=True):
        app(words)
