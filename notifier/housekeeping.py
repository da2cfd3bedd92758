"""The supervised task that keeps the promised lifetimes, once a day, beside the sweeps it never delays.

After months without it, or a very large mailing, there can be millions of rows to end. Each transaction is
short and goes last (`Rank.HOUSEKEEPING`), so that whatever is due meanwhile is announced and sent.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import date, datetime

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock
from notifier.procedures.due import Rules
from notifier.rung import Rung

log = logging.getLogger(__name__)


class Housekeeper(Rung):
    """Does the day's `work` at the first ring of each civil day; what fails is tried at the next ring."""

    def __init__(self, clock: Clock, rules: Rules, *, work: Callable[[datetime], Awaitable[None]]) -> None:
        super().__init__()
        self._clock = clock
        self._rules = rules
        self._work = work
        self._working: asyncio.Future[None] | None = None
        self._kept: date | None = None

    def stop(self) -> None:
        """Let `run` return at once: what is left half way is taken up on the next start."""
        super().stop()
        if self._working is not None:
            self._working.cancel()

    async def run(self) -> None:
        """Keep house when rung, until `stop`."""
        while await self._is_rung():
            now = self._clock.now()
            today = self._rules.local_date(now)
            if self._kept == today:
                continue
            self._working = asyncio.ensure_future(self._work(now))
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    await self._working
                    self._kept = today
            except (SQLAlchemyError, OSError):
                log.exception("housekeeping_failed")
