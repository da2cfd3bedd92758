"""Letting calendar time pass for a service that watches sources over the web.

The replay of the demo leaps from one instant that the database knows to the next. A watched source has a plan
of its own, when it is to be asked again; here the clock stops at each of those instants too, so that nothing
is asked earlier or later than production would ask it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.demo.replay import is_quiet
from notifier.scheduling import next_instant
from notifier.sources.web_source import MOST_LEAD

GLANCE_SECONDS = 0.005
"""How often is asked whether all is quiet."""

PATIENCE_SECONDS = 30.0
"""A service that is not quiet for so long of real time never will be."""


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that happens in the world outside at an instant."""

    at: datetime
    act: Callable[[], None]


class Living:
    """Lets a service live from its clock's present to `until`, with what happens on the way."""

    def __init__(
        self, notifier: Notifier, clock: ReplayClock, happenings: Sequence[Happening], *, until: datetime
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._happenings = sorted(happenings, key=lambda one: one.at)
        self._until = until

    async def live(self) -> None:
        """Live to the end, and have done by then all that was to do."""
        await self._quiet()
        while (moment := await self._next_moment()) < self._until:
            self._clock.leap(moment)
            self._happen()
            await self._quiet()
        self._clock.leap(self._until)
        await self._quiet()

    def _happen(self) -> None:
        while self._happenings and self._happenings[0].at <= self._clock.now():
            self._happenings.pop(0).act()

    async def _next_moment(self) -> datetime:
        now = self._clock.now()
        speaks = await next_instant(self._notifier.db, now, self._notifier.rules)
        if speaks is not None and speaks - MOST_LEAD > now:
            speaks -= MOST_LEAD  # the plan of what is asked before a date is made no earlier than this
        moments = (
            speaks,
            await self._notifier.web_watch.next_at(),
            self._happenings[0].at if self._happenings else None,
        )
        return min((one for one in moments if one is not None), default=self._until)

    async def _quiet(self) -> None:
        """Wait until there is nothing to ask and nothing to do at this instant: each may bring the other."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                await self._asked()
                await self._swept()
                if await self._nobody_to_ask() and await is_quiet(self._notifier, self._clock.now()):
                    return

    async def _asked(self) -> None:
        self._notifier.web_watch.ring()
        while not await self._nobody_to_ask():  # noqa: ASYNC110 - a plan tells nobody
            await asyncio.sleep(GLANCE_SECONDS)

    async def _nobody_to_ask(self) -> bool:
        next_at = await self._notifier.web_watch.next_at()
        return next_at is None or next_at > self._clock.now()

    async def _swept(self) -> None:
        swept = self._notifier.watch.swept_at
        self._notifier.watch.ring()
        while self._notifier.watch.swept_at == swept or not await is_quiet(self._notifier, self._clock.now()):
            await asyncio.sleep(GLANCE_SECONDS)
            self._notifier.watch.ring()
