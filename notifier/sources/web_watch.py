"""The supervised task that asks the sources of the web: at their pace, and before their dates speak."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock
from notifier.db import Database, Rank
from notifier.procedures import check_store, source_store, writing
from notifier.procedures.due import Rules
from notifier.procedures.source_store import KnownSource
from notifier.sources.web_reading import Reader, mark_unreadable, read_source
from notifier.sources.web_source import MOST_LEAD, Outlook, WebSource, is_blind, next_asking

AT_ONCE = 8
"""Sources asked at the same time; those of one host wait for each other anyway."""

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
                await asyncio.wait_for(self._rung.wait(), max(0.05, min(wait, LONGEST_WAIT_SECONDS)))

    async def look(self) -> float:
        """Ask every source whose time has come. Return the seconds until the next one's has."""
        plan = await self._plan()
        now = self._clock.now()
        due = [source for source, (at, _) in plan.items() if at <= now]
        if due:
            gate = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(self._ask(source, plan[source][1], gate) for source in due))
            self._learnt()
            return 0.0
        return min((self._clock.seconds_until(at) for at, _ in plan.values()), default=LONGEST_WAIT_SECONDS)

    async def next_at(self) -> datetime | None:
        """Return when a source is to be asked next; None where there is none."""
        plan = await self._plan()
        return min((at for at, _ in plan.values()), default=None)

    async def _plan(self) -> Mapping[WebSource, tuple[datetime, KnownSource | None]]:
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
        for source in self._sources:
            mine = known.get(source.key)
            if any(is_blind(source, mine, one, lead=lead, now=now) for one in outlook.waiting):
                await mark_unreadable(self._reader, source)
        return {
            source: (
                next_asking(source, known.get(source.key), outlook, lead=lead, rules=self._rules, now=now),
                known.get(source.key),
            )
            for source in self._sources
        }

    async def _ask(self, source: WebSource, known: KnownSource | None, gate: asyncio.Semaphore) -> None:
        async with gate:
            reading = await read_source(self._reader, source, known)
        if reading.problems:
            self._problems[source.name] = reading.problems
        else:
            self._problems.pop(source.name, None)


async def forget_the_unwatched(db: Database, sources: Sequence[WebSource]) -> None:
    """Let the procedures of sources that the settings name no more be nobody's: no check waits for them."""
    keys = [source.key for source in sources]
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await writing.disown(conn, keys)
        await source_store.forget_asking(conn, keys)
