"""Whether the database can be written to: found out by writing, since a full disk still reads well."""

import asyncio
import logging
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock
from notifier.db import Database, Rank
from notifier.schema import instance

PATIENCE_SECONDS = 5.0
"""How long a write may wait: announcing goes first, and takes milliseconds."""

log = logging.getLogger(__name__)


class WriteProbe:
    """Writes one row as it is. Remembers since when (calendar time) that fails."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._since: datetime | None = None

    async def failing_since(self) -> datetime | None:
        """Try, and return since when nothing can be written; None when it worked."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._db.write(Rank.WEB) as conn:
                # Not the sweep's row: on PostgreSQL a sweeper that finds it taken goes away again.
                await conn.execute(update(instance).values(last_now=instance.c.last_now))
        except (SQLAlchemyError, OSError, TimeoutError):
            log.exception("database_not_writable")
            self._since = self._since or self._clock.now()
        else:
            self._since = None
        return self._since
