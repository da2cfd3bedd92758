"""A database that says when it was written to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank, sqlite_url


class StirringDatabase(Database):
    """Says when something was written: whoever waits for a table to change need not ask it all the time."""

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite_url(path))
        self.stirred = asyncio.Event()

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open a transaction, and say afterwards that there was one."""
        async with super().write(rank, one_state=one_state) as conn:
            yield conn
        self.stirred.set()
