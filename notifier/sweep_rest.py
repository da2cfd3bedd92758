"""The rest of a sweep: what waits its turn once everything due is announced.

It writes at the lower ranks, so during a mailing it stands at the gate for up to a second. That must not keep
the next due instant waiting: the watch only rings, and rings during the work become one.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock, machine_now
from notifier.rung import Rung

log = logging.getLogger(__name__)


class SweepRest(Rung):
    """The supervised task that ends sweeps, beside the watch that begins them.

    `recover` takes back what lost owners held, `write_to_staff` writes the letters that are due, `note_sweep`
    keeps that this instance swept. `swept` is told of each sweep that ended well.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        recover: Callable[[], Awaitable[None]],
        write_to_staff: Callable[[datetime], Awaitable[None]],
        note_sweep: Callable[[], Awaitable[None]],
        swept: Callable[[], None],
    ) -> None:
        super().__init__()
        self._clock = clock
        self._recover = recover
        self._write_to_staff = write_to_staff
        self._note_sweep = note_sweep
        self._swept = swept
        self.ended_at: datetime | None = None
        """When the last sweep ended well. Machine time."""

    async def run(self) -> None:
        """End a sweep whenever rung, until `stop`."""
        while await self._is_rung():
            try:
                await self._end_sweep()
            except (SQLAlchemyError, OSError):
                # A full disk or a locked file: the next sweep rings again, and health says that none ended.
                log.exception("sweep_failed")

    async def _end_sweep(self) -> None:
        await self._recover()
        await self._write_to_staff(self._clock.now())
        await self._note_sweep()
        self.ended_at = machine_now()
        self._swept()
