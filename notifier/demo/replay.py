"""Driving the replayed clock: real speed around everything that happens, leaps over the rest.

The clock leaps only when nothing is due, expanding, pending or sending, so the replay shows the service at
its own speed and can lose nothing that production would not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.delivery import outbox
from notifier.demo.script import Step
from notifier.events import mailings
from notifier.events.digests import next_closing
from notifier.procedures import change_store, due_store
from notifier.scheduling import next_instant

LEAD = timedelta(seconds=0.4)
"""How long before a moment the clock lands, so that one sees the alarm itself wake the service."""

BEAT_SECONDS = 1.8
"""How long a moment is left on the screen."""

GLANCE_SECONDS = 0.02
"""How often the database is asked whether all is quiet."""

Shown = Callable[[], Awaitable[None]]


class Replay:
    """Plays a service from its clock's present to `until`, with the coordinator's steps on the way."""

    def __init__(
        self,
        notifier: Notifier,
        clock: ReplayClock,
        steps: Sequence[Step],
        *,
        folder: Path,
        until: datetime,
        shown: Shown,
        beat_seconds: float = BEAT_SECONDS,
        lead: timedelta = LEAD,
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._steps = [step for step in steps if step.at > clock.now()]
        self._folder = folder
        self._until = until
        self._shown = shown
        self._beat = beat_seconds
        self._lead = lead

    async def run(self) -> None:
        """Play to the end."""
        while True:
            await self._quiet()
            await self._shown()
            moment = await self._next_moment()
            self._clock.leap(min(moment, self._until) - self._lead)
            if moment >= self._until:
                return
            self._notifier.watch.ring()  # sets the alarm anew for the time after the leap
            await asyncio.sleep(max(0.0, self._clock.seconds_until(moment)))
            self._act()
            await self._quiet()
            await self._shown()
            await asyncio.sleep(self._beat)

    async def _next_moment(self) -> datetime:
        due = await next_instant(self._notifier.db, self._clock.now(), self._notifier.rules)
        moments = [step.at for step in self._steps[:1]] + [self._until] + ([due] if due else [])
        return min(moments)

    def _act(self) -> None:
        """Let the coordinator save what is due to be saved."""
        while self._steps and self._steps[0].at <= self._clock.now():
            self._steps.pop(0).write(self._folder)
            self._notifier.watch.ring()

    async def _quiet(self) -> None:
        """Wait until the service has nothing left to do at this instant."""
        swept = self._notifier.watch.swept_at
        self._notifier.watch.ring()
        while True:
            await asyncio.sleep(GLANCE_SECONDS)
            looked = self._notifier.watch.swept_at != swept
            if looked and await is_quiet(self._notifier, self._clock.now()):
                return


async def is_quiet(notifier: Notifier, now: datetime) -> bool:
    """Whether nothing is due, settled, expanding, to be put into a digest, pending or sending at `now`."""
    async with notifier.db.read() as conn:
        instants = (
            await due_store.next_attempt(conn),
            await change_store.next_settling(conn),
            await mailings.next_opening(conn),
            await next_closing(conn, notifier.rules, now=now),
        )
        if any(instant is not None and instant <= now for instant in instants):
            return False
        return await outbox.waiting(conn) == 0
