"""The alarm clock and the work it wakes.

APScheduler only rings: its jobs set an event, and our own supervised tasks do the work. The database is the
schedule; a sweep every half minute finds whatever a lost alarm or a moved clock would have missed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock, machine_now
from notifier.db import Database
from notifier.events import mailings
from notifier.events.announce import Voice, announce
from notifier.events.ending import end_followings
from notifier.events.expand import expand
from notifier.procedures import change_store, due_store
from notifier.sources.sync import Intake, sync_folder
from notifier.subscriptions.retention import forget

LONGEST_ALARM_SECONDS = 86_400.0
"""An alarm further away than a day is set anew by the sweeps in between."""

log = logging.getLogger(__name__)


class AlarmClock:
    """Rings `ring` at the next due instant and at every sweep interval. Machine time."""

    def __init__(self, ring: Callable[[], None], *, sweep_seconds: float) -> None:
        self._ring = ring
        # The library's defaults drop a late one-off job and delete it (grace of one second).
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_job(self._sound, "interval", seconds=sweep_seconds, id="sweep")

    def start(self) -> None:
        """Begin to ring."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more."""
        self._scheduler.shutdown(wait=False)

    def wake_in(self, seconds: float) -> None:
        """Set the one alarm for the next due instant."""
        at = machine_now() + timedelta(seconds=max(0.0, min(seconds, LONGEST_ALARM_SECONDS)))
        self._scheduler.add_job(self._sound, "date", run_date=at, id="wake", replace_existing=True)

    async def _sound(self) -> None:
        self._ring()  # a coroutine, so that it runs on the loop and not in the library's thread pool


class Watch:
    """The supervised task that watches the dates: sweeps when rung, and sets the next alarm."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        voice: Voice,
        intake: Intake,
        folder: Path,
        sweep_seconds: float,
        expander: "Expander",
        recover: Callable[[], Awaitable[None]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._voice = voice
        self._intake = intake
        self._folder = folder
        self._expander = expander
        self._recover = recover
        self._rung = asyncio.Event()
        self._stopping = False
        self._looked = asyncio.Event()
        self._housekept: date | None = None
        self._alarms = AlarmClock(self.ring, sweep_seconds=sweep_seconds)
        self.sweep_seconds = sweep_seconds
        self.started_at = machine_now()
        self.swept_at: datetime | None = None
        self.source_problems: Sequence[str] = ()

    def ring(self) -> None:
        """Ask for a sweep now."""
        self._rung.set()

    def stop(self) -> None:
        """Let `run` finish the sweep under way and return."""
        self._stopping = True
        self._alarms.stop()
        self._rung.set()

    async def run(self) -> None:
        """Sweep whenever rung, until `stop`."""
        self._alarms.start()
        self.ring()
        while True:
            await self._rung.wait()
            if self._stopping:
                return
            self._rung.clear()
            try:
                await self.sweep()
            except (SQLAlchemyError, OSError):
                # A full disk or a locked file: the next sweep asks again, and health says that none ended.
                log.exception("sweep_failed")
            self._looked.set()

    async def looked(self) -> None:
        """Wait until the first sweep was made, well or badly."""
        await self._looked.wait()

    async def sweep(self) -> None:
        """Read the sources that changed, announce what is due, and set the next alarm."""
        reading = await sync_folder(self._db, self._folder, intake=self._intake, now=self._clock.now())
        self._note_problems(reading.problems)
        while (await announce(self._db, self._voice, now=self._clock.now())).more:
            pass
        self._expander.ring()
        await self._housekeep(self._clock.now())
        await self._recover()
        await self._set_alarm()
        self.swept_at = machine_now()

    def _note_problems(self, problems: Sequence[str]) -> None:
        for problem in problems:
            if problem not in self.source_problems:
                log.error("source_not_read", extra={"problem": problem})
        self.source_problems = problems

    async def _housekeep(self, now: datetime) -> None:
        """Keep the lifetimes promised to people, once a day."""
        today = self._voice.rules.local_date(now)
        if self._housekept == today:
            return
        await forget(self._db, now=now)
        await end_followings(self._db, now=now)
        self._housekept = today

    async def _set_alarm(self) -> None:
        instant = await next_instant(self._db)
        if instant is not None:
            self._alarms.wake_in(self._clock.seconds_until(instant))


class Expander:
    """The supervised task that fans mailings out, beside the sweeps, so that it never delays one."""

    def __init__(self, db: Database, clock: Clock, *, ready: Callable[[], None]) -> None:
        self._db = db
        self._clock = clock
        self._ready = ready
        self._rung = asyncio.Event()
        self._stopping = False

    def ring(self) -> None:
        """Say that there may be an open chunk."""
        self._rung.set()

    def stop(self) -> None:
        """Let `run` finish its chunk and return."""
        self._stopping = True
        self._rung.set()

    async def run(self) -> None:
        """Expand open chunks whenever rung, until `stop`."""
        while True:
            await self._rung.wait()
            if self._stopping:
                return
            self._rung.clear()
            try:
                await self._expand_all()
            except SQLAlchemyError:
                log.exception("expansion_failed")

    async def _expand_all(self) -> None:
        while not self._stopping:
            count = await expand(self._db, now=self._clock.now(), machine_now=machine_now())
            if count is None:
                return
            log.info("expanded", extra={"deliveries": count})
            self._ready()


async def next_instant(db: Database) -> datetime | None:
    """Return the earliest instant at which there is something to do: a date, a change, a mail held back."""
    async with db.read() as conn:
        instants = (
            await due_store.next_attempt(conn),
            await change_store.next_settling(conn),
            await mailings.next_opening(conn),
        )
    return min((instant for instant in instants if instant is not None), default=None)
