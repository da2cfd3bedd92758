"""The alarm clock and the work it wakes.

APScheduler only rings: its jobs set an event, and our own supervised tasks do the work. The database is the
schedule; a sweep every half minute finds whatever a lost alarm or a moved clock would have missed.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.clock import Clock, machine_now
from notifier.clock_guard import ClockGuard, Leap
from notifier.db import Database, Rank
from notifier.delivery.engine import Engine
from notifier.durations import Durations
from notifier.events import mailings
from notifier.events.announce import Announced, announce
from notifier.events.digests import close_slots, next_closing
from notifier.events.expand import any_open, expand
from notifier.events.voice import Voice
from notifier.hold_kinds import HoldKind
from notifier.holds import Hold, any_ended, forget_ended, lift, put, standing
from notifier.procedures import change_store, due_store
from notifier.procedures.due import Rules
from notifier.rung import Rung
from notifier.sources.folder_watch import FolderWatch
from notifier.sweep_rest import SweepRest

LONGEST_ALARM_SECONDS = 86_400.0
"""An alarm further away than a day is set anew by the sweeps in between."""

SOONEST_ALARM_SECONDS = 0.05
"""An instant that has come a moment ago is asked again after this, not in a spin."""

ANNOUNCE_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds that one batch of announcements takes, of one date or of a thousand."""

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
        if self._scheduler.running:
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
        folders: FolderWatch,
        web_problems: Callable[[], Sequence[str]],
        sweep_seconds: float,
        engine: Engine,
        expander: "Expander",
        rest: SweepRest,
        housekeep: Callable[[], None],
        guard: ClockGuard,
    ) -> None:
        self._db = db
        self._clock = clock
        self._voice = voice
        self._folders = folders
        self._web_problems = web_problems
        self._engine = engine
        self._expander = expander
        self._rest = rest
        self._housekeep = housekeep
        self._guard = guard
        self._rung = asyncio.Event()
        self._stopping = False
        self._looked = asyncio.Event()
        self._alarms = AlarmClock(self.ring, sweep_seconds=sweep_seconds)
        self.sweep_seconds = sweep_seconds
        self.started_at = machine_now()
        self.source_problems: Sequence[str] = ()
        self.sources_unread_since: datetime | None = None
        self.holds: Sequence[Hold] = ()
        self.announcing = Durations(ANNOUNCE_BOUNDS)

    @property
    def swept_at(self) -> datetime | None:
        """When the last sweep ended well, with its rest. Machine time."""
        return self._rest.ended_at

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
            await self._wait_for_a_ring()
            if self._stopping:
                return
            self._rung.clear()
            try:
                await self.sweep()
            except (SQLAlchemyError, OSError):
                # A full disk or a locked file: the next sweep asks again, and health says that none ended.
                log.exception("sweep_failed")
            self._looked.set()

    async def _wait_for_a_ring(self) -> None:
        """Wait for an alarm; but no longer than a sweep's interval by a clock that nobody can set back."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * self.sweep_seconds):
                await self._rung.wait()

    async def looked(self) -> None:
        """Wait until the first sweep was made, well or badly."""
        await self._looked.wait()

    async def sweep(self) -> None:
        """Read what changed, announce what is due, set the next alarm; the rest is left to its own task."""
        await self._read_sources()
        self.holds = await self._look_at_holds()
        while (await self._announce()).more:
            pass
        self._expander.ring()
        await self._set_alarm()
        self._housekeep()
        self._rest.ring()

    async def _announce(self) -> Announced:
        """Announce a batch. Only one that said something is timed: most sweeps find nothing due."""
        begun = time.perf_counter()
        done = await announce(self._db, self._voice, now=self._clock.now(), ring=self._engine.announced)
        if done.events:
            self.announcing.add(time.perf_counter() - begun)
        return done

    async def _read_sources(self) -> None:
        """Take in what changed; whatever is wrong with a source, what is due is announced."""
        try:
            problems = await self._folders.look(self._clock.now())
        except (SQLAlchemyError, OSError) as error:
            log.exception("sources_not_read")
            self.source_problems = (f"a watched folder could not be taken in ({type(error).__name__})",)
            return
        self._note_problems([*problems, *self._web_problems()])

    async def _look_at_holds(self) -> Sequence[Hold]:
        """Put or lift the hold of a clock that leapt, and return every hold that stands."""
        leap = self._guard.look()
        async with self._db.read() as conn:
            found = tuple(await standing(conn, machine_now=machine_now()))
            news = leap is not None or await any_ended(conn, machine_now=machine_now())
        if news:
            async with self._db.write(Rank.ANNOUNCE) as conn:
                await _hold_the_clock(conn, leap)
                await forget_ended(conn, machine_now=machine_now())
                found = tuple(await standing(conn, machine_now=machine_now()))
        if leap is not None and not any(one.kind is HoldKind.CLOCK for one in found):
            self._guard.forget()  # a person said that the clock is right
        if found != self.holds:
            log.warning("holds_changed", extra={"holds": [one.kind for one in found]})
        return found

    def _note_problems(self, problems: Sequence[str]) -> None:
        for problem in problems:
            if problem not in self.source_problems:
                log.error("source_not_read", extra={"problem": problem})
        self.source_problems = problems
        if not problems:
            self.sources_unread_since = None
        elif self.sources_unread_since is None:
            self.sources_unread_since = self._clock.now()

    async def _set_alarm(self) -> None:
        instant = await next_instant(self._db, self._clock.now(), self._voice.rules)
        if instant is None or any(one.silences for one in self.holds):
            return  # while nothing is announced, the next sweep asks again
        # What is due by now and still here became due since the sweep asked, or an expansion is under way.
        self._alarms.wake_in(max(SOONEST_ALARM_SECONDS, self._clock.seconds_until(instant)))


async def _hold_the_clock(conn: AsyncConnection, leap: Leap | None) -> None:
    """Put or lift the hold of a clock that leapt."""
    if leap is not None and leap.believed:
        await lift(conn, HoldKind.CLOCK)
    elif leap is not None and leap.is_new:
        minutes = round(leap.lead.total_seconds() / 60)
        sentence = f"This machine's clock leapt ahead by {minutes} minutes."
        await put(conn, HoldKind.CLOCK, sentence, machine_now=machine_now())


class Expander(Rung):
    """The supervised task that fans mailings out and closes digests, beside the sweeps it never delays."""

    def __init__(self, db: Database, clock: Clock, rules: Rules, *, ready: Callable[[], None]) -> None:
        super().__init__()
        self._db = db
        self._clock = clock
        self._rules = rules
        self._ready = ready

    async def run(self) -> None:
        """Expand open chunks whenever rung, until `stop`."""
        while await self._is_rung():
            try:
                await self._expand_all()
            except SQLAlchemyError:
                log.exception("expansion_failed")

    async def _expand_all(self) -> None:
        open_still = await any_open(self._db, now=self._clock.now())  # mostly not: then nobody need wait
        while not self._stopping:
            if open_still and await self._expand_one():
                self._ready()
            else:
                open_still = await close_slots(self._db, self._rules, now=self._clock.now()) > 0
                if not open_still:
                    return  # a slot that closes with news has chunks of its own

    async def _expand_one(self) -> bool:
        return await expand(self._db, now=self._clock.now(), machine_now=machine_now()) is not None


async def next_instant(db: Database, now: datetime, rules: Rules) -> datetime | None:
    """Return when there is something to do next: a date, a change, a mail held back till then, a digest."""
    async with db.read() as conn:
        instants = (
            await due_store.next_attempt(conn),
            await change_store.next_settling(conn),
            await mailings.next_opening(conn, after=now),
            await next_closing(conn, rules, now=now),
        )
    return min((instant for instant in instants if instant is not None), default=None)
