"""The supervised task that empties a Maildir while the service runs, so that nothing has to be called.

Never in the way of a sweep: the sweep rings, a task of its own reads.
"""

import logging
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from notifier.bounces.ingest import Intake, take_in
from notifier.bounces.maildir import empty
from notifier.clock import Clock, machine_now
from notifier.db import Database
from notifier.rung import Rung

log = logging.getLogger(__name__)


class MaildirWatch(Rung):
    """Empties `path` whenever rung."""

    def __init__(self, db: Database, path: Path, intake: Intake, *, clock: Clock) -> None:
        super().__init__()
        self._db = db
        self._path = path
        self._intake = intake
        self._clock = clock
        self.unread_since: datetime | None = None
        """Since when (calendar time) the Maildir, or a message in it, cannot be taken in."""

    async def run(self) -> None:
        """Empty the Maildir until `stop`."""
        while await self._is_rung():
            if await self._is_emptied():
                self.unread_since = None
            elif self.unread_since is None:
                self.unread_since = self._clock.now()

    async def _is_emptied(self) -> bool:
        """Read what is new. What cannot be taken in lies where it lay, to be read at the next sweep."""
        try:
            return await empty(self._path, self._take_in) == 0
        except (SQLAlchemyError, OSError):
            log.exception("maildir_not_read")
            return False

    async def _take_in(self, raw: bytes) -> None:
        now = self._clock.now()
        await take_in(self._db, raw, self._intake, now=now, machine_now=machine_now())
