"""What the database says for the metrics: read when somebody scrapes, and never more often than is cheap."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock, machine_now
from notifier.db import Database
from notifier.delivery import backlog, owners
from notifier.delivery.backlog import Queued
from notifier.procedures import due_store
from notifier.web.health_reading import PATIENCE_SECONDS
from notifier.web.remembered import Remembered

QUEUE_KEPT_SECONDS = 10.0
"""How long the counted queue is kept: a million of them take 80 ms of CPU in a reading thread."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the database says. `due_lag`: for how long the oldest date that is due has been silent.

    `queue_at` is the machine instant at which the queue was counted.
    """

    due_lag: timedelta
    owners_alive: int
    queue: Sequence[Queued]
    queue_at: datetime


class MetricsReader:
    """Reads the facts. One per application, because it remembers what is costly to count."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._queue = Remembered(self._ask_queue, seconds=QUEUE_KEPT_SECONDS)

    async def read(self) -> Facts | None:
        """Return what the database says; None when it does not answer."""
        now = self._clock.now()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                queue_at, queue = await self._queue.get()
                async with self._db.read() as conn:
                    since = await due_store.oldest_unannounced(conn, now)
                    alive = await owners.alive(conn, machine_now=machine_now())
        except (SQLAlchemyError, OSError, TimeoutError):
            log.exception("database_does_not_answer")
            return None
        lag = max(timedelta(0), now - since) if since is not None else timedelta(0)
        return Facts(due_lag=lag, owners_alive=alive, queue=queue, queue_at=queue_at)

    async def _ask_queue(self) -> tuple[datetime, Sequence[Queued]]:
        now = machine_now()
        async with self._db.read() as conn:
            return now, await backlog.queued(conn, now)
