"""The supervised task that asks the sources of the web: at their pace, and before their dates speak."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock, machine_now
from notifier.db import Database, Rank
from notifier.hold_kinds import HoldKind
from notifier.holds import standing
from notifier.procedures import change_store, check_store, source_store, writing
from notifier.procedures.due import Rules
from notifier.sources.web_reading import Reader, mark_unreadable, note_failed, read_source
from notifier.sources.web_source import MOST_LEAD, Outlook, Planned, WebSource, plan_of

AT_ONCE = 8
"""Sources asked before the plan is looked at again."""

OF_ONE_HOST = 3
"""How many of them are on one host, where they wait for each other."""

LONGEST_WAIT_SECONDS = 30.0
"""How often the plan is looked at again when nothing rings: a date may have been stored meanwhile."""

log = logging.getLogger(__name__)


class WebWatch:
    """Asks each source when its time has come, and rings when something was learnt."""

    def __init__(
        self,
        reader: Reader,
        sources: Sequence[WebSource],
        *,
        clock: Clock,
        rules: Rules,
        seconds_between: float,
        learnt: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._sources = sources
        self._clock = clock
        self._rules = rules
        self._seconds_between = seconds_between
        self._learnt = learnt
        self._rung = asyncio.Event()
        self._stopping = asyncio.Event()
        self._problems: dict[str, Sequence[str]] = {}

    @property
    def problems(self) -> Sequence[str]:
        """What was wrong when each source was last asked."""
        return [problem for name in sorted(self._problems) for problem in self._problems[name]]

    def ring(self) -> None:
        """Look at the plan now."""
        self._rung.set()

    def stop(self) -> None:
        """Let `run` return; what is being asked is given up, and asked again after the next start."""
        self._stopping.set()
        self._rung.set()

    async def run(self) -> None:
        """Ask, until `stop`."""
        asking = asyncio.create_task(self._run())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking
            await self._reader.fetcher.close()

    async def _run(self) -> None:
        # Not "while True": Python 3.11's `wait_for` loses a cancellation that comes together with its result.
        while not self._stopping.is_set():
            self._rung.clear()
            wait = LONGEST_WAIT_SECONDS
            try:
                wait = await self.look()
            except (SQLAlchemyError, OSError):
                log.exception("web_watch_failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.05, min(wait, LONGEST_WAIT_SECONDS))):
                    await self._rung.wait()

    async def look(self) -> float:
        """Ask the sources whose time has come. Return the seconds until the next one's has."""
        if await self._clock_is_doubted():
            return LONGEST_WAIT_SECONDS  # what is read at a false time would pass for newer than the truth
        plan = await self._plan()
        now = self._clock.now()
        for one in plan:
            if one.blind:
                await mark_unreadable(self._reader, one.source)
        due = sorted((one for one in plan if one.at <= now), key=lambda one: (not one.urgent, one.at))
        if due:
            await asyncio.gather(*(self._ask(one) for one in _a_few_of_each_host(due)))
            self._learnt()
            return 0.0
        return min((self._clock.seconds_until(one.at) for one in plan), default=LONGEST_WAIT_SECONDS)

    async def next_at(self) -> datetime | None:
        """Return when a source is to be asked next; None where there is none."""
        return min((one.at for one in await self._plan()), default=None)

    async def _clock_is_doubted(self) -> bool:
        async with self._reader.db.read() as conn:
            return any(one.kind is HoldKind.CLOCK for one in await standing(conn, machine_now=machine_now()))

    async def _plan(self) -> Sequence[Planned]:
        now = self._clock.now()
        async with self._reader.db.read() as conn:
            known = await source_store.known(conn)
            outlook = Outlook(
                waiting=await check_store.waiting(conn, until=now + 2 * MOST_LEAD),
                unsettled=await check_store.unsettled(conn),
                expected_today=frozenset(
                    await check_store.unseen_publications(conn, today=self._rules.local_date(now))
                ),
            )
        lead = outlook.lead(self._seconds_between)
        return [
            plan_of(one, known.get(one.key), outlook, lead=lead, rules=self._rules, now=now)
            for one in self._sources
        ]

    async def _ask(self, one: Planned) -> None:
        """Ask one source; whatever goes wrong with it is its own failure, and silences no other."""
        try:
            reading = await read_source(self._reader, one.source, one.known)
        except Exception as error:
            log.exception("source_not_taken_in", extra={"source": one.source.name})
            problem = f"{one.source.url}: could not be taken in ({type(error).__name__})"
            reading = await note_failed(self._reader, one.source, one.known, problem)
        if reading.problems:
            self._problems[one.source.name] = reading.problems
        else:
            self._problems.pop(one.source.name, None)


def _a_few_of_each_host(due: Sequence[Planned]) -> Sequence[Planned]:
    """Take at most so many at a time that a slow host, which is asked one by one, keeps nobody waiting."""
    taken: Counter[str] = Counter()
    chosen: list[Planned] = []
    for one in due:
        host = urlsplit(one.source.url).netloc
        taken[host] += 1
        if taken[host] <= OF_ONE_HOST:
            chosen.append(one)
    return chosen[:AT_ONCE]


async def forget_the_unwatched(db: Database, sources: Sequence[WebSource]) -> None:
    """Let the procedures of sources that the settings name no more be nobody's: no check waits for them."""
    keys = [source.key for source in sources]
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await change_store.settle_the_unwatched(conn, keys)
        await writing.disown(conn, keys)
        await source_store.forget_asking(conn, keys)
